"""Which rows. Named as adjectives or `for_…`; permission is in the query, so a stranger finds nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from academy.permissions import is_coordinator, is_trainer
from courses.groups import groups_of

if TYPE_CHECKING:
    from academy.models import User

NAMELESS = "—"  # in the place of a holder's name that nobody has given


def seen() -> Q:
    """Records of activities where the person has been (`ActivityRecord.was_seen`).

    One that staff made has a reason or an allowance, and one single moment.
    """
    by_staff = ~Q(reason="") | Q(extra_attempts__gt=0) | Q(extra_minutes__gt=0) | Q(need_not_wait=True)
    return ~by_staff | Q(last_seen_at__gt=F("first_seen_at"))


class PersonalQuerySet(models.QuerySet):
    """Rows of people: each sees their own, trainers and coordinators see all."""

    person_field = "user"

    def of(self, user: "User") -> "PersonalQuerySet":
        """Of this person alone, whatever their role."""
        return self.filter(**{self.person_field: user}) if user.is_authenticated else self.none()

    def for_user(self, user: "User") -> "PersonalQuerySet":
        """What this person may read."""
        return self.all() if is_trainer(user) or is_coordinator(user) else self.of(user)

    def for_admin(self, user: "User") -> "PersonalQuerySet":
        """What the CMS lists for this person."""
        return self.all() if is_trainer(user) or is_coordinator(user) else self.none()


class RedoneQuerySet(PersonalQuerySet):
    """Rows that count everywhere, or in the one course that asked for the same again."""

    def counting_in(self, redo_in: str) -> "RedoneQuerySet":
        """Empty: what counts everywhere; else a course's key as text: what was done again there."""
        return self.filter(redo_in=redo_in)


class EnrolmentQuerySet(PersonalQuerySet):
    def completed(self) -> "EnrolmentQuerySet":
        return self.filter(completed_at__isnull=False)

    def for_courses(self, course_keys: list[UUID]) -> "EnrolmentQuerySet":
        return self.filter(course_key__in=course_keys)


class ActivityRecordQuerySet(RedoneQuerySet):
    def completed(self) -> "ActivityRecordQuerySet":
        return self.filter(completed_at__isnull=False)

    def for_activities(self, activity_keys: list[UUID]) -> "ActivityRecordQuerySet":
        return self.filter(activity_key__in=activity_keys)

    def unsettled(self) -> "ActivityRecordQuerySet":
        """Completed by people who are still here, and nobody has asked yet which courses that finishes."""
        return self.filter(unsettled=True, user__isnull=False)


class QuizAttemptQuerySet(RedoneQuerySet):
    def open(self) -> "QuizAttemptQuerySet":
        return self.filter(state="open")

    def without_quiz(self) -> "QuizAttemptQuerySet":
        """Those at quizzes that are published in no language any more, or whose page is gone."""
        pages = apps.get_model("courses", "QuizPage").objects.live().filter(translation_key=OuterRef("quiz_key"))
        return self.filter(~Exists(pages))

    def submitted(self) -> "QuizAttemptQuerySet":
        return self.filter(state="submitted")

    def that_count(self) -> "QuizAttemptQuerySet":
        """Without those begun before staff opened the quiz again (`ActivityRecord.makes_void`)."""
        same = {"user": OuterRef("user"), "activity_key": OuterRef("quiz_key"), "redo_in": OuterRef("redo_in")}
        records = apps.get_model("courses", "ActivityRecord").objects.filter(**same)
        return self.filter(~Exists(records.filter(reopened_at__gte=OuterRef("started_at"))))

    def waiting(self) -> "QuizAttemptQuerySet":
        """Those that a trainer has to mark, who waits longest first. (Of somebody who was erased, nobody waits.)"""
        return self.filter(state="waiting", user__isnull=False).order_by("submitted_at")

    def to_mark_by(self, user: "User") -> "QuizAttemptQuerySet":
        """Those among them that this person may mark: nobody marks their own (`permissions.can_mark` says the same of one)."""
        return self.for_admin(user).waiting().exclude(user=user)

    def overdue(self, at: datetime) -> "QuizAttemptQuerySet":
        """Open, though their time ended before `at`."""
        return self.open().filter(deadline__lt=at)


class SubmissionQuerySet(RedoneQuerySet):
    def of_groups(self, user: "User", group_keys: Iterable[str]) -> "SubmissionQuerySet":
        """This person's own, and those of these groups."""
        return self.filter(Q(user=user, group_key="") | Q(group_key__in=[key for key in group_keys if key]))

    def left_behind(self) -> "SubmissionQuerySet":
        """Those at assignments that are published in no language any more."""
        pages = apps.get_model("courses", "AssignmentPage").objects.live().filter(translation_key=OuterRef("activity_key"))
        return self.filter(~Exists(pages))

    def waiting(self) -> "SubmissionQuerySet":
        """Those that a trainer has to read, who waits longest first. (For somebody who was erased, nobody waits.)"""
        return self.filter(state__in=["handed_in", "reading"]).exclude(user__isnull=True, group_key="").order_by("handed_in_at")

    def to_read_by(self, user: "User") -> "SubmissionQuerySet":
        """Those among them that this person may judge: nobody judges their own or their project's (`permissions.can_judge` says the same)."""
        return self.for_admin(user).waiting().exclude(user=user).exclude(group_key__in=[group.key for group in groups_of(user)])


class CertificateQuerySet(PersonalQuerySet):
    person_field = "holder"

    def standing(self) -> "CertificateQuerySet":
        """Neither revoked nor replaced by a later one; of what names its subject there is one for a holder. It may have ended."""
        return self.filter(revoked_at__isnull=True, renewed_at__isnull=True)

    def valid(self, at: Any = None) -> "CertificateQuerySet":
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at or timezone.now()), revoked_at__isnull=True)

    def nameless(self) -> "CertificateQuerySet":
        """Those that do not say whose they are, of people who have given their name since (`Certificate.is_named`).

        One that was renewed stays what it is, to its end: issued again, it would be the valid one beside the later (decision 0043).
        """
        unnamed = self.standing().filter(Q(holder_name=NAMELESS) | Q(holder_name__contains="@"))
        return unnamed.exclude(holder=None).exclude(holder__name="").exclude(holder__name__contains="@")

    def about(self, kind: str, subject: Any) -> "CertificateQuerySet":
        """About one thing; a certificate that names none is about itself."""
        return self.filter(Q(subject_key=subject) | Q(subject_key__isnull=True, pk=subject), kind=kind)

    def delete(self):
        raise TypeError("A certificate is never deleted: revoke it.")
