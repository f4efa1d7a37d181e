"""Office hours on the site: which are free, which one has booked, and giving one back."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.http import accepted, refuse_politely
from academy.models import User
from academy.permissions import works_in_cms
from academy.rehearsal import keep_back, shows_mails
from cohorts.actions import book_office_hour, cancel_booking
from cohorts.models import OfficeHour, OfficeHourBooking, Project
from cohorts.own_mails import readable_by

PAST_SHOWN = 20


class BookForm(forms.Form):
    use_required_attribute = False

    project = forms.ModelChoiceField(Project.objects.none(), label=gettext_lazy("For which project?"), empty_label=None)
    question = forms.CharField(
        label=gettext_lazy("What would you like to talk about?"),
        help_text=gettext_lazy("A few words: your host prepares the hour with them."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args, projects, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["project"].queryset = projects
        self.projects = list(projects[:2])
        if len(self.projects) == 1:
            self.fields["project"].initial = self.projects[0].pk
            self.fields["project"].widget = forms.HiddenInput()


class GiveBackForm(forms.Form):
    use_required_attribute = False

    reason = forms.CharField(label=gettext_lazy("Why? Your host reads it."), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


def spoken_for(user: User, hour: OfficeHour | None = None):
    """The projects for which this person speaks; with `hour`, those that may book it."""
    rows = Project.objects.spoken_for_by(user)
    if hour is None:
        return rows
    may = [row.pk for row in rows if OfficeHour.objects.offered_to([row]).filter(pk=hour.pk).exists()]
    return rows.filter(pk__in=may)


def zone_of_host(hour: OfficeHour, reader: User) -> str:
    """The host's zone, when its clocks show another hour than the reader's at that moment."""
    here, there = (hour.starts_at.astimezone(ZoneInfo(zone)).utcoffset() for zone in (reader.time_zone, hour.time_zone))
    return hour.time_zone if here != there else ""


@login_required
def my_office_hours(request: HttpRequest) -> HttpResponse:
    """What I have booked, what is free, what has been."""
    mine = OfficeHourBooking.objects.filter(person=request.user).select_related("hour__host", "project").order_by("hour__starts_at")
    now = timezone.now()
    coming = list(mine.to_come(now))
    over = list(mine.filter(hour__ends_at__lte=now, cancelled_at__isnull=True).order_by("-hour__starts_at")[:PAST_SHOWN])
    called_off = list(mine.live().filter(hour__cancelled_at__isnull=False, hour__starts_at__gt=now))
    begun = list(mine.live().filter(hour__cancelled_at__isnull=True, hour__starts_at__lte=now, hour__ends_at__gt=now))
    hours = OfficeHour.objects.open_to(request.user).to_come(now).exclude(pk__in=[row.hour_id for row in coming])
    free = [row for row in hours.with_taken().select_related("host") if row.taken < row.capacity]
    context = {
        "mine": [(row, zone_of_host(row.hour, request.user)) for row in [*begun, *coming]],
        "called_off": [(row, zone_of_host(row.hour, request.user)) for row in called_off],
        "free": [(row, zone_of_host(row, request.user), row.capacity - row.taken) for row in free],
        "past": [(row, zone_of_host(row.hour, request.user)) for row in over],
        "has_project": spoken_for(request.user).exists(),
        "may_use_cms": works_in_cms(request.user),
    }
    return render(request, "cohorts/my_office_hours.html", context)


@shows_mails(readable_by)
@login_required
def office_hour(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One hour on both clocks, and booking it."""
    rows = OfficeHour.objects.open_to(request.user).with_taken().select_related("host")
    row = get_object_or_404(rows, pk=pk)
    mine = row.bookings.live().filter(person=request.user).select_related("project").first()
    projects = spoken_for(request.user, row)
    keep_back(request, row.link)
    form = BookForm(request.POST or None, projects=projects)
    if accepted(form, lambda: book_office_hour(OfficeHour.objects.get(pk=row.pk), by=request.user, **form.cleaned_data)):
        messages.success(request, _("The hour is yours. It comes by mail, for your calendar."))
        return redirect("cohorts_my_office_hours")
    if form.errors:  # somebody else may have taken it meanwhile
        row = rows.get(pk=pk)
    coming = set(row.bookings.live().values_list("project", flat=True))
    has_room = len(coming) < row.capacity or any(project.pk in coming for project in form.projects)
    may_book = not (mine or row.is_cancelled or row.has_begun) and bool(form.projects)
    context = {
        "hour": row,
        "host_zone": zone_of_host(row, request.user),
        "mine": mine,
        "free": row.capacity - len(coming),
        "is_full": not has_room,
        "form": form if may_book and (has_room or form.is_bound) else None,
    }
    return render(request, "cohorts/office_hour.html", context)


@shows_mails(readable_by)
@login_required
@refuse_politely
def give_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Says why, and the hour is free again."""
    mine = OfficeHourBooking.objects.live().filter(person=request.user)
    row = get_object_or_404(mine.select_related("hour__host", "project"), pk=pk)
    if row.hour.is_cancelled or row.hour.has_begun:
        messages.info(request, _("This hour has begun, is over, or was cancelled: there is nothing to give back."))
        return redirect("cohorts_my_office_hours")
    form = GiveBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        cancel_booking(row, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("The hour is given back. It leaves your calendar by mail."))
        return redirect("cohorts_my_office_hours")
    context = {"booking": row, "hour": row.hour, "host_zone": zone_of_host(row.hour, request.user), "form": form}
    return render(request, "cohorts/office_hour_give_back.html", context)
