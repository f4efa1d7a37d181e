"""Panels of the CMS that this app adds."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel


class WhereUsedPanel(Panel):
    """On a module or an activity: the courses that hold it and their people, so that an author knows who reads what they change."""

    def __init__(self, heading=None, **kwargs):
        super().__init__(heading=heading or _("Where this is used"), **kwargs)

    class BoundPanel(Panel.BoundPanel):
        template_name = "courses/cms/where_used_panel.html"

        def get_context_data(self, parent_context=None):
            from courses.uses import Usage, usage_of  # reads the models that use this panel

            context = super().get_context_data(parent_context)
            usage = usage_of(self.instance, getattr(self.request, "user", None)) if self.instance else Usage()
            return {**context, "usage": usage, "page": self.instance}
