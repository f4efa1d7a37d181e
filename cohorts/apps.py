from django.apps import AppConfig


class CohortsConfig(AppConfig):
    name = "cohorts"
    role_permissions: dict[str, list[str]] = {}
