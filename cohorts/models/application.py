"""Asking to join a cohort, and who reads the request."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.permissions import is_coordinator, is_reviewer

from .append_only import AppendOnlyModel, AppendOnlyQuerySet
from .cohort import Cohort, CohortState
from .constraints import date_with_author
from .project import MentorAssignment, Project, ProjectMember
from .review_round import ReviewRound


class ApplicationState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned for completion")
    INELIGIBLE = "ineligible", _("Not eligible")
    UNDER_REVIEW = "under_review", _("Under review")
    DELIBERATION = "deliberation", _("In deliberation")
    ADMITTED = "admitted", _("Admitted")
    RESERVE = "reserve", _("On the reserve list")
    DECLINED = "declined", _("Not admitted")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Not submitted in time")


_S = ApplicationState

APPLICATION_MOVES: dict[str, frozenset[str]] = {
    _S.DRAFT: frozenset({_S.SUBMITTED, _S.WITHDRAWN, _S.LAPSED}),
    _S.SUBMITTED: frozenset({_S.RETURNED, _S.INELIGIBLE, _S.UNDER_REVIEW, _S.WITHDRAWN}),
    _S.RETURNED: frozenset({_S.SUBMITTED, _S.WITHDRAWN}),
    _S.UNDER_REVIEW: frozenset({_S.RETURNED, _S.DELIBERATION, _S.WITHDRAWN}),
    _S.DELIBERATION: frozenset({_S.ADMITTED, _S.RESERVE, _S.DECLINED, _S.WITHDRAWN}),
    _S.RESERVE: frozenset({_S.ADMITTED, _S.WITHDRAWN}),
    _S.INELIGIBLE: frozenset(),
    _S.ADMITTED: frozenset(),
    _S.DECLINED: frozenset(),
    _S.WITHDRAWN: frozenset(),
    _S.LAPSED: frozenset(),
}

# A decision is reopened only by a new determination that supersedes the one in force.
REOPENING_MOVES: dict[str, frozenset[str]] = {
    _S.ADMITTED: frozenset({_S.RESERVE, _S.DECLINED}),
    _S.RESERVE: frozenset({_S.DECLINED}),
    _S.DECLINED: frozenset({_S.ADMITTED, _S.RESERVE}),
    _S.INELIGIBLE: frozenset({_S.ADMITTED, _S.RESERVE, _S.DECLINED}),
}

OPEN_STATES = frozenset({_S.DRAFT, _S.SUBMITTED, _S.RETURNED, _S.UNDER_REVIEW, _S.DELIBERATION, _S.RESERVE})
LIVE_STATES = OPEN_STATES | {_S.ADMITTED}
EDITABLE_STATES = frozenset({_S.DRAFT, _S.RETURNED})
SUBMITTED_STATES = frozenset(set(_S.values) - {_S.DRAFT, _S.WITHDRAWN, _S.LAPSED})
DECIDED_STATES = frozenset({_S.ADMITTED, _S.RESERVE, _S.DECLINED})

# Their words, as they stand now, may be others than those that were sent: the project rewrites them, did so until it withdrew, or
# until the date that it was given passed (`has_unsent_words`)
REWRITTEN_STATES = frozenset({_S.RETURNED, _S.WITHDRAWN})
AS_SENT = Q(submitted_at__isnull=False, has_unsent_words=False) & ~Q(state__in=sorted(REWRITTEN_STATES))

# After its last day an application is still taken for so long, with the reason why it is late. Then a draft lapses.
LATE = timedelta(days=3)

# The states of a cohort in which an application may still be sent, by the call or by a personal word
TAKES_APPLICATIONS = frozenset({CohortState.OPEN, CohortState.REVIEWING})

# What the project is told. What staff see is the label of the state itself: `ApplicationState.labels`.
PUBLIC_LABELS = {
    _S.DRAFT: _("Being written"),
    _S.SUBMITTED: _("Received"),
    _S.RETURNED: _("We need something more from you"),
    _S.INELIGIBLE: _("Outside this call"),
    _S.UNDER_REVIEW: _("Being read"),
    _S.DELIBERATION: _("Being read"),
    _S.ADMITTED: _("Admitted"),
    _S.RESERVE: _("On the reserve list"),
    _S.DECLINED: _("Not admitted this time"),
    _S.WITHDRAWN: _("Withdrawn by you"),
    _S.LAPSED: _("Not sent in time"),
}


class Sending(Enum):
    """Whether an application may be sent now."""

    IN_TIME = "in time"
    LATE = "late"
    CLOSED = "closed"


class ApplicationQuerySet(models.QuerySet):
    def live(self):
        return self.filter(state__in=LIVE_STATES)

    def submitted(self):
        """Everything that was once submitted and not withdrawn."""
        return self.filter(state__in=SUBMITTED_STATES)

    def of_member(self, user):
        if not user.is_authenticated:
            return self.none()
        return self.filter(project__in=ProjectMember.objects.filter(person=user).values("project"))

    def without_conflict(self, user):
        """Applications that this person may judge: no conflict declared in any of its project's, and not a project of theirs."""
        return self.exclude(
            project__in=ConflictDeclaration.objects.standing().filter(person=user).values("application__project"),
        ).exclude(project__in=ProjectMember.objects.filter(person=user).values("project"))

    def for_staff(self, user):
        """What this person reads as staff: coordinators read all, reviewers what they accepted to read; never with a conflict."""
        if is_coordinator(user):
            return self.without_conflict(user).exclude(state=_S.DRAFT)
        if is_reviewer(user):
            mine = ReviewAssignment.objects.reading().filter(reviewer=user).values("application")
            return self.without_conflict(user).filter(pk__in=mine)
        return self.none()

    def for_user(self, user):
        """Everything this person may open, as a member of the project or as staff."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            Q(pk__in=self.model.objects.of_member(user).values("pk")) | Q(pk__in=self.model.objects.for_staff(user).values("pk"))
        )


class Application(models.Model):
    """A project asks to join a cohort. Born as a draft by the lead; ends decided, withdrawn or lapsed.

    What it says is in the project's dossier, in the two answers here and in those to the call (`cohorts.answers` has them all). What
    reviewers read is the last `ApplicationSnapshot`; NULL `submitted_at` means never submitted.
    """

    State = ApplicationState

    ANSWERS = ("expectations", "funds_own_travel")
    LONG = ("expectations", "extension_reason", "late_reason", "carried")  # what a line of a list does not read

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="applications", verbose_name=_("project"))
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="applications", verbose_name=_("cohort"))
    state = models.CharField(_("state"), max_length=16, choices=ApplicationState, default=ApplicationState.DRAFT)
    state_reason = models.TextField(_("reason"), blank=True, help_text=_("Why it was returned, refused or withdrawn, said to the project."))

    expectations = models.TextField(
        _("what you expect"), max_length=4000, blank=True, help_text=_("What do you hope to receive from Smart?")
    )
    funds_own_travel = models.BooleanField(
        _("we will find the money for our own travel to the sessions"),
        default=False,
        help_text=_("Two sessions in person each year. Coming is your first mark of interest."),
    )

    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE, help_text=_("In which it is written.")
    )
    carried = models.JSONField(_("carried from before"), default=dict, blank=True, editable=False)  # see `cohorts.carried`
    extended_until = models.DateTimeField(_("may submit until"), null=True, blank=True, help_text=_("A personal extension."))
    extended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    extension_reason = models.TextField(_("why more time"), max_length=2000, blank=True)
    late_reason = models.TextField(_("why it comes late"), max_length=2000, blank=True, help_text=_("Said by the project."))

    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(_("last saved"), auto_now=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    return_due_at = models.DateTimeField(_("to complete before"), null=True, blank=True, help_text=_("Set when returned; empty otherwise."))
    has_unsent_words = models.BooleanField(
        _("holds words that were not sent"), default=False, help_text=_("Taken up as it was last sent, while the project wrote on.")
    )

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "cohort"],
                condition=Q(state__in=sorted(LIVE_STATES)),
                name="a_project_has_one_live_application_per_cohort",
                violation_error_message=_("This project has an application for this cohort already."),
            ),
            date_with_author("submitted", name="an_application_is_submitted_by_somebody"),
            models.CheckConstraint(
                condition=Q(extended_until__isnull=True, extended_by__isnull=True)
                | (Q(extended_until__isnull=False, extended_by__isnull=False) & ~Q(extension_reason="")),
                name="an_extension_has_its_author_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn", "lapsed"]) | Q(submitted_at__isnull=False),
                name="an_application_past_draft_was_submitted",
                violation_error_message=_("An application that was read has a date of submission."),
            ),
            models.CheckConstraint(
                condition=Q(has_unsent_words=False) | Q(submitted_at__isnull=False),
                name="an_application_taken_up_was_submitted",
            ),
        ]
        indexes = [models.Index(fields=["cohort", "state"])]

    def __str__(self):
        return f"{self.project} → {self.cohort}"

    @property
    def public_state(self) -> str:
        """The state in the project's words: deliberation looks like reading."""
        return str(PUBLIC_LABELS[self.state])

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE_STATES

    @property
    def may_be_withdrawn(self) -> bool:
        return _S.WITHDRAWN in APPLICATION_MOVES[self.state]

    @property
    def due_at(self) -> datetime | None:
        """The last moment to send it: of the call, or its own. NULL: returned without a date."""
        if self.state == _S.RETURNED:
            own = [one for one in (self.return_due_at, self.extended_until) if one]
            return max(own) if self.return_due_at and own else None
        return max(self.cohort.intake_closes_at, self.extended_until or self.cohort.intake_closes_at)

    def may_be_sent(self, now: datetime | None = None) -> Sending:
        """In time, late with a reason, or no longer. Whatever was given, a date or none, holds while the cohort is not yet running."""
        now, cohort = now or timezone.now(), self.cohort
        due = self.due_at
        if cohort.state not in TAKES_APPLICATIONS or now < cohort.intake_opens_at:
            return Sending.CLOSED
        if due is None:
            return Sending.IN_TIME
        if now < due:
            by_the_call = self.state == _S.DRAFT and not self.extended_until
            return Sending.CLOSED if by_the_call and cohort.state != CohortState.OPEN else Sending.IN_TIME
        return Sending.LATE if now < due + LATE else Sending.CLOSED

    def may_be_taken_up(self, now: datetime | None = None, *, by_the_clock: bool = False) -> bool:
        """Returned, and its project can no longer send it; or it was given no date by which to, and a person decides, not the clock."""
        if self.due_at is None and not by_the_clock:
            return True
        return self.may_be_sent(now) == Sending.CLOSED


class ApplicationSnapshot(AppendOnlyModel):
    """What was submitted, each time it was. The last one is what reviewers read.

    `words`: all that it says, for the search of the coordinators: a line per text, without labels. NULL only inside migrations.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="snapshots")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    words = models.TextField(null=True, editable=False)
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("submitted version")
        verbose_name_plural = _("submitted versions")
        ordering = ["application", "number"]
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="a_submitted_version_has_its_number"),
        ]

    def __str__(self):
        return f"{self.application} ({self.number})"

    def save(self, *args, **kwargs):
        if self._state.adding:
            self.words = texts_said(self.content)
        return super().save(*args, **kwargs)


def texts_said(content: Mapping[str, Any]) -> str:
    """What a submitted version says in free words: of the project, its dossier, the Academy's questions, and the texts of the call."""
    parts = [content.get(part, {}) for part in ("project", "dossier", "answers")]
    said = [value for part in parts for name, value in part.items() if name not in ("country", "language")]
    said += [one["value"] for one in content.get("call", []) if one["kind"] == "text"]
    return "\n".join(text for text in said if isinstance(text, str) and text)


class AssignmentState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    IN_PROGRESS = "in_progress", _("In progress")
    SUBMITTED = "submitted", _("Submitted")
    RECUSED = "recused", _("Recused")
    RELEASED = "released", _("Released")


_A = AssignmentState

ASSIGNMENT_MOVES: dict[str, frozenset[str]] = {
    _A.PROPOSED: frozenset({_A.ACCEPTED, _A.DECLINED, _A.RECUSED, _A.RELEASED}),
    _A.ACCEPTED: frozenset({_A.IN_PROGRESS, _A.RECUSED, _A.RELEASED}),
    _A.IN_PROGRESS: frozenset({_A.SUBMITTED, _A.RECUSED, _A.RELEASED}),
    _A.SUBMITTED: frozenset({_A.IN_PROGRESS, _A.RECUSED, _A.RELEASED}),
    _A.DECLINED: frozenset(),
    _A.RECUSED: frozenset(),
    _A.RELEASED: frozenset({_A.RECUSED}),  # what was submitted before counted until now
}

READING_STATES = frozenset({_A.ACCEPTED, _A.IN_PROGRESS, _A.SUBMITTED})
LIVE_ASSIGNMENT_STATES = READING_STATES | {_A.PROPOSED}
RECUSABLE_STATES = frozenset(state for state, moves in ASSIGNMENT_MOVES.items() if _A.RECUSED in moves)


class ReleasedBy(models.TextChoices):
    """Why it is not a person who stops asking somebody, but the clock or what became of the application: kept as such in `state_reason`,
    said in the language of whoever reads it."""

    NO_ACCOUNT = "clock:no-account", _("Has no account any more.")
    CLOSED = "clock:closed", _("The reading is closed.")
    SILENCE = "clock:silence", _("Reminded, and nothing came.")
    WITHDRAWN = "over:withdrawn", _("The project has withdrawn its application.")
    INELIGIBLE = "over:ineligible", _("The application cannot be taken into this call.")
    DECIDED = "over:decided", _("The decision is told to the project.")


class ReviewAssignmentQuerySet(models.QuerySet):
    def live(self):
        return self.filter(state__in=LIVE_ASSIGNMENT_STATES)

    def reading(self):
        """The reviewer has answered yes and may read the application."""
        return self.filter(state__in=READING_STATES)

    def to_be_judged(self):
        """Of which what was read may yet count, or is still to be read; the others were judged when nothing stood in the way."""
        return self.filter(Q(application__state__in=OPEN_STATES) | Q(state__in=LIVE_ASSIGNMENT_STATES - {AssignmentState.SUBMITTED}))

    def of_members(self):
        """Those by which somebody is asked to judge a project that they are in."""
        own = ProjectMember.objects.filter(project=OuterRef("application__project"), person=OuterRef("reviewer"))
        return self.recusable().to_be_judged().filter(Exists(own))

    def recusable(self):
        """Those on which a conflict has an effect, in every round."""
        return self.filter(state__in=RECUSABLE_STATES)

    def for_user(self, user):
        """One's own; coordinators all. Nobody those of a project of theirs, nor of one in which a conflict stands."""
        if not user.is_authenticated:
            return self.none()
        rows = self.exclude(application__project__in=interests_of(user).values("pk"))
        return rows if is_coordinator(user) else rows.filter(reviewer=user)


class ReviewAssignment(models.Model):
    """One reviewer is asked to read one application. Proposed by a coordinator; ended by either, or by submitting.

    Recused: a conflict was found, the assessment is kept and not counted. Released: no longer asked, what was submitted counts.
    """

    State = AssignmentState

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("application"))
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="review_assignments", verbose_name=_("reviewer")
    )
    state = models.CharField(_("state"), max_length=16, choices=AssignmentState, default=AssignmentState.PROPOSED)
    state_reason = models.TextField(_("reason"), blank=True)
    due_on = models.DateField(_("wanted by"), null=True, blank=True)
    round = models.ForeignKey(ReviewRound, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("round"))
    proposed_at = models.DateTimeField(_("proposed"))
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, help_text=_("First time; a reopened review keeps it."))
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True, help_text=_("Since they last answered."))

    objects = ReviewAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["application", "proposed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "application", "reviewer"],
                condition=~Q(state__in=["declined", "recused", "released"]),
                name="a_reviewer_reads_an_application_once_a_round",
                violation_error_message=_("This person is already asked to read this application."),
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(submitted_at__isnull=False),
                name="a_submitted_review_has_its_date",
            ),
        ]

    def __str__(self):
        return f"{self.reviewer} · {self.application}"

    @property
    def reason_in_words(self):
        """As it was typed; what the clock gave in the language of whoever reads it."""
        return ReleasedBy(self.state_reason).label if self.state_reason in ReleasedBy.values else self.state_reason


class ConflictDeclarationQuerySet(models.QuerySet):
    def standing(self):
        """Conflicts that close to the person every application of the project in which they are declared."""
        return self.filter(kind=ConflictDeclaration.Kind.DECLARED)

    def for_user(self, user):
        """One's own answers; coordinators those about every application that is not closed to them."""
        own = Q(person=user)
        return self.filter(own | Q(application__in=Application.objects.without_conflict(user)) if is_coordinator(user) else own)


def interests_of(person) -> models.QuerySet:
    """The projects in which a person has an interest: their own, and those in whose applications they declared one, whichever it was."""
    own = ProjectMember.objects.filter(person=person).values("project")
    declared = ConflictDeclaration.objects.standing().filter(person=person).values("application__project")
    return Project.objects.filter(Q(pk__in=own) | Q(pk__in=declared))


def without_interest(people: models.QuerySet, project: Project) -> models.QuerySet:
    """Those of the people who have none in the project: the same question, asked from its side."""
    declared = ConflictDeclaration.objects.standing().filter(application__project=project)
    members = ProjectMember.objects.filter(project=project)
    return people.exclude(pk__in=declared.values("person")).exclude(pk__in=members.values("person"))


class ConflictDeclaration(models.Model):
    """A person's answer to “do you have an interest in this project?”. Changed only by its person, or waived by a coordinator."""

    class Kind(models.TextChoices):
        NONE = "none", _("No conflict of interest")
        DECLARED = "declared", _("Conflict of interest")
        WAIVED = "waived", _("Conflict declared and waived")

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="conflict_declarations", verbose_name=_("application")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="conflict_declarations", verbose_name=_("person")
    )
    kind = models.CharField(_("answer"), max_length=16, choices=Kind)
    reason = models.TextField(_("reason"), blank=True)
    declared_at = models.DateTimeField(_("declared"))
    waived_at = models.DateTimeField(_("waived"), null=True, blank=True)
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ConflictDeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = _("declaration of interest")
        verbose_name_plural = _("declarations of interest")
        ordering = ["application", "declared_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "person"],
                name="a_person_declares_once_per_application",
                violation_error_message=_("This person has answered already."),
            ),
            date_with_author("waived", name="a_conflict_is_waived_by_somebody"),
            models.CheckConstraint(
                condition=Q(kind="waived", waived_at__isnull=False) | (~Q(kind="waived") & Q(waived_at__isnull=True)),
                name="a_waived_conflict_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(kind="none") | ~Q(reason=""),
                name="a_conflict_has_its_reason",
                violation_error_message=_("Say what the conflict is."),
            ),
        ]

    def __str__(self):
        return f"{self.person} · {self.application}: {self.get_kind_display()}"


def is_mentor_of(user, project: Project) -> bool:
    """Whether this person accompanies the project, or ever did."""
    return MentorAssignment.objects.filter(project=project, mentor=user).exists()
