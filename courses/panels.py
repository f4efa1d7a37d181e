"""Panels of the CMS that this app adds."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel


class WhereUsedPanel(Panel):
    """On a module: the courses that point at it, so that an author knows who reads what they change."""

    def __init__(self, heading=None, **kwargs):
        super().__init__(heading=heading or _("Where this module is used"), **kwargs)

    class BoundPanel(Panel.BoundPanel):
        template_name = "courses/cms/where_used_panel.html"

        def get_context_data(self, parent_context=None):
            from courses.progress import courses_that_use  # reads the models that use this panel

            context = super().get_context_data(parent_context)
            key = self.instance.translation_key if self.instance and self.instance.pk else None
            return {**context, "courses": courses_that_use(key) if key else []}
