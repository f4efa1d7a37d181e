from django.urls import path, re_path

from academy.links import short
from wiki import asking, glossary, take_away, views

site_urlpatterns: list = [
    path("glossary/", glossary.glossary, name="glossary"),
    path("wiki-export/<int:page_id>.md", take_away.page_markdown, name="wiki_page_markdown"),
    path("wiki-export/<int:page_id>.pdf", take_away.page_pdf, name="wiki_page_pdf"),
    path("wiki-export/<int:page_id>.zip", take_away.section_zip, name="wiki_section_zip"),
    path("wiki-read/<int:page_id>/", views.confirm_read, name="wiki_confirm_read"),
    path("wiki-compare/", views.compare_monographs, name="wiki_compare"),
    path("questions/", asking.questions, name="questions"),
    path("questions/ask/", asking.question_ask, name="question_ask"),
    path("questions/<uuid:pk>/", asking.question, name="question"),
]
plain_urlpatterns: list = [
    re_path(r"^go/(?P<slug>[A-Za-z0-9-]{1,50})/?$", short.go, name="short_link"),
    path("go/page/<int:number>", short.page_door, name="page_door"),
]
