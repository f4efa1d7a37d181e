site_urlpatterns: list = []
plain_urlpatterns: list = []
