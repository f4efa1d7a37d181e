"""Who may, about learning. The same sentence serves the view, the template and the CMS."""

from wagtail.images import get_image_model
from wagtail.permissions import policy_registry

from academy.permissions import is_coordinator, is_trainer
from courses.groups import Owner, owner_of
from courses.models import ActivityRecord, Certificate, QuizAttempt, QuizPage, WorkFile


def can_read_records(user) -> bool:
    """Trainers and coordinators follow what everybody does."""
    return is_trainer(user) or is_coordinator(user)


def can_correct_record(user, record: ActivityRecord) -> bool:
    """Reopen, complete for somebody, give an attempt: trainers and coordinators, never on their own record."""
    return can_read_records(user) and record.user_id != user.pk


def can_follow(user, person) -> bool:
    """Complete, excuse, reopen for this person: trainers and coordinators, for others than themselves."""
    return can_read_records(user) and person.pk != user.pk


def can_mark(user, attempt: QuizAttempt) -> bool:
    """Trainers and coordinators, never their own answers."""
    return can_read_records(user) and attempt.user_id is not None and attempt.user_id != user.pk


def can_judge(user, owner: Owner) -> bool:
    """Trainers and coordinators, never their own work nor that of a project of theirs."""
    return can_read_records(user) and bool(owner.person or owner.group) and not owner.may_read(user)


def can_read_file(user, file: WorkFile) -> bool:
    """Whose work it is. The team: what was handed in or sent back, no drafts."""
    if can_read_records(user) and (file.feedback_id or file.versions.exists()):
        return True
    return owner_of(file.submission).may_read(user)


def can_read_certificate(user, certificate: Certificate) -> bool:
    return user.is_authenticated and (certificate.holder_id == user.pk or can_read_records(user))


def can_take_badge(user, certificate: Certificate) -> bool:
    """Its holder alone, as long as it says their name and was not revoked."""
    return user.is_authenticated and certificate.holder_id == user.pk and certificate.revoked_at is None and certificate.is_named


def can_revoke_certificate(user, certificate: Certificate) -> bool:
    """Coordinators, never their own."""
    return is_coordinator(user) and certificate.holder_id != user.pk and certificate.revoked_at is None


def can_add_pictures(user) -> bool:
    """Into the library's first collection, where the pictures of imported questions go."""
    policy = policy_registry.get_by_type(get_image_model())
    return policy.collections_user_has_permission_for(user, "add").filter(depth=1).exists()


def can_announce_change(user, page) -> bool:
    """Whoever may publish an activity or a module says what its change means to those who finished."""
    return user.is_authenticated and page.permissions_for_user(user).can_publish()


def can_exchange_questions(user, quiz: QuizPage) -> bool:
    """Whoever may edit the quiz brings questions into it and takes them out; an alias is edited where it comes from."""
    return user.is_authenticated and quiz.alias_of_id is None and quiz.permissions_for_user(user).can_edit()
