"""Scores on the rubric: the project's own, and the reviewers', on the same scale."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from academy.permissions import is_coordinator, is_trainer

from .application import DECIDED_STATES, Application, ApplicationSnapshot, ConflictDeclaration, ReviewAssignment
from .cohort import Cohort
from .constraints import date_with_author
from .pathway import Moment
from .project import Project, ProjectMember
from .review_round import ReviewRound
from .rubric import Criterion, Level, Rubric, RubricPart


class AssessmentQuerySet(models.QuerySet):
    def submitted(self):
        return self.filter(state=Assessment.State.SUBMITTED)

    def not_recused(self):
        """A recused reviewer's assessment is kept and not counted."""
        return self.exclude(assignment__state=ReviewAssignment.State.RECUSED)

    def counted(self):
        """Submitted reviewers' assessments that count."""
        return self.submitted().filter(kind=Assessment.Kind.REVIEWER).not_recused()

    def of_the_last_application(self):
        """Not those of an application after which the project applied to the same cohort again. Later moments have no application."""
        later = Application.objects.filter(project=OuterRef("project"), cohort=OuterRef("cohort"))
        return self.exclude(Exists(later.filter(created_at__gt=OuterRef("application__created_at"))))

    def of_member(self, user):
        """The project's own; and the reviewers' once the decision is released to the project."""
        mine = self.filter(project__in=ProjectMember.objects.filter(person=user).values("project"))
        reviewed = Q(kind=Assessment.Kind.REVIEWER, state=Assessment.State.SUBMITTED)
        told = Q(application__isnull=True) | Q(application__state__in=DECIDED_STATES)
        return mine.filter(Q(kind=Assessment.Kind.SELF) | (reviewed & told))

    def for_user(self, user):
        """What this person may read. Nobody reads another's review of an application before submitting their own in the same round, nor
        after it where the round says never (coordinators, who organise it, read all once they owe none).

        Ids are united rather than querysets, so that the answer still filters, counts and paginates.
        """
        if not user.is_authenticated:
            return self.none()
        everything = Assessment.objects
        allowed = Q(pk__in=everything.of_member(user).values("pk")) | Q(pk__in=everything.for_judge(user).values("pk"))
        return self.filter(allowed)

    def of_an_earlier_version(self):
        """What was assessed is no longer what the project says: it has sent a newer version since."""
        newer = ApplicationSnapshot.objects.filter(application=OuterRef("application"), number__gt=OuterRef("version_read__number"))
        return self.filter(Exists(newer))

    def for_judge(self, user):
        own_project = ProjectMember.objects.filter(person=user).values("project")
        conflicted = ConflictDeclaration.objects.standing().filter(person=user).values("application__project")
        rows = self.exclude(project__in=own_project).exclude(project__in=conflicted)
        mine = ReviewAssignment.objects.filter(reviewer=user)
        submitted_mine = Assessment.objects.submitted().filter(
            application=OuterRef("application"), assessor=user, assignment__round=OuterRef("assignment__round")
        )
        still_owing = mine.filter(application=OuterRef("application"), state__in=["proposed", "accepted", "in_progress"])
        is_self = Q(kind=Assessment.Kind.SELF, state=Assessment.State.SUBMITTED)
        own = Q(assessor=user, kind=Assessment.Kind.REVIEWER)
        if is_coordinator(user):
            return rows.filter(own | is_self | (Q(kind=Assessment.Kind.REVIEWER) & ~Exists(still_owing)))
        others_submitted = Q(kind=Assessment.Kind.REVIEWER, state=Assessment.State.SUBMITTED)
        shown = Q(assignment__round__others=ReviewRound.Others.AFTER_OWN)
        later = Q(application__isnull=True) & (is_self | others_submitted) if is_trainer(user) else Q(pk__in=[])
        reading = Q(application__in=mine.reading().values("application"))
        return rows.filter(
            own & (reading | Q(application__isnull=True))
            | (reading & is_self)
            | (reading & others_submitted & shown & Exists(submitted_mine) & ~Exists(still_owing))
            | later
        )


class Assessment(models.Model):
    """One voice on one project at one moment. Draft until submitted; then its scores are kept.

    `application` is set at entry and NULL later; `assignment` is set when a reviewer was asked, NULL for the project's own voice
    and for assessments by the team later on. The assessor of a self-assessment is the member who began it.
    """

    class Kind(models.TextChoices):
        SELF = "self", _("Self-assessment")
        REVIEWER = "reviewer", _("Assessment by Smart")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="assessments", verbose_name=_("project"))
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="assessments", verbose_name=_("cohort"))
    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="assessments", verbose_name=_("rubric"))
    application = models.ForeignKey(Application, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments")
    assignment = models.OneToOneField(ReviewAssignment, on_delete=models.PROTECT, null=True, blank=True, related_name="assessment")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    moment = models.CharField(_("moment"), max_length=16, choices=Moment, default=Moment.ENTRY)
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assessments", verbose_name=_("assessor"))
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.DRAFT)
    version_read = models.ForeignKey(
        ApplicationSnapshot, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments", verbose_name=_("version read")
    )
    summary = models.TextField(_("in a few words"), max_length=4000, blank=True)
    loose_notes = models.JSONField(
        _("notes without an answer"),
        default=dict,
        blank=True,
        help_text=_("What is written beside criteria that have no level yet: {criterion: [confidence, evidence]}."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(_("last saved"), auto_now=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(kind="self"),
                name="a_project_assesses_itself_once_per_application",
                violation_error_message=_("The project has its self-assessment for this application already."),
            ),
            models.UniqueConstraint(
                fields=["project", "cohort", "moment"],
                condition=Q(kind="self", application__isnull=True),
                name="a_project_assesses_itself_once_per_moment",
                violation_error_message=_("The project has its self-assessment for this moment already."),
            ),
            models.UniqueConstraint(
                fields=["project", "cohort", "moment", "assessor"],
                condition=Q(kind="reviewer", assignment__isnull=True),
                name="a_person_assesses_a_project_once_per_moment",
                violation_error_message=_("This person has assessed the project for this moment already."),
            ),
            models.CheckConstraint(
                condition=Q(moment="entry", application__isnull=False) | (~Q(moment="entry") & Q(application__isnull=True)),
                name="an_assessment_at_entry_is_of_an_application",
            ),
            models.CheckConstraint(
                condition=Q(assignment__isnull=True) | Q(kind="reviewer", moment="entry"),
                name="only_a_reviewer_at_entry_has_an_assignment",
            ),
            models.CheckConstraint(
                condition=~Q(kind="reviewer", moment="entry") | Q(assignment__isnull=False),
                name="a_reviewer_at_entry_was_asked",
            ),
            date_with_author("submitted", name="an_assessment_is_submitted_by_somebody"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(submitted_at__isnull=False),
                name="a_submitted_assessment_has_its_date",
            ),
        ]

    def __str__(self):
        return f"{self.project} · {self.get_kind_display()} · {self.get_moment_display()}"


class Score(models.Model):
    """One criterion, one voice. No row: not answered yet. NULL `level`: the assessor cannot judge."""

    class Confidence(models.IntegerChoices):
        LOW = 1, _("Not sure")
        MEDIUM = 2, _("Rather sure")
        HIGH = 3, _("Sure")

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="scores", verbose_name=_("criterion"))
    level = models.ForeignKey(Level, on_delete=models.PROTECT, null=True, blank=True, related_name="scores", verbose_name=_("level"))
    confidence = models.PositiveSmallIntegerField(_("how sure"), choices=Confidence, null=True, blank=True)
    evidence = models.TextField(_("what shows it"), max_length=4000, blank=True)

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        ordering = ["assessment", "criterion__part__sort_order", "criterion__sort_order"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "criterion"],
                name="a_criterion_is_scored_once_in_an_assessment",
                violation_error_message=_("This criterion is scored already."),
            ),
        ]

    def __str__(self):
        return f"{self.criterion}: {self.level or _('cannot judge')}"


class PartCommentQuerySet(models.QuerySet):
    def told_to(self, project):
        """What the project may read: the comments meant for it, of the reviews that count, once the decision is released.

        Without anybody's name, so nothing here leads to the assessor. `words` are the comment; by part, in the order of the rubric.
        """
        told = Application.objects.filter(project=project, state__in=DECIDED_STATES).values("pk")
        rows = self.filter(assessment__in=Assessment.objects.counted().filter(application__in=told)).exclude(for_project="")
        rows = rows.order_by("part__sort_order", "part", "for_project")
        return rows.values(cohort=F("assessment__cohort"), key=F("part__key"), label=F("part__label"), words=F("for_project"))


class PartComment(models.Model):
    """What an assessor says on one part of the rubric: to the colleagues who decide, and to the project once the decision is released."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="comments")
    part = models.ForeignKey(RubricPart, on_delete=models.PROTECT, related_name="comments")
    private = models.TextField(_("for those who decide"), max_length=4000, blank=True)
    for_project = models.TextField(_("for the project"), max_length=4000, blank=True)

    objects = PartCommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment of an assessment")
        verbose_name_plural = _("comments of assessments")
        ordering = ["assessment", "part__sort_order"]
        constraints = [models.UniqueConstraint(fields=["assessment", "part"], name="a_part_is_commented_once_in_an_assessment")]

    def __str__(self):
        return f"{self.assessment}: {self.part}"
