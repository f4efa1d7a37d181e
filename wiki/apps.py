from django.apps import AppConfig


class WikiConfig(AppConfig):
    name = "wiki"
    role_permissions = {
        "Trainers": ["wiki.view_importsource"],
        "Coordinators": ["wiki.view_importsource"],
    }
