from django.urls import path

from wiki import glossary, views

site_urlpatterns: list = [
    path("glossary/", glossary.glossary, name="glossary"),
    path("wiki-compare/", views.compare_monographs, name="wiki_compare"),
]
plain_urlpatterns: list = []
