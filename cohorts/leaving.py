"""What a person who is erased leaves behind in cohorts, and what stands in the way of it (`academy.erasure`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.erasure import NO_ADDRESS, Obstacle, register
from academy.models import Message, User
from cohorts.actions.funding import forget_papers
from cohorts.actions.satisfaction import forget_words
from cohorts.actions.visa import forget_letters
from cohorts.letters import hold_back
from cohorts.models import (
    Application,
    Cohort,
    CohortComment,
    CohortState,
    CommentReport,
    DirectoryEntry,
    MentorAssignment,
    NetworkMessage,
    OfficeHour,
    OfficeHourBooking,
    Participation,
    Partnership,
    PeerFeedback,
    Project,
    ProjectInvitation,
    ProjectMember,
    Registration,
    ReviewAssignment,
    SupportPlanItem,
)
from cohorts.models.application import OPEN_STATES


def obstacles(person: User) -> Iterator[Obstacle]:
    """Seats, projects, reviews and people that would wait for somebody who is not there any more."""
    led = Project.objects.filter(memberships__in=ProjectMember.objects.filter(person=person, role=ProjectMember.Role.LEAD))
    others = ProjectMember.objects.speaking().exclude(person=person)
    alive = Q(pk__in=Participation.objects.on_the_way().values("project")) | Q(pk__in=Partnership.objects.current().values("project"))
    open_applications = Application.objects.filter(state__in=OPEN_STATES)
    shared = led.filter(alive | Q(pk__in=others.values("project")) | Q(pk__in=open_applications.values("project")))
    for project in shared.distinct().order_by("name"):
        words = _("“%(project)s” has no other lead: hand the lead over, or withdraw the project.") % {"project": project}
        yield Obstacle(words, reverse("my"))
    for row in Registration.objects.live().filter(person=person, session__ends_at__gt=timezone.now()).select_related("session"):
        words = _("A place at “%(session)s”: give it back.") % {"session": row.session}
        yield Obstacle(words, reverse("cohorts_session", args=[row.session_id]))
    yield from _of_the_team(person)


def _of_the_team(person: User) -> Iterator[Obstacle]:
    if reviews := ReviewAssignment.objects.live().filter(reviewer=person).exclude(application__state__in=["withdrawn", "lapsed"]).count():
        words = ngettext("One application waits for this review.", "%(count)d applications wait for these reviews.", reviews)
        yield Obstacle(words % {"count": reviews}, reverse("cohorts_reviews"))
    accompanied = MentorAssignment.objects.filter(mentor=person, until__isnull=True).select_related("project")
    for row in accompanied.order_by("project__name"):
        yield Obstacle(_("“%(project)s” is accompanied: somebody else becomes its mentor first.") % {"project": row.project})
    for cohort in Cohort.objects.filter(coordinator=person).exclude(state=CohortState.CLOSED):
        yield Obstacle(_("The coordination of “%(cohort)s” goes to somebody else first.") % {"cohort": cohort})
    for hour in OfficeHour.objects.to_come().standing().filter(host=person):
        yield Obstacle(_("An office hour is held on %(day)s: cancel it.") % {"day": date_format(hour.starts_at)})
    if OfficeHourBooking.objects.to_come().filter(person=person).exists():
        yield Obstacle(_("An office hour is booked: give it back."), reverse("cohorts_my_office_hours"))
    owed = SupportPlanItem.objects.filter(owner=person, settled_at__isnull=True, partnership__ended_at__isnull=True).count()
    if owed:
        words = ngettext(
            "One line of a support plan has nobody else: name somebody.",
            "%(count)d lines of support plans have nobody else: name somebody.",
            owed,
        )
        yield Obstacle(words % {"count": owed})


def forget(person: User) -> None:
    """Their places in teams, and the words about them that nothing counts. A project whose only lead goes keeps them, without a name."""
    ProjectMember.objects.filter(person=person).exclude(role=ProjectMember.Role.LEAD).delete()
    for invitation in ProjectInvitation.objects.filter(email__iexact=person.email):
        invitation.email = f"{invitation.pk}@{NO_ADDRESS}"
        invitation.ended_at, invitation.ended_by = invitation.ended_at or timezone.now(), invitation.ended_by or person
        invitation.save(update_fields=["email", "ended_at", "ended_by"])
    _leave_network(person)
    CohortComment.objects.filter(author=person, deleted_at__isnull=True).update(words="", deleted_at=timezone.now())
    CommentReport.objects.filter(reported_by=person).update(reason="—")
    PeerFeedback.objects.filter(reported_by=person).update(report="—")  # what is said of works is their project’s
    Registration.objects.filter(person=person).update(status_reason="", funding_reason="")
    booked = OfficeHourBooking.objects.filter(person=person)
    booked.update(question="")
    booked.filter(cancelled_by=person).update(cancelled_reason="—")
    _empty_letters_of_hours(booked)
    _empty_letters([f"place-late:{pk}" for pk in Registration.objects.filter(person=person).values_list("pk", flat=True)])
    forget_papers(person)
    forget_words(person)
    forget_letters(person)


def _empty_letters_of_hours(booked: QuerySet[OfficeHourBooking]) -> None:
    """Of the letters that told a host what they asked, or why they come no more: that they went is kept, not what they said.

    Those that name everybody who comes are emptied whole; of the others about the same hours, the calendar’s file, which names everybody too.
    """
    _empty_letters([cause for booking in booked for cause in booking.causes_to_host])
    for hour in OfficeHour.objects.filter(bookings__in=booked).distinct():
        to_host = Message.objects.filter(to=hour.host_id)
        for causes in hour.causes_naming_all:
            _empty_letters(to_host.filter(cause__startswith=causes).values_list("cause", flat=True))
        causes = [f"office-hour-cancelled:{hour.pk}:host", *(cause for one in hour.bookings.all() for cause in one.causes_to_host)]
        to_host.filter(cause__in=causes).update(calendar="")


def _empty_letters(causes: Iterable[str]) -> None:
    causes = list(causes)
    hold_back(causes, now=timezone.now())
    Message.objects.filter(cause__in=causes).update(subject="—", body_text="", body_html="", calendar="", reply_to="")


def _leave_network(person: User) -> None:
    """Nobody is left to answer for the entry of a project that they led alone; what they wrote to others goes, in our letters too."""
    led = ProjectMember.objects.filter(person=person, role=ProjectMember.Role.LEAD).values("project")
    DirectoryEntry.objects.filter(project__in=led).update(audience=DirectoryEntry.Audience.NOBODY)
    DirectoryEntry.objects.filter(contact=person).update(contact=None, shows_contact=False)
    written = NetworkMessage.objects.filter(sender=person)
    letters = [row.letter_cause for row in written.only("pk")]
    hold_back(letters, now=timezone.now())
    Message.objects.filter(cause__in=letters).update(subject="—", body_text="", body_html="", reply_to="")
    NetworkMessage.objects.filter(Q(sender=person) | Q(to=person)).update(words="—")
    NetworkMessage.objects.filter(to=person).exclude(report="").update(report="—")  # only who receives one reports it


def install() -> None:
    """Called once, by CohortsConfig.ready."""
    register(obstacles=obstacles, forget=forget)
