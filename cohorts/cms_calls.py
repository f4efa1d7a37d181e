"""Two pages about a call inside the CMS: every letter as a project would receive it, and a new call made from an old one."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_info, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.admin.widgets import AdminDateTimeInput

from academy.cms_verbs import crumbs
from academy.fields import LocalizedText, LocalizedTextFormField, LocalizedTextWidget
from academy.http import accepted
from academy.permissions import is_coordinator
from academy.wall_clock import WallClockField, set_clocks
from cohorts.actions import copy_cohort
from cohorts.letters import Letter, own_words
from cohorts.models import CallLetter, Cohort, Pathway, Project, Rubric
from cohorts.placeholders import BY_OCCASION

YEAR = timedelta(weeks=52)  # the same day of the week


def _load(request: HttpRequest, pk) -> Cohort:
    if not is_coordinator(request.user):
        raise Http404
    return get_object_or_404(Cohort.objects.for_user(request.user).select_related("pathway", "rubric", "coordinator"), pk=pk)


def _page(row: Cohort, title: str) -> dict:
    """What the frame of the CMS wants to know of a page about a cohort."""
    page = (str(row), reverse("cohorts_cms_cohort", args=[row.pk]))
    return {
        "cohort": row,
        "header_title": title,
        "header_icon": "group",
        "breadcrumbs_items": crumbs((_("Cohorts"), reverse("cohorts:index")), page, (title, "")),
    }


def examples(cohort: Cohort) -> list[tuple[str, bool, list[tuple]]]:
    """`[(occasion, in own words, [(language code, its name, subject, lines, button)])]`, about a project that does not exist."""
    own, rows = own_words(cohort), []
    due = timezone.localtime(timezone=cohort.zone).replace(hour=23, minute=59) + timedelta(days=14)
    for occasion, label in CallLetter.Occasion.choices:
        letters = []
        for code, _name in settings.LANGUAGES:
            with override(code):
                said = {
                    "reasons": _("(the reasons that are written for the project)"),
                    "conditions": _("(the conditions, when there are any)"),
                    "due": due,
                    "answer_by": due,
                }
                known = {name: value for name, value in said.items() if name in BY_OCCASION[occasion]}
                letter = Letter(occasion, Project(name=_("Your project")), cohort, own.get(occasion), **known)
                letters.append((code, get_language_info(code)["name_local"], letter.subject, letter.lines, letter.link_label))
        rows.append((label, occasion in own, letters))
    return rows


def letters(request: HttpRequest, pk) -> HttpResponse:
    """Every letter of a call in both languages, built by the code that sends it."""
    row = _load(request, pk)
    context = {**_page(row, _("Letters of the call")), "letters": examples(row)}
    return render(request, "cohorts/cms/call_letters.html", context)


class CopyForm(forms.Form):
    """What differs from one year to the next; the dates are hours of the cohort's own zone."""

    title = LocalizedTextFormField(label=gettext_lazy("Title"))
    season = LocalizedTextFormField(label=gettext_lazy("Season"), required=False, widget=LocalizedTextWidget(rows=1))
    pathway = forms.ModelChoiceField(label=gettext_lazy("Pathway"), queryset=Pathway.objects.all())
    rubric = forms.ModelChoiceField(label=gettext_lazy("Rubric"), queryset=Rubric.objects.all())
    intake_opens_at = WallClockField(label=gettext_lazy("Applications open"), widget=AdminDateTimeInput)
    intake_closes_at = WallClockField(label=gettext_lazy("Applications close"), widget=AdminDateTimeInput)
    starts_at = WallClockField(label=gettext_lazy("The cohort starts"), widget=AdminDateTimeInput)

    def __init__(self, *args, cohort: Cohort, **kwargs):
        super().__init__(*args, initial=proposed(cohort), **kwargs)
        set_clocks(self, cohort.time_zone)

    def clean(self):
        found = super().clean()
        opens, closes, starts = (found.get(name) for name in ("intake_opens_at", "intake_closes_at", "starts_at"))
        if opens and closes and opens >= closes:
            self.add_error("intake_closes_at", _("Applications open before they close."))
        if closes and starts and closes > starts:
            self.add_error("starts_at", _("Applications close before the cohort starts."))
        return found


def proposed(cohort: Cohort) -> dict:
    """The newest programme, and the same days a year on (or two): the call opens in the future, at the same hour of the clock."""
    zone, years = ZoneInfo(cohort.time_zone), 1
    while timezone.make_naive(cohort.intake_opens_at, zone) + YEAR * years <= timezone.make_naive(timezone.now(), zone):
        years += 1

    def later(moment: datetime) -> datetime:
        return (timezone.make_naive(moment, zone) + YEAR * years).replace(tzinfo=zone, second=0, microsecond=0)

    newest = {
        "pathway": Pathway.objects.filter(key=cohort.pathway.key).order_by("-version").first(),
        "rubric": Rubric.objects.filter(key=cohort.rubric.key).order_by("-version").first(),
    }
    title = LocalizedText({code: _copied(text, code) for code, text in cohort.title.items()})
    return {
        "title": title,
        "season": cohort.season,
        **newest,
        **{name: later(getattr(cohort, name)) for name in ("intake_opens_at", "intake_closes_at", "starts_at")},
    }


def _copied(title: str, language: str) -> str:
    with override(language):
        return _("%(title)s (copy)") % {"title": title}


@require_http_methods(["GET", "POST"])
def copy(request: HttpRequest, pk) -> HttpResponse:
    """Asks for what differs, then leads to the form of the new cohort."""
    row = _load(request, pk)
    form = CopyForm(request.POST or None, cohort=row)
    if made := accepted(form, lambda: copy_cohort(row, by=request.user, **form.cleaned_data)):
        messages.success(
            request, _("The call is copied: its texts, questions, letters and rounds of reading. Nobody sees it before you open it.")
        )
        return redirect("cohorts:edit", made.pk)
    return render(request, "cohorts/cms/copy.html", {**_page(row, _("Copy as a new call")), "form": form})
