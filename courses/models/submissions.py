"""What is handed in: the work of a person or of a group, its versions, files and feedback, and who has more time.

Every row hangs on an activity's `translation_key`, as every record does. A group is a key of `courses.groups`; arrows point left: no
foreign key. A NULL person with an empty group key means that the person was erased: the rows stay, so that counts stay true.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.models.files import BroughtFile
from courses.querysets import SubmissionQuerySet

PERSON = {"null": True, "blank": True, "on_delete": models.SET_NULL, "related_name": "+"}


class AppendOnly(models.Model):
    """Written once. (Erasing a person goes through the database, not through here.)"""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs) -> None:
        if not self._state.adding:
            raise TypeError("What was handed in or answered is never changed: a new row follows it.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("What was handed in or answered is never deleted.")


class Submission(models.Model):
    """The work of one owner on one assignment (and once more in a course that asks for it again: `redo_in`): the draft that is written now, and what came of it. It is the row that every verb locks.

    Born at the first save. `terms` is what the assignment asked when it was first handed in (`courses.terms`), {} until then: a later
    edit of the page changes nothing for it. `edition` grows with every change of the draft, so that nobody overwrites what they have not
    seen; `saves` remembers what was heard of which tab (`courses.heard`). `handed_in_at` is when the last version came, from which it waits.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        HANDED_IN = "handed_in", pgettext_lazy("work", "handed in")
        READING = "reading", _("being read")
        TO_IMPROVE = "to_improve", _("to improve")
        DECLINED = "declined", _("not accepted")
        ACCEPTED = "accepted", _("accepted")

    ALLOWED_MOVES = {
        State.DRAFT: {State.HANDED_IN},
        State.HANDED_IN: {State.READING, State.TO_IMPROVE, State.DECLINED, State.ACCEPTED},
        State.READING: {State.HANDED_IN, State.TO_IMPROVE, State.DECLINED, State.ACCEPTED},
        State.TO_IMPROVE: {State.HANDED_IN, State.ACCEPTED},
        State.DECLINED: {State.TO_IMPROVE, State.ACCEPTED},
        State.ACCEPTED: {State.TO_IMPROVE},
    }
    WAITING = frozenset({State.HANDED_IN, State.READING})
    EDITABLE = frozenset({State.DRAFT, State.TO_IMPROVE})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="submissions", verbose_name=_("person")
    )
    group_key = models.CharField(_("project"), max_length=36, blank=True, db_index=True)
    activity_key = models.UUIDField(_("assignment"), db_index=True)
    redo_in = models.CharField(_("done again in"), max_length=36, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    text = models.TextField(_("text"), blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    edition = models.PositiveIntegerField(default=0, editable=False)
    saves = models.JSONField(default=dict, blank=True, editable=False)
    edited_at = models.DateTimeField(_("last edited"), null=True, blank=True)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, **PERSON)
    terms = models.JSONField(_("what was asked"), default=dict, blank=True)
    revision = models.PositiveBigIntegerField(_("revision"), null=True, blank=True)
    handed_in_at = models.DateTimeField(_("handed in"), null=True, blank=True)
    is_late = models.BooleanField(_("late"), default=False)
    reading_at = models.DateTimeField(_("being read since"), null=True, blank=True)
    reading_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("read by"), **PERSON)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "activity_key", "redo_in"], condition=Q(group_key=""), name="a_person_hands_in_one_work"
            ),
            models.UniqueConstraint(
                fields=["group_key", "activity_key", "redo_in"], condition=~Q(group_key=""), name="a_group_hands_in_one_work"
            ),
            models.CheckConstraint(condition=Q(group_key="") | Q(user__isnull=True), name="a_work_is_of_a_person_or_of_a_group"),
            models.CheckConstraint(
                condition=Q(state="draft", handed_in_at__isnull=True) | (~Q(state="draft") & Q(handed_in_at__isnull=False)),
                name="a_work_has_its_date_once_it_is_handed_in",
            ),
            models.CheckConstraint(
                condition=Q(state="reading", reading_at__isnull=False) | (~Q(state="reading") & Q(reading_at__isnull=True)),
                name="a_work_that_is_read_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "handed_in", "reading"], answered_at__isnull=True)
                | Q(state__in=["to_improve", "declined", "accepted"], answered_at__isnull=False),
                name="an_answer_has_its_date",
            ),
            models.CheckConstraint(condition=~Q(state="draft") | Q(is_late=False), name="a_draft_is_not_late"),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.group_key} · {self.activity_key}"

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE

    @property
    def is_waiting(self) -> bool:
        return self.state in self.WAITING


class SubmissionVersion(AppendOnly):
    """What was handed in at one moment, frozen. `due_at` is the date that counted then; NULL: there was none."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    text = models.TextField(_("text"), blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=10)
    submitted_at = models.DateTimeField(_("handed in"), default=timezone.now)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("handed in by"), **PERSON)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    is_late = models.BooleanField(_("late"), default=False)
    reason = models.CharField(_("why it is late"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["submission", "number"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "number"], name="versions_of_a_work_are_numbered"),
            models.CheckConstraint(condition=Q(number__gte=1), name="versions_are_counted_from_one"),
            models.CheckConstraint(
                condition=Q(is_late=False) | Q(due_at__lt=F("submitted_at")), name="what_is_late_came_after_its_date"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.submission} · {self.number}"


class Feedback(AppendOnly):
    """What a trainer answered to one version. `marks` maps criteria to `{"level": id, "comment": ""}`; points only with a rubric.

    A later answer stands before an earlier one. `reopened` is an act of staff with its reason: the work may be handed in again.
    """

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        TO_IMPROVE = "to_improve", _("to improve")
        DECLINED = "declined", _("not accepted")
        REOPENED = "reopened", _("opened again")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(SubmissionVersion, on_delete=models.CASCADE, related_name="feedback")
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict.choices)
    comment = models.TextField(_("comment"), blank=True)
    marks = models.JSONField(_("levels"), default=dict, blank=True)
    points = models.PositiveIntegerField(_("points"), null=True, blank=True)
    most = models.PositiveIntegerField(_("points at most"), null=True, blank=True)
    given_at = models.DateTimeField(_("given"), default=timezone.now)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("given by"), **PERSON)

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ["version", "given_at"]
        constraints = [
            models.CheckConstraint(condition=Q(verdict="accepted") | ~Q(comment=""), name="what_is_not_accepted_is_explained"),
            models.CheckConstraint(
                condition=Q(points__isnull=True, most__isnull=True) | Q(points__lte=F("most"), points__isnull=False, most__gt=0),
                name="points_are_out_of_a_total",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} · {self.verdict}"

    @property
    def percent(self) -> int | None:
        return None if self.points is None else self.points * 100 // self.most


def stored_as(row: "WorkFile", _name: str) -> str:
    """Under a name that says nothing, in a folder that no web server serves."""
    return f"submissions/{row.pk}.{row.kind}"


class WorkFile(BroughtFile):
    """One file of a work, or of the feedback on it. Its bytes are never changed; it is served by `courses.work_views.work_file` alone.

    `in_draft`: it is part of the draft. `versions` are those that it was handed in with: taken out of the draft, it stays in them.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="files")
    feedback = models.ForeignKey(Feedback, null=True, blank=True, on_delete=models.CASCADE, related_name="files")
    versions = models.ManyToManyField(SubmissionVersion, blank=True, related_name="files")
    file = models.FileField(_("file"), upload_to=stored_as, max_length=120)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, **PERSON)

    class Meta:
        verbose_name = _("file of a work")
        verbose_name_plural = _("files of works")
        ordering = ["added_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(feedback__isnull=True) | Q(in_draft=False), name="a_file_of_feedback_is_in_no_draft"),
            models.CheckConstraint(condition=~Q(name=""), name="a_file_has_a_name"),
        ]


class Extension(AppendOnly):
    """More time for one owner at one assignment, with a reason; in a course that asks for it again (`redo_in`), there alone. The last one given counts."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="extensions", verbose_name=_("person")
    )
    group_key = models.CharField(_("project"), max_length=36, blank=True)
    activity_key = models.UUIDField(_("assignment"), db_index=True)
    redo_in = models.CharField(_("done again in"), max_length=36, blank=True)
    until = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=300)
    given_at = models.DateTimeField(_("given"), default=timezone.now)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("given by"), **PERSON)

    class Meta:
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(group_key="") | Q(user__isnull=True), name="an_extension_is_of_a_person_or_of_a_group"),
            models.CheckConstraint(condition=~Q(reason=""), name="an_extension_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.group_key} · {self.activity_key} · {self.until:%Y-%m-%d}"
