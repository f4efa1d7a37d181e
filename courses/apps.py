from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"
    role_permissions: dict[str, list[str]] = {}
