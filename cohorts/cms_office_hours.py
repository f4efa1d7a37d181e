"""The office hours that somebody of the team holds, inside the CMS: opening them, who comes with which question, changing or cancelling one."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets import AdminDateTimeInput

from academy.cms_verbs import LettersFirst, Verb, crumbs, history, offered, perform, words
from academy.http import accepted
from academy.models import User
from academy.wall_clock import WallClockField, set_clocks
from cohorts.actions import cancel_office_hour, change_office_hour, open_office_hours
from cohorts.entries import who_comes
from cohorts.models import Cohort, CohortState, OfficeHour
from cohorts.permissions import can_hold_office_hours, can_manage_office_hour

LENGTHS = (15, 20, 30, 45, 60, 90, 120)
PAST_SHOWN = 30


class OfficeHoursMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return can_hold_office_hours(request.user)


class HourForm(forms.Form):
    """What may be said of an hour, and changed later. Its moment is typed on the clock of its host."""

    starts_at = WallClockField(label=gettext_lazy("When"), widget=AdminDateTimeInput)
    minutes = forms.TypedChoiceField(label=gettext_lazy("How many minutes"), choices=[(n, str(n)) for n in LENGTHS], coerce=int, initial=45)
    capacity = forms.IntegerField(
        label=gettext_lazy("For how many projects"),
        min_value=1,
        max_value=60,
        initial=1,
        help_text=gettext_lazy("1: for one project alone. More: a group."),
    )
    about = forms.CharField(
        label=gettext_lazy("What it is about"), required=False, max_length=200, help_text=gettext_lazy("Empty: whatever they bring.")
    )
    place = forms.CharField(label=gettext_lazy("Place"), required=False, max_length=200)
    link = forms.URLField(
        label=gettext_lazy("Link of the call"), required=False, assume_scheme="https", help_text=gettext_lazy("Only whoever comes sees it.")
    )


class OpenForm(HourForm):
    times = forms.IntegerField(
        label=gettext_lazy("How many weeks"),
        min_value=1,
        max_value=26,
        initial=1,
        help_text=gettext_lazy(
            "1: this day only. More: the same day and hour of the following weeks too, also when summer time begins or ends."
        ),
    )
    for_whom = forms.ChoiceField(label=gettext_lazy("For whom"), choices=OfficeHour.ForWhom, widget=forms.RadioSelect)
    cohorts = forms.ModelMultipleChoiceField(
        Cohort.objects.none(), label=gettext_lazy("Cohorts"), required=False, widget=forms.CheckboxSelectMultiple
    )

    field_order = ["starts_at", "minutes", "times", "capacity", "for_whom", "cohorts", "about", "place", "link"]

    def __init__(self, *args, host: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cohorts"].queryset = Cohort.objects.for_user(host).exclude(state=CohortState.PLANNED).order_by("-starts_at")
        set_clocks(self, host.time_zone)


class ChangeForm(HourForm):
    """Begins with the hour as it is."""

    words = forms.CharField(label=gettext_lazy("A word to whoever comes (optional)"), required=False, widget=words(), max_length=1000)

    def __init__(self, *args, row: OfficeHour, **kwargs):
        super().__init__(*args, **kwargs)
        set_clocks(self, row.time_zone)
        minutes = self.fields["minutes"]
        minutes.choices = [(n, str(n)) for n in sorted({*LENGTHS, row.minutes})]
        for name in ("starts_at", "minutes", "capacity", "about", "place", "link"):
            self.fields[name].initial = getattr(row, name)


CHANGE = Verb(
    "change",
    gettext_lazy("Change this hour"),
    change_office_hour,
    lambda row, user: not (row.is_cancelled or row.has_begun),
    form=ChangeForm,
    explanation=gettext_lazy("Who has booked keeps the place: they are told, and their calendars follow."),
    takes_row=True,
)
CANCEL = Verb(
    "cancel",
    gettext_lazy("Cancel this hour"),
    cancel_office_hour,
    lambda row, user: not (row.is_cancelled or row.has_begun),
    form=type(
        "CancelForm",
        (forms.Form,),
        {"reason": forms.CharField(label=gettext_lazy("Why? Whoever comes reads it."), widget=words(), max_length=1000)},
    ),
    explanation=gettext_lazy("Everybody who comes is told, and it leaves their calendars."),
    is_grave=True,
)
VERBS = {verb.name: verb for verb in (CHANGE, CANCEL)}


@require_http_methods(["GET", "POST"])
def office_hours(request: HttpRequest) -> HttpResponse:
    """Mine, with who comes; and opening more."""
    if not can_hold_office_hours(request.user):
        raise Http404
    form = OpenForm(request.POST or None, host=request.user)
    if opened := accepted(form, lambda: open_office_hours(request.user, by=request.user, **form.cleaned_data)):
        told = ngettext("%(n)s office hour is open.", "%(n)s office hours are open.", len(opened)) % {"n": len(opened)}
        messages.success(request, told)
        return redirect("cohorts_cms_office_hours")
    now = timezone.now()
    own = OfficeHour.objects.filter(host=request.user).with_taken().prefetch_related("cohorts")
    coming = list(own.filter(ends_at__gt=now).standing())
    over = list(own.exclude(ends_at__gt=now, cancelled_at__isnull=True).order_by("-starts_at")[:PAST_SHOWN])
    return render(
        request,
        "cohorts/cms/office_hours.html",
        {
            "form": form,
            "coming": coming,
            "over": over,
            "header_title": _("Office hours"),
            "header_icon": "time",
            "breadcrumbs_items": crumbs((_("Office hours"), "")),
        },
    )


@require_http_methods(["GET", "POST"])
def office_hour(request: HttpRequest, pk, verb: str = "") -> HttpResponse:
    """Who comes, with which question."""
    row = get_object_or_404(OfficeHour.objects.select_related("host").prefetch_related("cohorts"), pk=pk)
    if not can_manage_office_hour(request.user, row):
        raise Http404
    refused = None
    if request.method == "POST":
        refused = perform(request, VERBS, row, verb)
        if isinstance(refused, LettersFirst):
            return refused.page(request, back=reverse("cohorts_cms_office_hour", args=[row.pk]))
        if refused is None:
            return redirect("cohorts_cms_office_hour", pk=row.pk)
    return render(
        request,
        "cohorts/cms/office_hour.html",
        {
            "hour": row,
            "coming": who_comes(row),
            "gone": list(row.bookings.filter(cancelled_at__isnull=False).select_related("person", "project")),
            "history": history(row),
            "verbs": offered(VERBS, row, request.user, refused),
            "header_title": str(row),
            "header_icon": "time",
            "breadcrumbs_items": crumbs((_("Office hours"), reverse("cohorts_cms_office_hours")), (str(row), "")),
        },
    )
