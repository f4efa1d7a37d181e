from django.urls import path

from wiki import views

site_urlpatterns: list = [path("search/", views.search, name="search")]
plain_urlpatterns: list = []
