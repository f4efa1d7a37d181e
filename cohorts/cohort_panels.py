"""The form of a cohort in the CMS: the programme, the dates in the cohort's own zone, the call, its questions, its letters.

There are two: while the cohort is planned everything is asked; once its call is opened the pathway, the rubric and the questions are shown
and no longer asked (house: what was used is not changed).
"""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList, Panel
from wagtail.admin.widgets import AdminDateTimeInput

from academy.fields import LocalizedTextWidget
from academy.models import User
from academy.permissions import COORDINATORS
from academy.wall_clock import WallClockField, WallClockForm
from cohorts.letter_words import BUILT_IN
from cohorts.models import CallLetter, Pathway, Rubric
from cohorts.placeholders import BY_OCCASION, NAMES

DATES = ("intake_opens_at", "intake_closes_at", "starts_at")
MOST_QUESTIONS = 15


class CohortForm(WallClockForm, WagtailAdminModelForm):
    """Dates are typed in the time zone that the same form names."""

    intake_opens_at = WallClockField(label=_("Applications open"), widget=AdminDateTimeInput)
    intake_closes_at = WallClockField(label=_("Applications close"), widget=AdminDateTimeInput)
    starts_at = WallClockField(label=_("The cohort starts"), widget=AdminDateTimeInput)
    time_zone = forms.ChoiceField(label=_("Time zone of the cohort"), help_text=_("The dates below are hours of this place."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = self.fields["coordinator"]
        may = Q(is_active=True) & (Q(groups__name=COORDINATORS) | Q(is_superuser=True))
        people.queryset = User.objects.filter(may | Q(pk=self.instance.coordinator_id)).distinct()
        if self.instance._state.adding:
            self._propose()

    def _propose(self) -> None:
        """The newest programme, whoever writes as the coordinator, the usual place."""
        self.initial.setdefault("time_zone", self.instance.time_zone)
        for name, model in (("pathway", Pathway), ("rubric", Rubric)):
            if name in self.fields:
                self.initial.setdefault(name, model.objects.order_by("-version", "-pk").values_list("pk", flat=True).first())
        if self.for_user is not None and self.fields["coordinator"].queryset.filter(pk=self.for_user.pk).exists():
            self.initial.setdefault("coordinator", self.for_user.pk)


class ShownPanel(Panel):
    """Words, nothing to fill in."""

    def __init__(self, template: str, **kwargs):
        super().__init__(**kwargs)
        self.template = template

    def clone_kwargs(self):
        return {**super().clone_kwargs(), "template": self.template}

    class BoundPanel(Panel.BoundPanel):
        @property
        def template_name(self):
            return self.panel.template

        def get_context_data(self, parent_context=None):
            return {
                **super().get_context_data(parent_context),
                "cohort": self.instance,
                "is_kept": not self.instance._state.adding,
                "letters": built_in_letters,
            }


def built_in_letters() -> list[tuple[str, list, list]]:
    """`(letter, [(language, subject, paragraphs)], [(name, what it stands for)])`: what is sent where a call wrote nothing."""
    rows = []
    for occasion, words in BUILT_IN.items():
        said = []
        for code, _name in settings.LANGUAGES:
            with override(code):
                said.append((code, get_language_info(code)["name_local"], str(words.subject), str(words.body).split("\n\n")))
        rows.append((CallLetter.Occasion(occasion).label, said, [(f"{{{name}}}", NAMES[name]) for name in BY_OCCASION[occasion]]))
    return rows


QUESTION_PANELS = [
    FieldRowPanel([FieldPanel("kind"), FieldPanel("is_required"), FieldPanel("most_words")]),
    FieldPanel("label"),
    FieldPanel("public_name"),
    FieldPanel("help"),
    FieldPanel("choices", widget=LocalizedTextWidget(rows=5)),
]
QUESTIONS = InlinePanel(
    "questions",
    heading=_("Questions that only this call asks"),
    label=_("question"),
    help_text=_("Beside the ten headings of the dossier, which every project writes. Few are better: each one is read in two languages."),
    max_num=MOST_QUESTIONS,
    panels=QUESTION_PANELS,
)
LETTERS = InlinePanel(
    "letters",
    heading=_("Letters in words of your own"),
    label=_("letter"),
    help_text=_("One for each occasion at most. Where none is written, the built-in words below are sent."),
    max_num=len(CallLetter.Occasion.choices),
    panels=[FieldPanel("occasion"), FieldPanel("subject"), FieldPanel("body", widget=LocalizedTextWidget(rows=10))],
)
BUILT_IN_LETTERS = ShownPanel("cohorts/cms/_built_in_letters.html", heading=_("The built-in letters, and the names in braces"))
DATES_PANEL = MultiFieldPanel([FieldPanel("time_zone"), *(FieldPanel(name) for name in DATES)], heading=_("When"))
CALL_PANEL = MultiFieldPanel(
    [FieldPanel(name, widget=LocalizedTextWidget(rows=6)) for name in ("gives", "costs")], heading=_("What the call says")
)


def form_of(*, frozen: bool) -> ObjectList:
    """The panels of a planned cohort, or of one whose call was opened."""
    follows = [FieldPanel("pathway", read_only=frozen), FieldPanel("rubric", read_only=frozen)]
    return ObjectList(
        [
            MultiFieldPanel(
                [
                    FieldPanel("title", widget=LocalizedTextWidget(rows=2)),
                    FieldPanel("season", widget=LocalizedTextWidget(rows=1)),
                    FieldPanel("summary"),
                ],
                heading=_("The cohort"),
            ),
            *([ShownPanel("cohorts/cms/_frozen_call.html", heading=_("What no longer changes"))] if frozen else []),
            MultiFieldPanel(follows, heading=_("What it follows")),
            DATES_PANEL,
            MultiFieldPanel(
                [FieldPanel("capacity"), FieldPanel("signatures_needed"), FieldPanel("coordinator")],
                heading=_("How many, and who"),
            ),
            CALL_PANEL,
            *([] if frozen else [QUESTIONS]),
            LETTERS,
            BUILT_IN_LETTERS,
            FieldPanel("state", read_only=True),
        ],
        base_form_class=CohortForm,
    )


PLANNED_COHORT, OPENED_COHORT = form_of(frozen=False), form_of(frozen=True)
