from django.apps import AppConfig


class AcademyConfig(AppConfig):
    name = "academy"
    role_permissions = {
        "Coordinators": ["academy.view_user", "academy.add_user", "academy.change_user", "academy.view_message"],
    }

    def ready(self) -> None:
        from academy import lookups, pagecache

        lookups.install()
        pagecache.install()
