"""On a page in the CMS: its short addresses, and who links to it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel

MOST_SHOWN = 20


class LinksPanel(Panel):
    def __init__(self, heading=None, **kwargs):
        super().__init__(heading=heading or _("Links to this page"), **kwargs)

    class BoundPanel(Panel.BoundPanel):
        template_name = "wiki/cms/links_panel.html"

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            from academy.links.backlinks import backlinks  # the models use this panel
            from academy.links.models import ShortLink
            from academy.privacy import hidden_for

            context = super().get_context_data(parent_context)
            if not self.instance or not self.instance.pk:
                return {**context, "is_new": True}
            pages = list(backlinks(self.instance, hidden_for(self.request))[: MOST_SHOWN + 1])
            return {
                **context,
                "short_links": list(ShortLink.objects.filter(page__translation_key=self.instance.translation_key)),
                "pages": pages[:MOST_SHOWN],
                "has_more": len(pages) > MOST_SHOWN,
            }
