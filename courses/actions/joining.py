"""Coming into a course by a code, with a cohort, or by an invitation that waits until there is an account."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from academy import audit, messages
from academy.models import User
from academy.rules import RuleViolation
from courses.access import any_course
from courses.actions.learning import enrol
from courses.models import AwaitedEnrolment, CoursePage, Enrolment, EnrolmentCode
from courses.models.joining import plain_code

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is taken for another
LENGTH = 8


@transaction.atomic
def create_code(
    course: CoursePage, *, by: User, cohort_key: UUID | str = "", valid_until: datetime | None = None, uses: int | None = None
) -> EnrolmentCode:
    if valid_until is not None and valid_until <= timezone.now():
        raise RuleViolation(_("This day is over already."), code="past")
    made = EnrolmentCode.objects.create(
        code="".join(secrets.choice(LETTERS) for _place in range(LENGTH)),
        course_key=course.translation_key,
        cohort_key=str(cohort_key),
        valid_until=valid_until,
        uses_left=uses,
        created_by=by,
    )
    audit.record(made, "courses.create_code", by=by, data={"course": course.title, "cohort": made.cohort_key})
    return made


@transaction.atomic
def close_code(code: EnrolmentCode, *, by: User) -> EnrolmentCode:
    """Nobody enters with it any more; who did stays."""
    code = EnrolmentCode.objects.select_for_update(no_key=True).get(pk=code.pk)
    if code.closed_at is None:
        code.closed_at = timezone.now()
        code.save(update_fields=["closed_at"])
        audit.record(code, "courses.close_code", by=by)
    return code


@transaction.atomic
def enrol_by_code(text: str, *, by: User) -> Enrolment:
    """The person follows the course of this code. Coming again takes no use. Raises RuleViolation: unknown, closed, over, used up."""
    code = EnrolmentCode.objects.select_for_update(no_key=True).filter(code=plain_code(text)).first()
    course = any_course(code.course_key) if code else None
    if code is None or course is None:
        raise RuleViolation(_("Nobody knows this code. Look at each letter again, or ask who gave it to you."), code="unknown")
    followed = Enrolment.objects.of(by).filter(course_key=code.course_key).first()
    if followed is not None and code.cohort_key in ("", followed.cohort_key):
        return followed
    if code.closed_at is not None or (code.valid_until is not None and code.valid_until <= timezone.now()):
        raise RuleViolation(_("This code is no longer valid. Ask who gave it to you for a new one."), code="expired")
    if code.uses_left == 0:
        raise RuleViolation(_("This code has been used as often as it may be. Ask who gave it to you for another."), code="used_up")
    enrolment = enrol(course, user=by, by=by, cohort_key=code.cohort_key)
    code.used += 1
    code.uses_left = code.uses_left - 1 if code.uses_left is not None else None
    code.save(update_fields=["used", "uses_left"])
    return enrolment


@transaction.atomic
def enrol_cohort(course: CoursePage, *, cohort_key: UUID | str, people: Iterable[User], by: User) -> tuple[int, int]:
    """Enrols everybody of a cohort under its name. Answers how many are new, and how many followed the course with it already."""
    people = list(people)
    known = Enrolment.objects.filter(user__in=people, course_key=course.translation_key, cohort_key=str(cohort_key))
    already = set(known.values_list("user", flat=True))
    new = [person for person in people if person.pk not in already]
    for person in new:
        enrol(course, user=person, by=by, cohort_key=cohort_key)
    return len(new), len(already)


@transaction.atomic
def invite_to_course(course: CoursePage, *, email: str, by: User, name: str = "", language: str = "", cohort_key: UUID | str = "") -> str:
    """Enrols whoever has an account with this address; whoever has none receives a letter, and is awaited. Answers what was done:

    `enrolled`, `already` or `invited`. No account is made for anybody. A letter greets its reader: nobody else's address is in a name.
    """
    if "@" in name or name.splitlines()[1:]:
        raise RuleViolation(_("A name is one line, without an address."), code="name")
    email = email.strip().lower()
    person = User.objects.annotate(lower=Lower("email")).filter(lower=email).first()
    if person is not None:
        if not person.is_active:
            raise RuleViolation(_("This account is closed."), code="inactive")
        known = Enrolment.objects.of(person).filter(course_key=course.translation_key).exists()
        enrol(course, user=person, by=by, cohort_key=cohort_key)
        return "already" if known else "enrolled"
    facts = {"name": name[:150], "cohort_key": str(cohort_key), "invited_by": by}
    awaited, created = AwaitedEnrolment.objects.update_or_create(email=email, course_key=course.translation_key, defaults=facts)
    if created:
        audit.record(awaited, "courses.invite", by=by, data={"course": course.title})
    messages.queue(
        User(email=email, name=name, language=language or by.language),
        template="courses_invitation",
        context={"course": course, "inviter": by, "email": email},
        cause=f"courses.awaited:{awaited.pk}",
        by=by,
        reply_to=by.email,
    )
    return "invited"


@transaction.atomic
def arrive(person: User, *, by: User) -> list[Enrolment]:
    """Makes the enrolments that waited for the addresses which this person has proved to be theirs."""
    proved = [email.lower() for email in EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)]
    enrolments = []
    for awaited in AwaitedEnrolment.objects.filter(email__in=proved).select_related("invited_by") if proved else []:
        course = any_course(awaited.course_key)
        if course is not None:
            enrolments.append(enrol(course, user=person, by=awaited.invited_by or by, cohort_key=awaited.cohort_key))
            awaited.delete()
    return enrolments
