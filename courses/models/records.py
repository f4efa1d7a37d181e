"""What people did. Every record hangs on (person, translation_key), never on a page, a language or a placement.

What is done counts in every course (`redo_in` is empty), but for a course that asks for a module to be done again (*redo here*): what is
done there has rows of its own, whose `redo_in` is that course's key as text (decision 0029).

A NULL person means that the person was erased: the row stays, so that counts stay true.
"""

import uuid
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from academy.dates import academy_day
from courses.grading import percent_of
from courses.querysets import NAMELESS, ActivityRecordQuerySet, CertificateQuerySet, EnrolmentQuerySet, QuizAttemptQuerySet

EXCUSED = "excused"  # the rule of a record that counts as met though nothing was done
GRACE = timedelta(seconds=60)  # between the end of the time of a quiz and the moment from which answers are refused


def is_void(attempt: "QuizAttempt", reopened_at: datetime | None) -> bool:
    """Whether an attempt was begun before staff opened the quiz again: it stays readable, and counts for nothing."""
    return reopened_at is not None and attempt.started_at <= reopened_at


class Enrolment(models.Model):
    """A person follows a course. Born by their own wish or by a cohort; never deleted, it is what the certificate rests on.

    `cohort_key` is the cohort's UUID as text (arrows point left: no foreign key); empty: they came by themselves.
    `completed_at` is set once, when every required activity was done; NULL: not yet. A course that grows later changes nothing here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="enrolments", verbose_name=_("person")
    )
    course_key = models.UUIDField(_("course"), db_index=True)
    cohort_key = models.CharField(_("cohort"), max_length=36, blank=True, db_index=True)
    enrolled_at = models.DateTimeField(_("enrolled"), default=timezone.now)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["-enrolled_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "course_key"], name="a_person_is_enrolled_once_in_a_course"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.course_key}"


class ActivityRecord(models.Model):
    """What one person did with one activity. Born at the first visit; it is also the row that is locked for every write about it.

    `completed_at` is set once; only staff clear it, with a reason, through `actions.reopen_activity`. `revision` is the number of
    the page's live revision when it was completed, NULL when the page never had one. `progress` never goes down.
    `reopened_at`: when staff took a completion back; NULL: never. Attempts begun before it count for nothing (`makes_void`).
    An activity that somebody was excused from counts as met: `rule` is `excused`, and `progress` stays what it was.
    `extra_…` and `need_not_wait` are what staff allowed this person for a quiz, each time with a reason that the history keeps.
    `checks` maps the questions inside a lesson to what was answered last (`courses.kinds`); it counts for nothing.
    What is completed in a course that asks for it again is complete everywhere too: `courses.completion.mark_complete`.
    `unsettled`: completed, and nobody has asked yet which courses it finishes (`courses.settling`).
    `visits` remembers, per browser tab, the last sequence number and seconds seen: the same event twice, or late, changes nothing. Of the tabs
    that wrote last; the others are in `PastVisit`.
    """

    class Source(models.TextChoices):
        AUTO = "auto", _("by itself")
        SELF = "self", _("said by the person")
        STAFF = "staff", _("set by staff")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="activity_records", verbose_name=_("person")
    )
    activity_key = models.UUIDField(_("activity"), db_index=True)
    redo_in = models.CharField(_("done again in"), max_length=36, blank=True)
    first_seen_at = models.DateTimeField(_("first seen"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    progress = models.FloatField(_("progress"), default=0)
    position = models.CharField(_("where to resume"), max_length=100, blank=True)
    seconds = models.PositiveIntegerField(_("seconds spent"), default=0)
    visits = models.JSONField(default=dict, blank=True, editable=False)
    checks = models.JSONField(default=dict, blank=True, editable=False)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    rule = models.CharField(_("completed by rule"), max_length=40, blank=True)
    source = models.CharField(_("completed"), max_length=10, choices=Source.choices, blank=True)
    revision = models.PositiveBigIntegerField(_("revision"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    extra_attempts = models.PositiveSmallIntegerField(_("extra attempts"), default=0)
    extra_minutes = models.PositiveSmallIntegerField(_("extra minutes"), default=0)
    need_not_wait = models.BooleanField(_("need not wait between attempts"), default=False)
    reopened_at = models.DateTimeField(_("opened again"), null=True, blank=True)
    unsettled = models.BooleanField(default=False, editable=False)

    objects = ActivityRecordQuerySet.as_manager()
    is_fresh = False  # made by the very act that locked it (`completion.locked_record`)

    class Meta:
        verbose_name = _("activity record")
        verbose_name_plural = _("activity records")
        ordering = ["-last_seen_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "activity_key", "redo_in"], name="a_person_has_one_record_of_an_activity"),
            models.CheckConstraint(condition=Q(progress__gte=0, progress__lte=1), name="progress_is_between_nothing_and_all"),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True, source="", rule="") | (Q(completed_at__isnull=False) & ~Q(source="") & ~Q(rule="")),
                name="a_completion_has_its_date_its_rule_and_its_source",
            ),
            models.CheckConstraint(condition=~Q(source="staff") | ~Q(reason=""), name="staff_completes_with_a_reason"),
            models.CheckConstraint(condition=~Q(rule=EXCUSED) | Q(source="staff"), name="only_staff_excuse"),
            models.CheckConstraint(condition=Q(last_seen_at__gte=F("first_seen_at")), name="last_seen_is_not_before_first_seen"),
            models.CheckConstraint(
                condition=Q(unsettled=False) | Q(completed_at__isnull=False), name="only_a_completion_waits_to_be_settled"
            ),
        ]
        indexes = [models.Index(fields=["user"], condition=Q(unsettled=True), name="records_to_settle")]

    def __str__(self) -> str:
        return f"{self.user} · {self.activity_key}"

    @property
    def is_complete(self) -> bool:
        return self.completed_at is not None

    @property
    def is_excused(self) -> bool:
        return self.rule == EXCUSED

    def makes_void(self, attempt: "QuizAttempt") -> bool:
        return is_void(attempt, self.reopened_at)

    @property
    def was_seen(self) -> bool:
        """Whether the person has ever been there: a row that staff made has a reason or an allowance, and one single moment."""
        by_staff = self.reason or self.extra_attempts or self.extra_minutes or self.need_not_wait
        return not by_staff or self.last_seen_at > self.first_seen_at


class PastVisit(models.Model):
    """What was last heard of one browser tab, once too many others have written since to keep it on the record: one row a tab, for ever.

    An event that waited on a device for weeks still counts once.
    """

    record = models.ForeignKey(ActivityRecord, on_delete=models.CASCADE, related_name="past_visits", verbose_name=_("activity record"))
    client = models.CharField(_("tab"), max_length=40)
    sequence = models.PositiveIntegerField(_("last event"))
    seconds = models.PositiveIntegerField(_("seconds spent"))

    class Meta:
        verbose_name = _("past visit")
        verbose_name_plural = _("past visits")
        constraints = [models.UniqueConstraint(fields=["record", "client"], name="a_tab_is_remembered_once_for_a_record")]

    def __str__(self) -> str:
        return f"{self.record_id} · {self.client}"


class QuizAttempt(models.Model):
    """One try at a quiz. Open until it is handed in; it waits when a trainer has to mark a text, else it has its score at once.

    `number` counts all of the person's attempts at this quiz, wherever they were made; what is allowed and what counts is asked of those
    with the same `redo_in`.

    `title`, `reveal`, `questions`, `bands`, `pass_mark` and `grading` are frozen at the start from revision `revision`, in language `language`, in the
    order of `seed`: a later edit of the quiz changes no attempt. `answers` maps question ids to what was answered
    (`courses.kinds`), `marks` to what a trainer gave: `{"fraction": 0 to 1, "comment": "", "by": user id, "at": ISO time}`.
    `score` is a share from 0 to 1, NULL until everything is marked. NULL `deadline`: no limit of time.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        WAITING = "waiting", _("waiting for its marks")
        SUBMITTED = "submitted", _("handed in")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="quiz_attempts", verbose_name=_("person")
    )
    quiz_key = models.UUIDField(_("quiz"), db_index=True)
    redo_in = models.CharField(_("done again in"), max_length=36, blank=True)
    number = models.PositiveSmallIntegerField(_("number"))
    revision = models.PositiveBigIntegerField(_("revision"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10)
    title = models.CharField(_("title"), max_length=255, blank=True)
    reveal = models.CharField(_("what a learner sees afterwards"), max_length=10, default="end")
    seed = models.PositiveIntegerField(default=0, editable=False)
    questions = models.JSONField(_("questions"), default=list)
    bands = models.JSONField(_("words for a score"), default=list)
    pass_mark = models.PositiveSmallIntegerField(_("pass mark (%)"))
    grading = models.CharField(_("what counts"), max_length=10, default="best")
    marks = models.JSONField(_("marks"), default=dict, blank=True)
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    saves = models.JSONField(default=dict, blank=True, editable=False)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    saved_at = models.DateTimeField(_("last saved"), null=True, blank=True)
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("handed in"), null=True, blank=True)
    score = models.FloatField(_("score"), null=True, blank=True)
    passed = models.BooleanField(_("passed"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)

    ALLOWED_MOVES = {State.OPEN: {State.WAITING, State.SUBMITTED}, State.WAITING: {State.SUBMITTED}, State.SUBMITTED: set()}

    objects = QuizAttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("quiz attempt")
        verbose_name_plural = _("quiz attempts")
        ordering = ["-started_at", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["user", "quiz_key", "number"], name="attempts_of_a_person_are_numbered"),
            models.UniqueConstraint(
                fields=["user", "quiz_key", "redo_in"], condition=Q(state="open"), name="a_person_has_one_open_attempt_of_a_quiz"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="attempts_are_counted_from_one"),
            models.CheckConstraint(
                condition=Q(state="open", submitted_at__isnull=True, score__isnull=True, passed__isnull=True)
                | Q(state="waiting", submitted_at__isnull=False, score__isnull=True, passed__isnull=True)
                | Q(state="submitted", submitted_at__isnull=False, score__isnull=False, passed__isnull=False),
                name="an_attempt_has_a_score_exactly_when_it_is_marked",
            ),
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=1), name="score_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.quiz_key} · {self.number}"

    @property
    def edition(self) -> str:
        """Which answers are on a screen: those of the last save."""
        return self.saved_at.isoformat() if self.saved_at else ""

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    def is_over(self, at: datetime) -> bool:
        """Whether answers come too late at this moment. What was on its way when the time ended still counts."""
        return self.deadline is not None and at > self.deadline + GRACE

    @property
    def percent(self) -> int | None:
        return None if self.score is None else percent_of(self.score)


class Certificate(models.Model):
    """What was achieved, frozen in every language on the day it was issued. Never changed, never deleted; it may be revoked.

    `content` is `{"fr": {…}, "en": {…}}` (see `courses.certificates`); `holder_name` is the name of that day, `NAMELESS` when the holder
    had given none: it is issued again once they have (`actions.name_certificates`). NULL `holder`: the
    person was erased, or the holder is a project. NULL `issued_by`: the Academy issued it by itself when the course was complete.
    `subject_key` names what it is about (the course, the session, the participation): one valid certificate per holder, kind and subject.
    NULL `expires_at`: it does not expire. NULL `renewed_at`: no later one has taken its place; one that was renewed stays valid to its end.
    """

    class Kind(models.TextChoices):
        COURSE = "course", _("course completed")
        GRADUATION = "graduation", _("graduation")
        ATTENDANCE = "attendance", _("attendance")

    class Standing(models.TextChoices):
        VALID = "valid", _("valid")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("revoked")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="certificates", verbose_name=_("holder")
    )
    holder_name = models.CharField(_("name of the holder"), max_length=200)
    subject_key = models.UUIDField(_("about"), null=True, blank=True, db_index=True)
    content = models.JSONField(_("content"))
    issued_at = models.DateTimeField(_("issued"), default=timezone.now)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("issued by")
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    renewed_at = models.DateTimeField(_("renewed"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("revoked by")
    )
    revoked_reason = models.CharField(_("reason of the revocation"), max_length=300, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-issued_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["holder", "kind", "subject_key"],
                condition=Q(revoked_at__isnull=True, renewed_at__isnull=True, subject_key__isnull=False),
                name="one_valid_certificate_per_holder_kind_and_subject",
            ),
            models.CheckConstraint(condition=~Q(holder_name=""), name="a_certificate_names_its_holder"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_reason="") | (Q(revoked_at__isnull=False) & ~Q(revoked_reason="")),
                name="a_revocation_has_its_date_and_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("issued_at")), name="a_certificate_expires_after_its_issue"
            ),
            models.CheckConstraint(condition=Q(renewed_at__isnull=True) | Q(expires_at__isnull=False), name="only_what_expires_is_renewed"),
        ]

    def __str__(self) -> str:
        return f"{self.shown_name} · {self.words.get('title', '')}"

    WRITABLE = frozenset({"revoked_at", "revoked_by", "revoked_reason", "renewed_at"})

    def save(self, *args, **kwargs) -> None:
        """Once issued, only its revocation may be written, and that it was renewed. (Erasing a person goes through the database, not through here.)"""
        written = set(kwargs.get("update_fields") or {"everything"})
        if not self._state.adding and not written <= self.WRITABLE:
            raise TypeError("An issued certificate is never changed: revoke it and issue another.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("A certificate is never deleted: revoke it.")

    @property
    def is_named(self) -> bool:
        """Whether it says whose it is. An address, which the first ones bear where there was no name, is not shown to anybody."""
        return self.holder_name != NAMELESS and "@" not in self.holder_name

    @property
    def shown_name(self) -> str:
        return self.holder_name if self.is_named else gettext("Name not given")

    @property
    def words(self) -> dict:
        """The frozen words in the reader's language, else in any."""
        return self.words_in((get_language() or "")[:2])

    def words_in(self, language: str) -> dict:
        """The frozen words in this language, else in the site's first, else in any."""
        return self.content.get(language) or self.content.get(settings.LANGUAGE_CODE) or next(iter(self.content.values()), {})

    @property
    def standing(self) -> str:
        if self.revoked_at:
            return self.Standing.REVOKED
        if self.expires_at and self.expires_at <= timezone.now():
            return self.Standing.EXPIRED
        return self.Standing.VALID

    @property
    def issued_on(self) -> date:
        """The days of a certificate are the Academy's own: it says the same to whoever reads it, wherever they are."""
        return academy_day(self.issued_at)

    @property
    def ends_on(self) -> date | None:
        return academy_day(self.expires_at) if self.expires_at else None

    @property
    def revoked_on(self) -> date | None:
        return academy_day(self.revoked_at) if self.revoked_at else None

    @property
    def verify_url(self) -> str:
        """The full address that the QR code carries. It names no language: the visitor's own is used."""
        return settings.BASE_URL.rstrip("/") + reverse("courses_verify", args=[self.pk])
