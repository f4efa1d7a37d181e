"""Choosing a page in the CMS whose row keeps its key."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from wagtail.admin.widgets import AdminPageChooser
from wagtail.models import Page


class PageKeyChooser(AdminPageChooser):
    """A page chooser whose value is the `translation_key`: the editor picks a page, the reference outlives languages and moves."""

    def __init__(self, target_models: Sequence[str] = ("wagtailcore.Page",), **kwargs):
        super().__init__(target_models=list(target_models), **kwargs)

    def _pages(self, **wanted):
        return Page.objects.type(*self.target_models).filter(**wanted)

    def get_instance(self, value):
        """Shown in the site's first language when the page exists in it."""
        if value is None or isinstance(value, Page):
            return value
        try:
            key = value if isinstance(value, UUID) else UUID(str(value))
        except ValueError:
            return self._pages(pk=value).first() if str(value).isdigit() else None
        versions = list(self._pages(translation_key=key).select_related("locale"))
        return next((page for page in versions if page.locale.language_code == settings.LANGUAGE_CODE), versions[0] if versions else None)

    def value_from_datadict(self, data, files, name):
        """The browser sends the id of a page; a key that comes back unchanged is kept."""
        value = super().value_from_datadict(data, files, name)
        if value and str(value).isdigit():
            return self._pages(pk=value).values_list("translation_key", flat=True).first()
        return value
