from django.urls import path

from wiki import asking, glossary, views

site_urlpatterns: list = [
    path("glossary/", glossary.glossary, name="glossary"),
    path("wiki-compare/", views.compare_monographs, name="wiki_compare"),
    path("questions/", asking.questions, name="questions"),
    path("questions/ask/", asking.question_ask, name="question_ask"),
    path("questions/<uuid:pk>/", asking.question, name="question"),
]
plain_urlpatterns: list = []
