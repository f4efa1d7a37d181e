"""Office hours: an hour that somebody of the team keeps free, and who comes to it."""

from __future__ import annotations

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.models import validate_time_zone

from .calendar import Entry
from .cohort import Cohort
from .constraints import date_with_author
from .participation import Participation, ParticipationState
from .project import MentorAssignment, Project

# A project that walks its pathway, or has come to its end.
MAY_BOOK = frozenset({ParticipationState.ACTIVE, ParticipationState.ELIGIBLE, ParticipationState.GRADUATED, ParticipationState.ALUMNUS})


class OfficeHourQuerySet(models.QuerySet):
    def standing(self):
        return self.filter(cancelled_at__isnull=True)

    def to_come(self, now: datetime | None = None):
        """What has not begun."""
        return self.standing().filter(starts_at__gt=now or timezone.now())

    def at_the_same_time(self, starts_at: datetime, ends_at: datetime):
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)

    def with_taken(self):
        """Adds `taken`, how many projects come, for display only: booking counts again under the lock."""
        live = Q(bookings__cancelled_at__isnull=True)
        counted = self.annotate(taken=Count("bookings__project", filter=live, distinct=True))
        return counted.order_by("starts_at", "pk")  # counting forgets the order of the model

    def offered_to(self, projects):
        """The hours that at least one of these projects may book: those for its cohort, and those of its mentor for their own projects."""
        walking = Participation.objects.filter(project__in=projects, state__in=MAY_BOOK)
        for_cohorts = OfficeHour.cohorts.through.objects.filter(cohort__in=walking.values("cohort")).values("officehour")
        mentors = MentorAssignment.objects.filter(project__in=walking.values("project"), until__isnull=True).values("mentor")
        kinds = OfficeHour.ForWhom
        return self.filter(Q(for_whom=kinds.COHORTS, pk__in=for_cohorts) | Q(for_whom=kinds.OWN, host__in=mentors))

    def open_to(self, user):
        """What this person may see on the site: offered to a project for which they speak, or booked by themselves."""
        if not user.is_authenticated:
            return self.none()
        offered = OfficeHour.objects.offered_to(Project.objects.spoken_for_by(user)).values("pk")
        booked = OfficeHourBooking.objects.filter(person=user).values("hour")
        return self.filter(Q(pk__in=offered) | Q(pk__in=booked)).exclude(host=user)


class OfficeHour(models.Model):
    """`capacity` is how many projects find room: one, or a group. Two people of one project take one place.

    Typed and kept on the clock of the host (`time_zone`, as it was when the hour was opened). NULL `cancelled_at` means that it takes place.
    """

    class ForWhom(models.TextChoices):
        OWN = "own", _("The projects that I accompany")
        COHORTS = "cohorts", _("All projects of these cohorts")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="office_hours", verbose_name=_("host"))
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    capacity = models.PositiveSmallIntegerField(_("for how many projects"), validators=[MinValueValidator(1)], default=1)
    about = models.CharField(_("what it is about"), max_length=200, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.URLField(_("link of the call"), blank=True)
    for_whom = models.CharField(_("for whom"), max_length=16, choices=ForWhom)
    cohorts = models.ManyToManyField(Cohort, related_name="office_hours", blank=True, verbose_name=_("cohorts"))
    opened_at = models.DateTimeField(_("opened"))
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_reason = models.TextField(_("why it is cancelled"), blank=True)

    objects = OfficeHourQuerySet.as_manager()

    class Meta:
        verbose_name = _("office hour")
        verbose_name_plural = _("office hours")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="an_office_hour_starts_before_it_ends",
                violation_error_message=_("It starts before it ends."),
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=1),
                name="an_office_hour_has_a_place",
                violation_error_message=_("There is room for one project at least."),
            ),
            date_with_author("cancelled", name="an_office_hour_is_cancelled_by_somebody"),
        ]

    def __str__(self):
        return f"{self.host} · {timezone.localtime(self.starts_at, ZoneInfo(self.time_zone)):%Y-%m-%d %H:%M}"

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def is_group(self) -> bool:
        return self.capacity > 1

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= timezone.now()

    @property
    def causes_of_changes(self) -> str:
        """With what the causes of the letters about its changes begin."""
        return f"office-hour-changed:{self.pk}:"

    @property
    def causes_naming_all(self) -> list[str]:
        """With what the causes begin of the letters in which its host reads of everybody who comes."""
        return [self.causes_of_changes, f"office-hour-reminder:{self.pk}:"]

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


class OfficeHourBookingQuerySet(models.QuerySet):
    def live(self):
        return self.filter(cancelled_at__isnull=True)

    def to_come(self, now: datetime | None = None):
        return self.live().filter(hour__starts_at__gt=now or timezone.now(), hour__cancelled_at__isnull=True)


class OfficeHourBooking(models.Model):
    """One person comes to one hour, for one project. Cancelled, it stays; booking again makes a new row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hour = models.ForeignKey(OfficeHour, on_delete=models.PROTECT, related_name="bookings", verbose_name=_("office hour"))
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="office_hour_bookings", verbose_name=_("project"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="office_hour_bookings", verbose_name=_("person")
    )
    question = models.TextField(_("question"), max_length=2000, blank=True)
    booked_at = models.DateTimeField(_("booked"))
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_reason = models.TextField(_("why it is cancelled"), blank=True)

    objects = OfficeHourBookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking of an office hour")
        verbose_name_plural = _("bookings of office hours")
        ordering = ["booked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "person"],
                condition=Q(cancelled_at__isnull=True),
                name="a_person_books_an_office_hour_once",
                violation_error_message=_("You have booked this hour already."),
            ),
            date_with_author("cancelled", name="a_booking_is_cancelled_by_somebody"),
        ]

    def __str__(self):
        return f"{self.person} · {self.hour}"

    @property
    def causes_to_host(self) -> list[str]:
        """Of the letters in which its host read who comes, what they ask, and why they do not come any more (`actions.office_hour_letters`)."""
        return [f"office-hour-{what}:{self.pk}:host" for what in ("booked", "given-back")]


class OfficeHourEntry(Entry):
    """An office hour in the calendar of one person: the host, or whoever comes."""

    hour = models.ForeignKey(OfficeHour, on_delete=models.CASCADE, related_name="calendar_entries", verbose_name=_("office hour"))

    class Meta:
        verbose_name = _("calendar entry of an office hour")
        verbose_name_plural = _("calendar entries of office hours")
        constraints = [models.UniqueConstraint(fields=["hour", "person"], name="a_calendar_holds_an_office_hour_once")]

    def __str__(self):
        return f"{self.person} · {self.hour}"
