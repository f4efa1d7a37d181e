"""The questions that the verbs of cohorts ask of staff (see `academy.cms_verbs`)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput

from academy.cms_verbs import words
from academy.http import as_uuid
from academy.models import User
from academy.permissions import COORDINATORS, REVIEWERS
from academy.wall_clock import WallClockField, set_clocks
from cohorts.actions.determinations import ANY
from cohorts.interests import interests_of
from cohorts.models import (
    EDITABLE_STATES,
    LIVE_ASSIGNMENT_STATES,
    RECUSABLE_STATES,
    Application,
    Assessment,
    Cohort,
    ConflictDeclaration,
    DeliberationNote,
    Participation,
    ReviewAssignment,
    ReviewRound,
    Typology,
)


def pending_key(row: Application | Participation) -> UUID | None:
    """The decision that is prepared about it: what the page asked together with the row, else asked now and once."""
    if "pending_key" not in row.__dict__:
        row.pending_key = row.determinations.pending().values_list("pk", flat=True).first()
    return row.pending_key


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason, said to the project"), widget=words(), max_length=4000)


class NoteForm(forms.Form):
    reason = forms.CharField(label=_("Reason, kept with the file"), widget=words(), max_length=4000)


class OptionalNoteForm(forms.Form):
    reason = forms.CharField(label=_("Reason, kept with the file"), widget=words(), max_length=4000, required=False)


class ReturnForm(ReasonForm):
    """Of one application (`row`), on the clock of its cohort; of many, on the clock that the page sets."""

    due_at = WallClockField(label=_("To be completed before (optional)"), required=False, widget=AdminDateTimeInput)

    def __init__(self, *args, row: Application | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        if row is not None:
            set_clocks(self, row.cohort.time_zone)


def may_be_extended(cohort: Cohort, user: User) -> models.QuerySet:
    """Applications that the project still writes, never those of a project in which this person has an interest."""
    return cohort.applications.filter(state__in=EDITABLE_STATES).exclude(project__in=interests_of(user).values("pk"))


class ExtendForm(forms.Form):
    """Which project has more time: a draft, or what was returned. What they write is not shown."""

    application = forms.ModelChoiceField(label=_("Which project"), queryset=Application.objects.none())
    until = WallClockField(label=_("Until"), widget=AdminDateTimeInput)
    reason = forms.CharField(label=_("Reason, kept with the file"), widget=words(), max_length=2000)

    def __init__(self, *args, row: Cohort, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        set_clocks(self, row.time_zone)
        self.fields["application"].queryset = may_be_extended(row, user).select_related("project").order_by("project__name")
        self.fields["application"].label_from_instance = lambda one: f"{one.project} ({one.get_state_display()})"


def people_who_assess(application: Application) -> models.QuerySet:
    """Those who may be asked: reviewers and coordinators without a conflict, who are not of the project, are not asked already in the
    round of now, and have not said in it what counts (as `actions.reviews.ask` refuses)."""
    here = application.assignments.filter(round=ReviewRound.objects.current(application.cohort))
    asked = here.live().values("reviewer")
    spoken = Assessment.objects.counted().filter(assignment__in=here).values("assignment__reviewer")
    conflicted = ConflictDeclaration.objects.standing().filter(application__project=application.project_id).values("person")
    members = application.project.memberships.values("person")
    people = User.objects.filter(is_active=True, groups__name__in=[REVIEWERS, COORDINATORS]).distinct()
    return people.exclude(pk__in=asked).exclude(pk__in=spoken).exclude(pk__in=conflicted).exclude(pk__in=members)


class AssignForm(forms.Form):
    reviewer = forms.ModelChoiceField(label=_("Who reads it"), queryset=User.objects.none())
    due_on = forms.DateField(label=_("Wanted by (optional)"), required=False, widget=AdminDateInput)

    def __init__(self, *args, row: Application, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reviewer"].queryset = people_who_assess(row)


class AssignmentForm(forms.Form):
    """Chooses one live review of the application. (`RecuseForm`: also one that is no longer asked for.)"""

    states = LIVE_ASSIGNMENT_STATES

    assignment = forms.ModelChoiceField(label=_("Which review"), queryset=ReviewAssignment.objects.none())
    reason = forms.CharField(label=_("Reason, kept with the file"), widget=words(), max_length=4000)

    def __init__(self, *args, row: Application, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["assignment"]
        field.queryset = row.assignments.filter(state__in=self.states).select_related("reviewer")
        if "all_assignments" not in row.__dict__:  # two verbs of a page ask with such a form: one query for both
            row.all_assignments = list(row.assignments.select_related("reviewer"))
        reviews = [review for review in row.all_assignments if review.state in self.states]
        choices = [(review.pk, f"{review.reviewer} ({review.get_state_display()})") for review in reviews]
        field.choices = [("", field.empty_label), *choices]


class RecuseForm(AssignmentForm):
    states = RECUSABLE_STATES


class DeclareForm(forms.Form):
    reason = forms.CharField(label=_("What is your interest in this project?"), widget=words(), max_length=4000)


class OutcomeForm(forms.Form):
    """What is decided of an application, or of many at once."""

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[("admitted", _("Admitted")), ("reserve", _("On the reserve list")), ("declined", _("Not admitted"))],
        widget=forms.RadioSelect,
    )
    reasons = forms.CharField(label=_("Reasons, said to the project"), widget=words(5), max_length=8000)
    conditions = forms.CharField(label=_("Conditions, said to the project (optional)"), widget=words(), max_length=4000, required=False)
    answer_by = WallClockField(
        label=_("The project answers before (for an admission)"),
        required=False,
        widget=AdminDateTimeInput,
        help_text=_("It is reminded three days before. After the date you decide whether its place is still kept."),
    )


class SeenForm(forms.Form):
    """`seen`: the prepared decision that the page showed. That one is signed or released, and no other."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, row: Application | Participation, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = str(pending_key(row) or "")

    def clean_seen(self) -> UUID | None:
        return as_uuid(self.cleaned_data["seen"])


class StandingForm(forms.Form):
    """Begins with what is prepared. `seen` is the decision that stood when the page was made: another one by now is a refusal."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *args, row: Application | Participation, **kwargs):
        super().__init__(data, *args, **kwargs)
        set_clocks(self, row.cohort.time_zone)
        standing = list(row.determinations.filter(superseded_at__isnull=True))
        pending = next((one for one in standing if one.released_at is None), None)
        current = pending or next(iter(standing), None)
        for name, field in self.fields.items():
            field.initial = getattr(pending, name, None) if pending else None
        self.fields["seen"].initial = str(current.pk) if current else ""

    def clean_seen(self):
        """None: no decision stood. ANY: the page did not say, as from a programme."""
        if self.add_prefix("seen") not in self.data:
            return ANY
        return as_uuid(self.cleaned_data["seen"])


class TakeBackForm(forms.Form):
    """One contribution of one's own, from the button beside it."""

    note = forms.ModelChoiceField(queryset=DeliberationNote.objects.none(), widget=forms.HiddenInput)

    def __init__(self, *args, row: Application, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["note"].queryset = row.deliberation_notes.all()


class AdmissionForm(StandingForm, OutcomeForm):
    """The decision on one application."""


class GraduationForm(StandingForm):
    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=[("graduated", _("Graduated")), ("not_yet", _("Not yet"))], widget=forms.RadioSelect
    )
    typology = forms.ModelChoiceField(
        label=_("Typology"), queryset=Typology.objects.all(), required=False, help_text=_("For a graduation only.")
    )
    reasons = forms.CharField(label=_("Reasons, said to the project"), widget=words(5), max_length=8000)

    def clean(self):
        data = super().clean()
        if data.get("outcome") == "graduated" and not data.get("typology"):
            self.add_error("typology", _("A graduation names its typology: choose one of the three."))
        if data.get("outcome") == "not_yet":
            data["typology"] = None
        return data


class RevocationForm(StandingForm):
    """Begins with what is prepared of it."""

    reasons = forms.CharField(label=_("Reasons, said to the project"), widget=words(5), max_length=8000)
