from django.apps import AppConfig

SHORT_LINKS = [f"academy.{verb}_shortlink" for verb in ("view", "add", "change", "delete")]


class AcademyConfig(AppConfig):
    name = "academy"
    role_permissions = {
        "Trainers": ["simple_translation.submit_translation", *SHORT_LINKS],
        "Coordinators": [
            "academy.view_user",
            "academy.add_user",
            "academy.change_user",
            "academy.view_message",
            "simple_translation.submit_translation",
            *SHORT_LINKS,
        ],
    }

    def ready(self) -> None:
        from academy import (  # what they patch exists only once the apps are loaded
            cms_account,
            cms_csp,
            dates,
            lookups,
            pagecache,
            remembered,
            typography,
        )
        from academy.links import table  # and the tables of links
        from academy.search import install as search  # and what it makes findable

        cms_csp.install()
        cms_account.install()
        dates.install()
        typography.install()
        lookups.install()
        pagecache.install()
        search.install(self)
        table.install()
        remembered.install()  # last: what the others write on the same signal is written when it forgets
