"""Addresses of learning that are not pages of the tree."""

from django.urls import path

from courses import views

site_urlpatterns: list = []
plain_urlpatterns: list = [
    path("verify/<str:reference>/", views.verify, name="courses_verify"),
]
