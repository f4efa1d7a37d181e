"""In-person sessions: places, who holds one, who waits, who came."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.models import ClusterableModel

from academy.fields import LocalizedTextField
from academy.models import validate_time_zone
from academy.permissions import is_coordinator, is_trainer
from cohorts.placeholders import LETTER_NAMES, check

from .append_only import AppendOnlyModel, AppendOnlyQuerySet
from .cohort import Cohort
from .constraints import date_with_author
from .participation import Participation, ParticipationState
from .project import Project, ProjectMember


def new_ics_uid() -> str:
    return f"{uuid.uuid4()}@smart-academy"


class SessionQuerySet(models.QuerySet):
    def upcoming(self, now: datetime | None = None):
        return self.filter(ends_at__gte=now or timezone.now(), cancelled_at__isnull=True)

    def past(self):
        return self.filter(ends_at__lt=timezone.now())

    def for_user(self, user):
        """Staff see all; a member sees the sessions of the cohorts in which their projects walk, or in which they once registered."""
        if not user.is_authenticated:
            return self.none()
        if is_coordinator(user) or is_trainer(user):
            return self.all()
        projects = ProjectMember.objects.filter(person=user).values("project")
        cohorts = Participation.objects.walking().filter(project__in=projects).values("cohort")
        through = Session.cohorts.through.objects.filter(cohort__in=cohorts).values("session")
        registered = Registration.objects.filter(person=user).values("session")
        return self.filter(Q(pk__in=through) | Q(pk__in=registered))

    def announced(self):
        """Sessions of which anybody may know the day, the place and the cost: those of announced cohorts."""
        told = Cohort.objects.announced().values("pk")
        return self.filter(pk__in=Session.cohorts.through.objects.filter(cohort__in=told).values("session"))

    def visible_to(self, user):
        """What this person may see of sessions: one's own, and the announced ones."""
        own = Session.objects.for_user(user).values("pk")
        return self.filter(Q(pk__in=own) | Q(pk__in=Session.objects.announced().values("pk")))

    def releasing_places(self, now: datetime):
        """The same as `Session.releases_places_at`, asked of many."""
        return self.filter(registration_deadline__gt=now, funding_lead_days__gt=0, cancelled_at__isnull=True)

    def with_places(self):
        """Adds `held` and `waiting`, for display only: claiming counts again under the lock."""
        return self.annotate(
            held=models.Count("registrations", filter=Q(registrations__status__in=SEAT_HOLDING)),
            waiting=models.Count("registrations", filter=Q(registrations__status=RegistrationStatus.WAITING)),
        )


class Session(ClusterableModel):
    """A meeting in a place, for one cohort or several. NULL `cancelled_at` means that it takes place; NULL `visa_deadline` that
    a letter for a visa can be asked for until `visa_lead_days` before the start (`letters_until`).

    Its calendar entry keeps `ics_uid` for ever and raises `ics_sequence` with each change (cohorts.calendar).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohorts = models.ManyToManyField(Cohort, related_name="sessions", verbose_name=_("cohorts"))
    title = LocalizedTextField(_("title"))
    description = LocalizedTextField(_("description"), blank=True)
    place = models.CharField(_("place"), max_length=200)
    address = models.TextField(_("address"), max_length=500, blank=True)
    arrival = LocalizedTextField(_("how to come"), blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Brussels", validators=[validate_time_zone])
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    capacity = models.PositiveSmallIntegerField(_("places"), validators=[MinValueValidator(1)])
    needs_approval = models.BooleanField(_("the team approves each registration"), default=False)
    registration_deadline = models.DateTimeField(_("register before"))
    cancellation_deadline = models.DateTimeField(_("cancel before"), help_text=_("After this a cancellation is marked as late."))
    visa_deadline = models.DateTimeField(
        _("ask for a letter for a visa before"), null=True, blank=True, help_text=_("Consulates are slow: count two months.")
    )
    visa_lead_days = models.PositiveSmallIntegerField(
        _("days that a visa takes"),
        default=60,
        validators=[MaxValueValidator(365)],
        help_text=_("A letter can be asked for until so many days before the start, where no date is given above."),
    )
    visa_letter = LocalizedTextField(
        _("words of the letter for a visa"),
        blank=True,
        help_text=_(
            "Empty: the built-in words. The letter knows {name}, {nationality}, {born}, {passport}, {expires}, {session}, {place}, {address}, "
            "{starts}, {ends}, {project}, {organisation} and {coordinator}."
        ),
    )
    offer_hours = models.PositiveSmallIntegerField(_("hours to accept an offered place"), default=72)
    funding_lead_days = models.PositiveSmallIntegerField(
        _("days before the start by which each trip is paid for"),
        default=60,
        validators=[MaxValueValidator(365)],
        help_text=_(
            "Where nobody has said by then who pays, the place goes to whoever waits, while registration is open; the person is told two weeks "
            "before. What waits for the team’s check is not held against them. 0: no place goes by itself."
        ),
    )
    estimated_cost = models.DecimalField(_("estimated cost for one person"), max_digits=10, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    cost_covers = LocalizedTextField(_("what this cost covers"), blank=True)
    bring = LocalizedTextField(_("what to bring"), blank=True)
    ics_uid = models.CharField(max_length=120, unique=True, editable=False, default=new_ics_uid)
    ics_sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(auto_now=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_reason = models.TextField(_("why it is cancelled"), blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="a_session_starts_before_it_ends",
                violation_error_message=_("The session starts before it ends."),
            ),
            models.CheckConstraint(
                condition=Q(registration_deadline__lte=F("starts_at")) & Q(cancellation_deadline__lte=F("starts_at")),
                name="the_deadlines_of_a_session_come_before_it",
                violation_error_message=_("The deadlines come before the session starts."),
            ),
            models.CheckConstraint(
                condition=Q(visa_deadline__isnull=True) | Q(visa_deadline__lte=F("starts_at")),
                name="a_visa_is_asked_for_before_the_session",
                violation_error_message=_("The deadlines come before the session starts."),
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=1),
                name="a_session_has_a_place",
                violation_error_message=_("A session has at least one place."),
            ),
            date_with_author("cancelled", name="a_session_is_cancelled_by_somebody"),
        ]

    def __str__(self):
        return str(self.title)

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    def clean(self) -> None:
        super().clean()
        for words in (self.visa_letter or {}).values():
            try:
                check(words, LETTER_NAMES)
            except ValidationError as error:
                raise ValidationError({"visa_letter": error.messages}) from None

    @property
    def letters_until(self) -> datetime:
        """The last moment to ask for a letter for a visa."""
        return self.visa_deadline or self.starts_at - timedelta(days=self.visa_lead_days)

    @property
    def funding_until(self) -> datetime | None:
        """From when a place of which nobody pays the trip goes to whoever waits; None where the team keeps that to itself."""
        return self.starts_at - timedelta(days=self.funding_lead_days) if self.funding_lead_days else None

    @property
    def has_funding_day(self) -> bool:
        """Whether a place may go by itself: after registration nobody could take it."""
        return self.funding_lead_days > 0 and self.funding_until < self.registration_deadline

    def releases_places_at(self, now: datetime) -> bool:
        """Whether a place of which nobody pays the trip may go by itself: as long as somebody could take it."""
        return not self.is_cancelled and self.funding_lead_days > 0 and now < self.registration_deadline

    @property
    def is_late_for_letters(self) -> bool:
        return timezone.now() >= self.letters_until

    def takes_place_on(self, day: date) -> bool:
        """On the clock of its place."""
        first, last = (moment.astimezone(ZoneInfo(self.time_zone)).date() for moment in (self.starts_at, self.ends_at))
        return first <= day <= last

    @property
    def is_open(self) -> bool:
        """Whether one may ask for a place now."""
        return not self.is_cancelled and timezone.now() < self.registration_deadline


class RegistrationStatus(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    AWAITING_APPROVAL = "awaiting_approval", _("Waiting for the team's approval")
    OFFERED = "offered", _("A place is offered")
    WAITING = "waiting", _("On the waiting list")
    CONFIRMED = "confirmed", _("Confirmed")
    READY = "ready", _("Ready to come")
    ATTENDED = "attended", _("Attended")
    NO_SHOW = "no_show", _("Did not come")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Offer expired")
    REFUSED = "refused", _("Refused by the team")
    CANCELLED = "cancelled", _("Cancelled")
    CANCELLED_LATE = "cancelled_late", _("Cancelled late")
    RELEASED = "released", _("Released: nobody pays for the trip")


_R = RegistrationStatus

REGISTRATION_MOVES: dict[str, frozenset[str]] = {
    _R.REQUESTED: frozenset({_R.AWAITING_APPROVAL, _R.OFFERED, _R.WAITING}),
    # Beyond design.md §3: an approval can be refused (anchors §6), and whoever holds or waits for a place may leave it.
    _R.AWAITING_APPROVAL: frozenset({_R.OFFERED, _R.REFUSED, _R.CANCELLED}),
    _R.WAITING: frozenset({_R.OFFERED, _R.CANCELLED}),
    _R.OFFERED: frozenset({_R.CONFIRMED, _R.DECLINED, _R.EXPIRED, _R.CANCELLED}),
    _R.CONFIRMED: frozenset({_R.READY, _R.NO_SHOW, _R.CANCELLED, _R.CANCELLED_LATE, _R.RELEASED}),
    # Ready → confirmed: a visa is needed after all.
    _R.READY: frozenset({_R.CONFIRMED, _R.ATTENDED, _R.NO_SHOW, _R.CANCELLED, _R.CANCELLED_LATE}),
    # Annulling a check-in goes back.
    _R.ATTENDED: frozenset({_R.READY}),
    # An arrival that was noted while the session was on, and reaches us after the attendance was closed.
    _R.NO_SHOW: frozenset({_R.ATTENDED}),
    _R.DECLINED: frozenset(),
    _R.EXPIRED: frozenset(),
    _R.REFUSED: frozenset(),
    _R.CANCELLED: frozenset(),
    _R.CANCELLED_LATE: frozenset(),
    _R.RELEASED: frozenset(),
}

SEAT_HOLDING = frozenset({_R.AWAITING_APPROVAL, _R.OFFERED, _R.CONFIRMED, _R.READY, _R.ATTENDED})
LIVE_REGISTRATION = SEAT_HOLDING | {_R.REQUESTED, _R.WAITING}
# The place is theirs, and they are expected or here. (A seat is held for others too, to whom the place is only offered.)
EXPECTED = frozenset({_R.CONFIRMED, _R.READY})
HAVE_A_PLACE = EXPECTED | {_R.ATTENDED}
MAY_HAVE_A_LETTER = EXPECTED | {_R.OFFERED}
TO_FIND_MONEY = timedelta(days=14)  # at least, after the place is taken


class Visa(models.TextChoices):
    """Whether the person can enter the country of the session. Nobody who needs a visa is ready before it is settled."""

    UNSAID = "unsaid", _("Nobody has said")
    NOT_NEEDED = "not_needed", _("No visa needed")
    NEEDED = "needed", _("Visa needed")
    SETTLED = "settled", _("Visa settled")


class RegistrationQuerySet(models.QuerySet):
    def holding_a_seat(self):
        return self.filter(status__in=SEAT_HOLDING)

    def live(self):
        return self.filter(status__in=LIVE_REGISTRATION)

    def depending_on_money(self):
        """The places that are taken, of which the trip is not settled, and whose project does not pause."""
        rows = self.filter(status=RegistrationStatus.CONFIRMED, funding_verified_at__isnull=True)
        return rows.with_pauses().filter(pauses=False)

    def expected(self):
        """Who has a place and is not here yet."""
        return self.filter(status__in=EXPECTED)

    def having_a_place(self):
        return self.filter(status__in=HAVE_A_PLACE)

    def in_line(self):
        """The waiting list, first come first."""
        return self.filter(status=RegistrationStatus.WAITING).order_by("queue_number")

    def with_pauses(self):
        """Adds `pauses`: the project pauses in the cohorts of the session. Whoever waits for it keeps their place in the line, and is
        passed over until it goes on."""
        here = Participation.objects.filter(project=OuterRef("project"), cohort__sessions=OuterRef("session"))
        return self.annotate(pauses=Exists(here.filter(state=ParticipationState.PAUSED)) & ~Exists(here.walking()))

    def with_funding(self):
        """Adds the sums that `cohorts.funding.funding_in` reads, each a subquery: a list of any length is one statement."""
        sources = (
            self.model._meta.get_field("funding")
            .related_model.objects.filter(registration=OuterRef("pk"), refused_at__isnull=True)
            .order_by()
        )
        checked = sources.filter(verified_at__isnull=False)
        money = models.DecimalField(max_digits=12, decimal_places=2)

        def of(rows, found):
            return Subquery(rows.values("registration").annotate(found=found).values("found"))

        return self.annotate(
            declared=of(sources, models.Sum("amount", output_field=money)),
            checked=of(checked, models.Sum("amount", output_field=money)),
            rest_said=Exists(sources.filter(amount__isnull=True)),
            rest_checked=Exists(checked.filter(amount__isnull=True)),
            waits_since=of(sources.filter(verified_at__isnull=True), models.Min("sent_at")),
            sources_said=Exists(sources),
        )

    def with_letters(self):
        """Adds `letter_waits_since`: since when a letter for a visa waits for the team."""
        letters = self.model._meta.get_field("letters").related_model.objects
        asked = letters.filter(registration=OuterRef("pk"), state="asked").order_by()
        return self.annotate(letter_waits_since=Subquery(asked.values("asked_at")[:1]))

    def for_user(self, user):
        """One's own, and those of one's projects; staff all."""
        if not user.is_authenticated:
            return self.none()
        if is_coordinator(user) or is_trainer(user):
            return self.all()
        return self.filter(Q(person=user) | Q(project__in=ProjectMember.objects.filter(person=user).values("project")))


class Registration(models.Model):
    """One person of one project for one session. An ended row stays; asking again makes a new row at the end of the line.

    NULL `queue_number`: never waited. NULL `funding_verified_at`: the team has not seen yet that the trip is paid for, by the sources checked
    (`FundingSource`) or for the `funding_reason` that it wrote. NULL `funding_due_at`: nobody was told by when the money must be found
    (`funding_until`). NULL `offer_expires_at`: no offer open.
    """

    Status = RegistrationStatus

    class Payer(models.TextChoices):
        PROJECT = "project", _("The project itself")
        PERSON = "person", _("The person")
        EMPLOYER = "employer", _("An employer or partner organisation")
        GRANT = "grant", _("A grant or public fund")
        OTHER = "other", _("Somebody else")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="registrations", verbose_name=_("session"))
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="registrations", verbose_name=_("person"))
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="registrations", verbose_name=_("project"))
    status = models.CharField(_("status"), max_length=20, choices=RegistrationStatus, default=RegistrationStatus.REQUESTED)
    status_reason = models.TextField(_("reason"), blank=True)
    requested_at = models.DateTimeField(_("requested"))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    queue_number = models.PositiveIntegerField(_("place in the line"), null=True, blank=True, editable=False)
    offer_expires_at = models.DateTimeField(_("accept before"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    funding_verified_at = models.DateTimeField(_("funding checked"), null=True, blank=True)
    funding_verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    funding_due_at = models.DateTimeField(_("say before who pays"), null=True, blank=True)
    funding_reason = models.TextField(_("why it is enough all the same"), max_length=2000, blank=True)
    visa = models.CharField(_("visa"), max_length=16, choices=Visa, default=Visa.UNSAID)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ["session", "requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person"],
                condition=Q(status__in=sorted(LIVE_REGISTRATION)),
                name="a_person_is_registered_once_for_a_session",
                violation_error_message=_("You are registered for this session already."),
            ),
            models.UniqueConstraint(
                fields=["session", "queue_number"],
                name="a_place_in_the_line_is_given_once",
            ),
            models.CheckConstraint(
                condition=~Q(status="waiting") | Q(queue_number__isnull=False),
                name="whoever_waits_has_a_place_in_the_line",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["confirmed", "ready", "attended"]) | Q(confirmed_at__isnull=False),
                name="a_confirmed_registration_says_since_when",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["ready", "attended"]) | Q(funding_verified_at__isnull=False),
                name="whoever_is_ready_has_checked_funding",
                violation_error_message=_("Check who pays before marking this person as ready."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["ready", "attended"]) | ~Q(visa="needed"),
                name="whoever_is_ready_can_enter_the_country",
                violation_error_message=_("Settle the visa before marking this person as ready."),
            ),
            date_with_author("funding_verified", name="funding_is_checked_by_somebody"),
            models.CheckConstraint(
                condition=Q(funding_reason="") | Q(funding_verified_at__isnull=False), name="what_is_enough_all_the_same_is_settled"
            ),
        ]
        indexes = [models.Index(fields=["session", "status"])]

    def __str__(self):
        return f"{self.person} · {self.session}"

    @property
    def holds_a_seat(self) -> bool:
        return self.status in SEAT_HOLDING

    @property
    def is_live(self) -> bool:
        return self.status in LIVE_REGISTRATION

    @property
    def funding_until(self) -> datetime | None:
        """By when it must be said who pays, so that a confirmed place is kept: the day of the session, or later for whoever took the place late
        or was told a later day. None: it is not released by itself, as after registration nobody could take it.
        """
        first = self.session.funding_until
        if first is None or self.status != RegistrationStatus.CONFIRMED or self.confirmed_at is None:
            return None
        day = max(first, self.confirmed_at + TO_FIND_MONEY, self.funding_due_at or first)
        return day if day < self.session.registration_deadline else None

    @property
    def is_expected(self) -> bool:
        return self.status in EXPECTED

    @property
    def may_ask_for_letter(self) -> bool:
        """For the button; the verb has the last word."""
        return self.status in MAY_HAVE_A_LETTER and not self.session.is_cancelled and not self.session.is_late_for_letters

    @property
    def is_unnoted(self) -> bool:
        """The session is over, and nobody noted them: no place is given back any more, else whoever did not come would not be absent."""
        return self.is_expected and timezone.now() >= self.session.ends_at

    @property
    def has_a_place(self) -> bool:
        return self.status in HAVE_A_PLACE


class CheckIn(AppendOnlyModel):
    """Somebody arrived. Written once; annulled with a reason when it was a mistake. NULL `annulled_at` means that it counts.

    `checked_in_at` is when it happened at the desk, `received_at` when the Academy heard of it (NULL: before this was noted). NULL `client_id`:
    no device numbered it; what a device numbers is written once, however often it is sent.
    """

    class Method(models.TextChoices):
        DESK = "desk", _("At the desk")
        QR = "qr", _("By QR code")

    may_change = frozenset({"annulled_at", "annulled_by", "annulled_by_id", "annulled_reason"})

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="check_ins", verbose_name=_("registration"))
    method = models.CharField(_("how"), max_length=8, choices=Method, default=Method.DESK)
    checked_in_at = models.DateTimeField(_("arrived"))
    checked_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    client_id = models.UUIDField(_("number on the device"), null=True, blank=True, editable=False)
    annulled_at = models.DateTimeField(_("annulled"), null=True, blank=True)
    annulled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    annulled_reason = models.TextField(_("why annulled"), blank=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering = ["-checked_in_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["registration"],
                condition=Q(annulled_at__isnull=True),
                name="a_person_is_checked_in_once",
                violation_error_message=_("This person is checked in already."),
            ),
            models.UniqueConstraint(
                fields=["client_id"],
                condition=Q(client_id__isnull=False),  # also lets SQLite add it without making the table anew
                name="an_arrival_of_a_device_is_written_once",
            ),
            date_with_author("annulled", name="a_check_in_is_annulled_by_somebody"),
        ]

    def __str__(self):
        return f"{self.registration} · {self.checked_in_at:%Y-%m-%d %H:%M}"
