from django.apps import AppConfig

GLOSSARY = [f"wiki.{verb}_glossaryterm" for verb in ("add", "change", "delete", "view")]


class WikiConfig(AppConfig):
    name = "wiki"
    role_permissions = {
        "Trainers": ["wiki.view_importsource", "wiki.view_question", *GLOSSARY],
        "Coordinators": ["wiki.view_importsource", "wiki.view_question", *GLOSSARY],
    }

    def ready(self) -> None:
        from wiki import findables, published, section_files, terms  # the models exist only once the apps are loaded

        findables.install()
        published.install()
        section_files.install()
        terms.install()
