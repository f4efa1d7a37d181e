"""The network: what a project shows of itself, to whom, and what is written to it through the Academy."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.fields import LocalizedTextField
from academy.models import hex_colour
from academy.permissions import is_coordinator, is_staff_member

from .application import interests_of
from .constraints import date_with_author, is_colour
from .participation import ON_THE_WAY, Participation, ParticipationState, Partnership
from .project import Project, ProjectMember

WALKS = sorted(ON_THE_WAY - {ParticipationState.INVITED})


def of_the_network(path: str = "project__") -> Q:
    """A condition: the project took its place in a cohort, or is a partner, and goes on. `path` leads to it; empty: it is the row."""
    walks = Participation.objects.filter(project=OuterRef(f"{path}pk"), state__in=WALKS)
    partner = Partnership.objects.current().filter(project=OuterRef(f"{path}pk"))
    return (Exists(walks) | Exists(partner)) & ~Q(**{f"{path}status": Project.Status.STOPPED})


def belongs_to_network(user) -> bool:
    """The team, reviewers, and the people of the projects that are in it. Whoever only has an account is a visitor here."""
    if not user.is_authenticated:
        return False
    return is_staff_member(user) or ProjectMember.objects.filter(of_the_network(), person=user).exists()


class DirectoryEntryQuerySet(models.QuerySet):
    def in_network(self):
        return self.filter(of_the_network())

    def shown_to(self, user):
        """What this reader finds in the directory: what is for everybody, and for the people of the network what is for them."""
        audiences = [DirectoryEntry.Audience.EVERYBODY]
        if belongs_to_network(user):
            audiences.append(DirectoryEntry.Audience.NETWORK)
        return self.in_network().filter(audience__in=audiences)

    def open_to(self, user):
        """What this person finds, and what their own projects show, to whomever: their logo is theirs to see."""
        own = self.filter(project__in=Project.objects.of_member(user).values("pk"))
        return self.filter(Q(pk__in=self.shown_to(user).values("pk")) | Q(pk__in=own.values("pk")))

    def with_typology(self):
        """`typology_key` of the partnership that goes on; NULL while the project is on its pathway."""
        current = Partnership.objects.current().filter(project=OuterRef("project"))
        return self.annotate(typology_key=Subquery(current.values("typology__key")[:1]))


def stored_as(row: DirectoryEntry, _name: str) -> str:
    """Under a name that changes with the picture, in a folder that no web server serves."""
    return f"directory/{row.pk}-{uuid.uuid4().hex[:8]}.png"


class DirectoryEntry(models.Model):
    """What one project shows of itself. Born when its lead first saves it; nothing is shown that was not chosen, field by field.

    `north` and `east` are whole half-degrees: an exact place cannot be written here. NULL `contact`: nobody receives messages.
    `accent` empty: the colours of the Academy. `languages` and `pillars` are codes between spaces, so that one is found alone.
    """

    class Audience(models.TextChoices):
        NOBODY = "nobody", _("Nobody: we are not in the directory")
        NETWORK = "network", _("The network: the people of its projects, and the team")
        EVERYBODY = "everybody", _("Everybody, on the internet")

    class Position(models.TextChoices):
        NOWHERE = "nowhere", _("Not on the map")
        COUNTRY = "country", _("In the middle of our country")
        AREA = "area", _("Near a town, give or take 50 km")

    FIELDS = ("country", "place", "stage", "status", "pillars", "languages", "text", "website")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="directory_entry", verbose_name=_("project"))
    audience = models.CharField(_("who finds it"), max_length=16, choices=Audience, default=Audience.NOBODY)
    shows_country = models.BooleanField(_("the country"), default=False)
    shows_place = models.BooleanField(_("the town or region"), default=False)
    shows_stage = models.BooleanField(_("where we are on the pathway, or our status as a partner"), default=False)
    shows_status = models.BooleanField(_("where the project stands"), default=False)
    shows_pillars = models.BooleanField(_("the pillars on which we can help others"), default=False)
    shows_languages = models.BooleanField(_("the languages that we speak"), default=False)
    shows_text = models.BooleanField(_("a short text"), default=False)
    shows_website = models.BooleanField(_("the web site"), default=False)
    position = models.CharField(_("on the map"), max_length=16, choices=Position, default=Position.NOWHERE)
    north = models.SmallIntegerField(_("half-degrees north"), null=True, blank=True)
    east = models.SmallIntegerField(_("half-degrees east"), null=True, blank=True)
    pillars = models.CharField(_("pillars"), max_length=60, blank=True)
    languages = models.CharField(_("languages"), max_length=250, blank=True)
    text = LocalizedTextField(_("short text"), blank=True)
    contact = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who receives messages"),
    )
    shows_contact = models.BooleanField(_("the name of who receives messages"), default=False)
    accent = models.CharField(_("colour"), max_length=7, blank=True, validators=[hex_colour])
    logo = models.ImageField(
        _("logo"), upload_to=stored_as, max_length=120, blank=True, width_field="logo_width", height_field="logo_height"
    )
    logo_width = models.PositiveSmallIntegerField(null=True, editable=False)
    logo_height = models.PositiveSmallIntegerField(null=True, editable=False)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = DirectoryEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the directory")
        verbose_name_plural = _("entries of the directory")
        ordering = ["project__name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(position="area", north__isnull=False, east__isnull=False)
                | (~Q(position="area") & Q(north__isnull=True, east__isnull=True)),
                name="only_an_area_has_its_half_degrees",
            ),
            models.CheckConstraint(
                condition=Q(north__isnull=True) | Q(north__range=(-180, 180), east__range=(-360, 360)),
                name="half_degrees_are_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(position="nowhere") | Q(shows_country=True),
                name="a_place_on_the_map_shows_its_country",
                violation_error_message=_("A place on the map tells the country: show the country too, or leave the map."),
            ),
            models.CheckConstraint(
                condition=Q(shows_contact=False) | Q(contact__isnull=False), name="only_a_contact_that_there_is_can_be_shown"
            ),
            is_colour("accent", name="the_colour_of_an_entry_is_one"),
        ]

    def __str__(self):
        return self.project.name

    @property
    def receives(self) -> bool:
        """Somebody who still speaks for the project reads what is written to it. One query."""
        speaking = self.project.memberships.speaking().filter(person=self.contact_id, person__is_active=True)
        return self.contact_id is not None and speaking.exists()

    @property
    def pillar_keys(self) -> list[str]:
        return self.pillars.split()

    @property
    def language_codes(self) -> list[str]:
        return self.languages.split()


class NetworkMessageQuerySet(models.QuerySet):
    def received_by(self, user):
        return self.filter(to=user) if user.is_authenticated else self.none()

    def sent_by(self, user):
        return self.filter(sender=user) if user.is_authenticated else self.none()

    def reported(self):
        return self.filter(reported_at__isnull=False)

    def for_user(self, user):
        """What coordinators judge: what its receiver showed them. Nothing that they wrote or received, or to a project of their interest."""
        if not is_coordinator(user):
            return self.none()
        return self.reported().exclude(sender=user).exclude(to=user).exclude(entry__project__in=interests_of(user).values("pk"))

    def since(self, moment: datetime):
        return self.filter(sent_at__gt=moment)


class NetworkMessage(models.Model):
    """What somebody wrote to a project through the directory. Kept for whoever received it; the team reads it only when they report it.

    NULL `settled_at` on a reported one: a coordinator has not looked yet, and its writer writes to nobody meanwhile.
    """

    class Verdict(models.TextChoices):
        FINE = "fine", _("Nothing wrong: its writer may go on")
        BARRED = "barred", _("Misuse: its writer writes to nobody here any more")

    LETTERS = "network:"  # how the cause of the mail that hands one on begins: it is read by nobody else

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(DirectoryEntry, on_delete=models.CASCADE, related_name="messages", verbose_name=_("entry"))
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="network_messages", verbose_name=_("written by")
    )
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("received by"))
    words = models.TextField(_("words"), max_length=3000)
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    reported_at = models.DateTimeField(_("reported"), null=True, blank=True)
    report = models.TextField(_("why it is reported"), max_length=1000, blank=True)
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = NetworkMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message of the network")
        verbose_name_plural = _("messages of the network")
        ordering = ["-sent_at"]
        indexes = [models.Index(fields=["sender", "sent_at"])]
        constraints = [
            date_with_author("settled", name="a_report_is_settled_by_somebody"),
            models.CheckConstraint(
                condition=Q(verdict="", settled_at__isnull=True)
                | (~Q(verdict="") & Q(settled_at__isnull=False, reported_at__isnull=False)),
                name="only_a_report_has_a_verdict",
            ),
        ]

    def __str__(self):
        return f"{self.sender} → {self.entry}"

    @property
    def letter_cause(self) -> str:
        """Of the mail that handed it on."""
        return f"{self.LETTERS}{self.pk}"
