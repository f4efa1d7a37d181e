"""Choosing a module in the CMS: the editor picks a page, the placement keeps its key."""

from uuid import UUID

from django.conf import settings
from wagtail.admin.widgets import AdminPageChooser


class ModuleKeyChooser(AdminPageChooser):
    """A page chooser over modules whose value is the `translation_key`: the reference outlives languages and moves."""

    def __init__(self, **kwargs):
        super().__init__(target_models=["courses.ModulePage"], **kwargs)

    def get_instance(self, value):
        """Shown in the site's first language when the module exists in it."""
        from courses.models import ModulePage  # the models use this widget

        if value is None or isinstance(value, ModulePage):
            return value
        try:
            key = value if isinstance(value, UUID) else UUID(str(value))
        except ValueError:
            return ModulePage.objects.filter(pk=value).first() if str(value).isdigit() else None
        versions = list(ModulePage.objects.filter(translation_key=key).select_related("locale"))
        return next((page for page in versions if page.locale.language_code == settings.LANGUAGE_CODE), versions[0] if versions else None)

    def value_from_datadict(self, data, files, name):
        """The browser sends the id of a page; a key that comes back unchanged is kept."""
        from courses.models import ModulePage  # the models use this widget

        value = super().value_from_datadict(data, files, name)
        if value and str(value).isdigit():
            return ModulePage.objects.filter(pk=value).values_list("translation_key", flat=True).first()
        return value
