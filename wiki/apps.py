from django.apps import AppConfig


class WikiConfig(AppConfig):
    name = "wiki"
    role_permissions: dict[str, list[str]] = {}
