"""The verbs of each page inside the CMS, in the order in which they are used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.cms_verbs import Verb, in_state, words
from academy.models import User
from academy.permissions import COORDINATORS, TRAINERS
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.cms_verbs import (
    AdmissionForm,
    AssignForm,
    AssignmentForm,
    DeclareForm,
    ExtendForm,
    NoteForm,
    OptionalNoteForm,
    ReasonForm,
    RecuseForm,
    ReturnForm,
    SeenForm,
    TakeBackForm,
    may_be_extended,
    pending_key,
)
from cohorts.forms import DiscussForm
from cohorts.models import (
    Application,
    Cohort,
    ConflictDeclaration,
    DeliberationNote,
    Determination,
    Participation,
    Requirement,
    RequirementRecord,
    ReviewAssignment,
)
from cohorts.models.participation import PLACE_HOLDING
from cohorts.offers import answer_by_of
from cohorts.round_acts import PLAN_ROUND


def pending_as_seen(row: Application | Participation, seen: UUID | None) -> Determination:
    """The decision prepared and not yet released. Raises RuleViolation when there is none, or another one than the page showed."""
    pending = row.determinations.pending().first()
    if pending is None:
        raise RuleViolation(_("No decision is prepared. Prepare one first."), code="wrong_state")
    if pending.pk != seen:
        raise RuleViolation(_("Somebody has decided on this project since you opened the page. Load it again and look."), code="changed")
    return pending


def _known(row: Any, name: str, ask: Callable[[], bool]) -> bool:
    """What the page asked together with the row (`asked_with`), else asked now."""
    return row.__dict__[name] if name in row.__dict__ else ask()


def asked_with(user: User) -> dict[str, Exists | Subquery]:
    """For `annotate`: what the verbs of an application want to know of it, in its own query."""
    pending = Determination.objects.pending().filter(application=OuterRef("pk"))
    return {
        "pending_key": Subquery(pending.values("pk")[:1]),
        "has_decision_told": Exists(Determination.objects.in_force().filter(application=OuterRef("pk"))),
        "may_still_sign": Exists(pending.exclude(signatures__signed_by=user)),
        "has_live_reviews": Exists(ReviewAssignment.objects.live().filter(application=OuterRef("pk"))),
        "has_reviews_to_recuse": Exists(ReviewAssignment.objects.recusable().filter(application=OuterRef("pk"))),
        "has_conflicts": Exists(ConflictDeclaration.objects.standing().filter(application__project=OuterRef("project"))),
    }


def has_pending(row: Any, user: User) -> bool:
    return pending_key(row) is not None


def may_still_sign(row: Any, user: User) -> bool:
    return _known(row, "may_still_sign", lambda: _may_still_sign(row, user))


def _may_still_sign(row: Any, user: User) -> bool:
    pending = row.determinations.pending().first()
    return pending is not None and not pending.signatures.filter(signed_by=user).exists()


def _sign(row, *, by, seen):
    return actions.sign(pending_as_seen(row, seen), by=by)


def _release(row, *, by, seen):
    return actions.release(pending_as_seen(row, seen), by=by)


def has_first_pending(row: Application, user: User) -> bool:
    """What replaces a decision that was told is released where the letters are looked at first."""
    return has_pending(row, user) and not _known(row, "has_decision_told", lambda: row.determinations.in_force().exists())


def _release_first(row, *, by, seen):
    return actions.release(pending_as_seen(row, seen), by=by, is_first=True)


SIGN = Verb("sign", _("Sign the prepared decision"), _sign, may_still_sign, form=SeenForm, takes_row=True)
RELEASE = Verb(
    "release",
    _("Release the decision"),
    _release,
    has_pending,
    form=SeenForm,
    takes_row=True,
    explanation=_("The project is told at once, by mail and on its pathway. This is not taken back: only another decision replaces it."),
    is_grave=True,
    writes=True,
)


# --- a cohort


def _extend(row, *, by, application, until, reason):
    return actions.extend_application(application, by=by, until=until, reason=reason)


COHORT_VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "open",
            _("Open the call"),
            actions.open_cohort,
            in_state("planned"),
            explanation=_("From now on its pathway and its rubric are frozen: a change makes a new version."),
        ),
        Verb("review", _("Close the call and review"), actions.start_reviewing, in_state("open")),
        PLAN_ROUND,
        Verb("reopen", _("Open the call again"), actions.open_cohort, in_state("reviewing")),
        Verb("start", _("Start the cohort"), actions.run_cohort, in_state("reviewing")),
        Verb("close", _("Close the cohort"), actions.close_cohort, in_state("running"), is_grave=True),
        Verb(
            "extend",
            _("Give one project more time"),
            _extend,
            lambda row, user: row.state in ("open", "reviewing") and may_be_extended(row, user).exists(),
            form=ExtendForm,
            explanation=_("The project is told at once. The call stays closed to the others."),
            takes_row=True,
            takes_user=True,
        ),
    )
}


# --- an application


def _declare(row, *, by, reason):
    return actions.declare_interest(row, by=by, conflict=True, reason=reason)


def _assign(row, *, by, reviewer, due_on):
    return actions.assign_reviewer(row, by=by, reviewer=reviewer, due_on=due_on)


def _release_reviewer(row, *, by, assignment, reason):
    return actions.release_reviewer(assignment, by=by, reason=reason)


def _recuse(row, *, by, assignment, reason):
    return actions.recuse_reviewer(assignment, by=by, reason=reason)


def conflicts_of(row: Application) -> QuerySet[ConflictDeclaration]:
    """Also those declared in another application of the project: they close this one too."""
    return ConflictDeclaration.objects.standing().filter(application__project=row.project_id)


class WaiveConflictForm(forms.Form):
    declaration = forms.ModelChoiceField(label=_("Whose"), queryset=ConflictDeclaration.objects.none())
    reason = forms.CharField(label=_("Why it does not matter"), widget=words(), max_length=4000)

    def __init__(self, *args, row: Application, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["declaration"].queryset = conflicts_of(row).select_related("person")
        self.fields["declaration"].label_from_instance = lambda declaration: f"{declaration.person}: {declaration.reason}"


def _waive_conflict(row, *, by, declaration, reason):
    return actions.waive_conflict(declaration, by=by, reason=reason)


def has_live_reviews(row: Application, user: User) -> bool:
    return _known(row, "has_live_reviews", lambda: row.assignments.live().exists())


def has_reviews_to_recuse(row: Application, user: User) -> bool:
    return _known(row, "has_reviews_to_recuse", lambda: row.assignments.recusable().exists())


def has_conflicts(row: Application, user: User) -> bool:
    return _known(row, "has_conflicts", lambda: conflicts_of(row).exists())


def may_be_taken_up(row: Application, user: User) -> bool:
    return row.state == "returned" and row.may_be_taken_up()


OPEN_TO_DECISION = ("deliberation", "reserve", "declined", "ineligible", "admitted")

APPLICATION_VERBS = {
    verb.name: verb
    for verb in (
        Verb("assign", _("Ask a reviewer"), _assign, in_state("submitted", "under_review"), form=AssignForm, takes_row=True),
        Verb("start-review", _("Start the review"), actions.start_review, in_state("submitted")),
        Verb(
            "return",
            _("Return to the project"),
            actions.return_application,
            in_state("submitted", "under_review"),
            form=ReturnForm,
            writes=True,
            takes_row=True,
            explanation=_("The project is told what to complete and can submit again."),
        ),
        Verb(
            "take-up",
            _("Go on with it as it was last sent"),
            actions.take_up_application,
            may_be_taken_up,
            writes=True,
            explanation=_("What the project typed since and did not send is read by nobody. It is told at once."),
        ),
        Verb("deliberate", _("Close the reading"), actions.open_deliberation, in_state("under_review"), form=OptionalNoteForm),
        Verb(
            "decide",
            _("Prepare a decision"),
            actions.decide_admission,
            in_state(*OPEN_TO_DECISION),
            form=AdmissionForm,
            takes_row=True,
            explanation=_("Prepared quietly: the project learns of it only when the decision is released."),
        ),
        SIGN,
        replace(RELEASE, act=_release_first, is_open=has_first_pending),
        Verb("release-reviewer", _("No longer ask a reviewer"), _release_reviewer, has_live_reviews, form=AssignmentForm, takes_row=True),
        Verb("recuse", _("Set a review aside for a conflict"), _recuse, has_reviews_to_recuse, form=RecuseForm, takes_row=True),
        Verb(
            "waive-conflict",
            _("Lift a conflict of interest"),
            _waive_conflict,
            has_conflicts,
            form=WaiveConflictForm,
            takes_row=True,
        ),
        Verb(
            "declare-interest",
            _("I have an interest in this project"),
            _declare,
            lambda row, user: True,
            form=DeclareForm,
            explanation=_("The application closes to you at once, everywhere."),
            is_grave=True,
        ),
        Verb(
            "ineligible", _("Not eligible"), actions.declare_ineligible, in_state("submitted"), form=ReasonForm, is_grave=True, writes=True
        ),
    )
}


# --- the discussion of an application, beside what its readers say


def _discuss(row, *, by, words):
    return actions.write_note(row, by=by, words=words)


def _take_back(row, *, by, note):
    return actions.take_back_note(note, by=by)


def may_discuss(row: Application, user: User) -> bool:
    return DeliberationNote.objects.open_to(user).filter(pk=row.pk).exists()


READING_VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "discuss",
            _("Say something in the discussion"),
            _discuss,
            may_discuss,
            form=DiscussForm,
            explanation=_("Read by those who decide and by its readers, never by the project nor by anybody with an interest in it."),
        ),
        APPLICATION_VERBS["decide"],
        SIGN,
        Verb("take-back", _("Take back what I said"), _take_back, lambda row, user: False, form=TakeBackForm, takes_row=True),
    )
}


# --- a project on its pathway


class RecordForm(forms.Form):
    requirement = forms.ModelChoiceField(label=_("Requirement"), queryset=Requirement.objects.none())
    note = forms.CharField(label=_("Note (optional)"), widget=words(2), required=False, max_length=4000)

    def __init__(self, *args, row: Participation, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["requirement"].queryset = unrecorded(row).filter(Requirement.BY_HAND)


class WaiveForm(forms.Form):
    requirement = forms.ModelChoiceField(label=_("Requirement"), queryset=Requirement.objects.none())
    reason = forms.CharField(label=_("Why it does not apply to this project"), widget=words(), max_length=4000)

    def __init__(self, *args, row: Participation, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["requirement"].queryset = unrecorded(row)


class AnnulForm(forms.Form):
    record = forms.ModelChoiceField(label=_("What was recorded"), queryset=RequirementRecord.objects.none())
    reason = forms.CharField(label=_("Why it is taken back"), widget=words(), max_length=4000)

    def __init__(self, *args, row: Participation, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["record"].queryset = row.records.filter(annulled_at__isnull=True).select_related("requirement", "recorded_by")
        self.fields["record"].label_from_instance = lambda record: f"{record.requirement}: {record.get_outcome_display()}"


class MentorForm(forms.Form):
    mentor = forms.ModelChoiceField(label=_("Who accompanies the project"), queryset=User.objects.none())

    def __init__(self, *args, row: Participation, **kwargs):
        super().__init__(*args, **kwargs)
        staff = User.objects.filter(is_active=True, groups__name__in=[COORDINATORS, TRAINERS]).distinct()
        self.fields["mentor"].queryset = staff.exclude(pk__in=row.project.memberships.values("person"))


class TransferForm(forms.Form):
    cohort = forms.ModelChoiceField(label=_("To which cohort"), queryset=Cohort.objects.none())
    reason = forms.CharField(label=_("Reason, said to the project"), widget=words(), max_length=4000)

    def __init__(self, *args, row: Participation, **kwargs):
        super().__init__(*args, **kwargs)
        open_now = Cohort.objects.filter(state__in=["reviewing", "running"]).exclude(pk=row.cohort_id)
        places = Count("participations", filter=Q(participations__state__in=PLACE_HOLDING))
        self.fields["cohort"].queryset = open_now.annotate(taken=places).order_by("starts_at")
        self.fields["cohort"].label_from_instance = lambda cohort: f"{cohort} ({cohort.taken} / {cohort.capacity})"


def unrecorded(row: Participation):
    """Requirements of the project's pathway about which nothing is recorded by hand."""
    recorded = row.records.filter(annulled_at__isnull=True).values("requirement")
    rows = Requirement.objects.filter(stage__pathway=row.cohort.pathway_id).exclude(pk__in=recorded)
    return rows.order_by("stage__sort_order", "sort_order")


def _annul(row, *, by, record, reason):
    return actions.annul_record(record, by=by, reason=reason)


def _mentor(row, *, by, mentor):
    return actions.assign_mentor(row.project, by=by, mentor=mentor)


def offer_is_late(row: Participation, user: User) -> bool:
    until = answer_by_of(row) if row.state == "invited" else None
    return until is not None and until <= timezone.now()


def _transfer(row, *, by, cohort, reason):
    return actions.transfer_participation(row, by=by, to=cohort, reason=reason)


WALKING = ("active", "eligible")

PARTICIPATION_VERBS = {
    verb.name: verb
    for verb in (
        Verb("record", _("Record as done"), actions.record_met, in_state(*WALKING), form=RecordForm, takes_row=True),
        Verb("waive", _("Waive a requirement"), actions.waive, in_state(*WALKING), form=WaiveForm, takes_row=True),
        Verb(
            "annul",
            _("Take back a record"),
            _annul,
            lambda row, user: row.state in WALKING and row.records.filter(annulled_at__isnull=True).exists(),
            form=AnnulForm,
            takes_row=True,
        ),
        Verb("mentor", _("Name a mentor"), _mentor, in_state("invited", *WALKING), form=MentorForm, takes_row=True),
        Verb(
            "lapse-offer",
            _("End the offer: no answer in time"),
            actions.lapse_offer,
            offer_is_late,
            explanation=_("The place is free at once, for the first of the reserve list. The project is told."),
            is_grave=True,
            writes=True,
        ),
        Verb("pause", _("Pause"), actions.pause_participation, in_state("active"), form=NoteForm),
        Verb(
            "transfer",
            _("Move to another cohort"),
            _transfer,
            in_state("active"),
            form=TransferForm,
            takes_row=True,
            explanation=_("Its place here becomes free; it needs one there. What it has done stays recorded in this cohort."),
            is_grave=True,
            writes=True,
        ),
        Verb("resume", _("Resume"), actions.resume_participation, in_state("paused")),
        Verb(
            "withdraw",
            _("The project leaves"),
            actions.withdraw_participation,
            in_state("paused", *WALKING),
            form=NoteForm,
            explanation=_("When the project says so. Its place is free, and its seats at sessions to come go to whoever waits."),
            is_grave=True,
            writes=True,
        ),
        Verb(
            "dismiss",
            _("End the participation"),
            actions.dismiss_participation,
            in_state("paused", *WALKING),
            form=ReasonForm,
            explanation=_("The Academy ends it; the project reads the reason. Seats at sessions to come go to whoever waits."),
            is_grave=True,
            writes=True,
        ),
    )
}


# --- a session and its registrations


def _no_shows(row, *, by):
    return actions.mark_no_shows(row, by=by)


SESSION_VERBS = {
    verb.name: verb
    for verb in (
        Verb("no-shows", _("Mark who did not come"), _no_shows, lambda row, user: not row.is_cancelled),
        Verb(
            "certificates",
            _("Give the certificates of attendance now"),
            actions.certify_attendance,
            lambda row, user: not row.is_cancelled and row.ends_at <= timezone.now(),
            explanation=_("To whoever was checked in and has none. The Academy does it by itself seven days after the session."),
        ),
        Verb(
            "cancel",
            _("Cancel the session"),
            actions.cancel_session,
            lambda row, user: not row.is_cancelled and timezone.now() < row.starts_at,
            form=ReasonForm,
            explanation=_("Everybody who wanted to come is told, the calendar entry is cancelled, and votes that are open end."),
            is_grave=True,
            writes=True,
        ),
    )
}
