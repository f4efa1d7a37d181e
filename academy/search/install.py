"""Search begins with the process: what the floor itself makes findable, and the index of the database after each migrate."""

from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from academy.models import AcademyDocument, HomePage
from academy.search import registry, schema
from academy.search.files import document_entries
from academy.search.pages import findable_pages, home_entries


def install(app_config) -> None:
    """Called once, by AcademyConfig.ready."""
    post_migrate.connect(schema.after_migrate, sender=app_config, dispatch_uid="search-schema")
    registry.register(
        HomePage, kind=registry.Kind("page", _("Pages"), order=10, one=_("Page")), rows=findable_pages(HomePage), entries=home_entries
    )
    registry.register(
        AcademyDocument,
        kind=registry.Kind("file", _("Files"), order=20, one=_("File")),
        rows=AcademyDocument.objects.all,
        entries=document_entries,
    )
