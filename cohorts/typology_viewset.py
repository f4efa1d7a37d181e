"""The form of a typology in the CMS: what it is, what each side gives, its conditions, its documents. In both languages."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, InlinePanel, MultiFieldPanel, ObjectList

from academy.admin import GuardedModelViewSet
from cohorts.models import Typology

WHAT_IT_IS = [FieldPanel("label"), FieldPanel("who"), FieldPanel("meaning"), FieldPanel("sort_order")]

TYPOLOGY = ObjectList(
    [
        HelpPanel(
            content=_(
                "Everybody reads these words on the page of the statuses. A project that graduates gets them as they stand on that day: "
                "what you change here later changes no plan that has begun."
            )
        ),
        FieldPanel("key"),
        MultiFieldPanel(WHAT_IT_IS, heading=_("The status")),
        InlinePanel(
            "terms",
            heading=_("What each side gives"),
            label=_("term"),
            help_text=_("Smart gives the first four kinds; the last one is what it expects. Each line becomes a line of the support plan."),
            panels=[FieldRowPanel([FieldPanel("kind"), FieldPanel("due_in_days")]), FieldPanel("text")],
        ),
        InlinePanel(
            "conditions",
            heading=_("Minimum conditions"),
            label=_("condition"),
            help_text=_("A project graduates to this status only when each of them is met, confirmed or waived."),
            panels=[FieldPanel("rule"), FieldRowPanel([FieldPanel("number"), FieldPanel("pillar")]), FieldPanel("words")],
        ),
        InlinePanel(
            "papers",
            heading=_("Documents to sign"),
            label=_("document"),
            panels=[FieldPanel("title"), FieldPanel("text")],
        ),
    ]
)


class TypologyViewSet(GuardedModelViewSet):
    model = Typology
    name = "typologies"
    icon = "tag"
    menu_label = _("Typologies")
    copy_view_enabled = False
    list_display = ["label", "who"]
    edit_handler = TYPOLOGY
