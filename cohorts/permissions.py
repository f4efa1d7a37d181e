"""Who may. Each predicate is one sentence; states are the actions' affair, so a button asks both."""

from __future__ import annotations

from academy.models import User
from academy.permissions import is_coordinator, is_staff_member, is_trainer, works_in_cms
from cohorts.interests import has_interest
from cohorts.models import (
    Application,
    ApplicationFile,
    Assessment,
    CheckIn,
    Cohort,
    CohortComment,
    ConflictDeclaration,
    Determination,
    MeetingNote,
    OfficeHour,
    OfficeHourBooking,
    Participation,
    Project,
    ProjectMember,
    Registration,
    ReviewAssignment,
    Session,
)
from cohorts.models.application import is_mentor_of


def _role_in(user: User, project: Project) -> str | None:
    if not user.is_authenticated:
        return None
    return ProjectMember.objects.filter(project=project, person=user).values_list("role", flat=True).first()


def _judges(user: User, application: Application) -> bool:
    """A coordinator with no interest in the project."""
    return is_coordinator(user) and Application.objects.without_conflict(user).filter(pk=application.pk).exists()


# Projects


def can_view_project(user: User, project: Project) -> bool:
    return Project.objects.for_user(user).filter(pk=project.pk).exists()


def can_speak_for_project(user: User, project: Project) -> bool:
    """Lead and members; a viewer only looks."""
    return Project.objects.spoken_for_by(user).filter(pk=project.pk).exists()


def can_lead_project(user: User, project: Project) -> bool:
    return _role_in(user, project) == ProjectMember.Role.LEAD


def can_invite_to_project(user: User, project: Project) -> bool:
    return can_lead_project(user, project) or is_coordinator(user)


def can_change_team(user: User, project: Project) -> bool:
    """Roles, the lead, who leaves."""
    return can_lead_project(user, project)


def can_leave_project(user: User, membership: ProjectMember) -> bool:
    """Oneself; the lead takes others out."""
    return user.is_authenticated and (membership.person_id == user.pk or can_change_team(user, membership.project))


# Applications


def can_view_application(user: User, application: Application) -> bool:
    return Application.objects.for_user(user).filter(pk=application.pk).exists()


def can_edit_application(user: User, application: Application) -> bool:
    return can_speak_for_project(user, application.project)


def can_read_file(user: User, file: ApplicationFile) -> bool:
    """The project, whatever it attached; who reads the application for Smart, what it was sent with."""
    if _role_in(user, file.application.project) is not None:
        return True
    return file.snapshots.exists() and Application.objects.for_staff(user).filter(pk=file.application_id).exists()


def can_submit_application(user: User, application: Application) -> bool:
    return can_lead_project(user, application.project)


def can_withdraw_application(user: User, application: Application) -> bool:
    return can_lead_project(user, application.project)


def can_handle_application(user: User, application: Application) -> bool:
    """Return, declare ineligible, start the review, ask reviewers, open the deliberation."""
    return _judges(user, application)


def can_waive_conflict(user: User, declaration: ConflictDeclaration) -> bool:
    return is_coordinator(user) and declaration.person_id != user.pk


# Assessments


def can_answer_review(user: User, assignment: ReviewAssignment) -> bool:
    return user.is_authenticated and assignment.reviewer_id == user.pk


def can_end_review(user: User, assignment: ReviewAssignment) -> bool:
    return can_answer_review(user, assignment) or _judges(user, assignment.application)


def can_view_assessment(user: User, assessment: Assessment) -> bool:
    return Assessment.objects.for_user(user).filter(pk=assessment.pk).exists()


def can_edit_assessment(user: User, assessment: Assessment) -> bool:
    if assessment.kind == Assessment.Kind.SELF:
        return can_speak_for_project(user, assessment.project)
    return user.is_authenticated and assessment.assessor_id == user.pk and can_view_assessment(user, assessment)


def can_assess_project(user: User, project: Project) -> bool:
    """Midway and at graduation: the team, never a member of the project."""
    return (is_coordinator(user) or is_trainer(user)) and _role_in(user, project) is None


# Decisions


def can_decide_admission(user: User, application: Application) -> bool:
    return _judges(user, application)


def can_view_graduation_file(user: User, participation: Participation) -> bool:
    """Coordinators and trainers without an interest in the project."""
    return (is_coordinator(user) or is_trainer(user)) and not has_interest(user, participation.project)


def can_decide_graduation(user: User, participation: Participation) -> bool:
    return is_coordinator(user) and not has_interest(user, participation.project)


def can_release(user: User, determination: Determination) -> bool:
    return is_coordinator(user) and not has_interest(user, determination.project)


def can_sign(user: User, determination: Determination) -> bool:
    """Staff with no interest in the project; a graduation, nobody who is or was its mentor."""
    project = determination.project
    accompanies = determination.kind == Determination.Kind.GRADUATION and is_mentor_of(user, project)
    return is_staff_member(user) and not has_interest(user, project) and not accompanies


# Participations and cohorts


def can_manage_cohort(user: User, cohort: Cohort) -> bool:
    return is_coordinator(user)


def can_announce(user: User, cohort: Cohort) -> bool:
    """Its own coordinator speaks to a cohort; an administrator stands in."""
    return is_coordinator(user) and (cohort.coordinator_id == user.pk or user.is_superuser)


def can_settle_comment(user: User, comment: CohortComment) -> bool:
    """Coordinators decide whether what was said in a cohort stays: never about their own words, nor where they have an interest."""
    return is_coordinator(user) and CohortComment.objects.settled_by(user).filter(pk=comment.pk).exists()


def can_read_dossier(user: User, project: Project) -> bool:
    """Its members; once it takes part, coordinators without an interest in it, and who accompanies it now, neither with an interest in it. What
    it wrote when it applied is in it: trainers who do not accompany it have no part in that.
    """
    if _role_in(user, project) is not None:
        return True
    if not user.is_authenticated or has_interest(user, project) or not project.participations.exists():
        return False
    accompanies = project.mentor_assignments.filter(mentor=user, until__isnull=True)
    return is_coordinator(user) or accompanies.exists()


def can_view_cohort(user: User, cohort: Cohort) -> bool:
    return Cohort.objects.for_user(user).filter(pk=cohort.pk).exists()


def can_view_matrix(user: User, cohort: Cohort) -> bool:
    return is_coordinator(user) or is_trainer(user)


def can_accept_place(user: User, participation: Participation) -> bool:
    return can_lead_project(user, participation.project)


def can_leave_cohort(user: User, participation: Participation) -> bool:
    return can_lead_project(user, participation.project)


def can_manage_participation(user: User, participation: Participation) -> bool:
    """Pause, resume, dismiss, transfer, waive, name a mentor, mark eligible: a coordinator with no interest in the project."""
    return is_coordinator(user) and not has_interest(user, participation.project)


def can_write_meeting_note(user: User, participation: Participation) -> bool:
    """The team without an interest in the project, and whoever accompanies it; never a member of it."""
    if not works_in_cms(user) or _role_in(user, participation.project) is not None:
        return False
    accompanies = participation.project.mentor_assignments.filter(mentor=user, until__isnull=True)
    return not has_interest(user, participation.project) or accompanies.exists()


def can_correct_meeting_note(user: User, note: MeetingNote) -> bool:
    """Its author; and a coordinator, who may have to take back what should not have been shared."""
    return can_write_meeting_note(user, note.participation) and (note.author_id == user.pk or is_coordinator(user))


def can_record_requirement(user: User, participation: Participation) -> bool:
    return (is_coordinator(user) or is_trainer(user)) and not has_interest(user, participation.project)


def can_read_forms(user: User, participation: Participation) -> bool:
    """What a project sends along the pathway, inside the CMS: the team without an interest in it."""
    return can_record_requirement(user, participation)


# Office hours


def can_hold_office_hours(user: User) -> bool:
    return works_in_cms(user)


def can_manage_office_hour(user: User, hour: OfficeHour) -> bool:
    """Its host; a coordinator when the host cannot."""
    return works_in_cms(user) and (hour.host_id == user.pk or is_coordinator(user))


def can_see_office_hour(user: User, hour: OfficeHour) -> bool:
    """On the site: whoever may book it, or has booked it."""
    return OfficeHour.objects.open_to(user).filter(pk=hour.pk).exists()


def can_cancel_booking(user: User, booking: OfficeHourBooking) -> bool:
    return user.is_authenticated and booking.person_id == user.pk


# Sessions


def can_manage_session(user: User, session: Session | None = None) -> bool:
    return is_coordinator(user)


def can_run_polls(user: User) -> bool:
    """Whoever holds the room: trainers and coordinators."""
    return is_coordinator(user) or is_trainer(user)


def can_close_session(user: User) -> bool:
    """What comes after it, for whoever held the room: how people found it, and what the wiki keeps of it."""
    return is_coordinator(user) or is_trainer(user)


def can_view_session(user: User, session: Session) -> bool:
    return Session.objects.for_user(user).filter(pk=session.pk).exists()


def can_register(user: User, project: Project) -> bool:
    """Oneself, for a project of which one is a member; whether the session takes it is the action's affair."""
    return can_speak_for_project(user, project)


def can_answer_registration(user: User, registration: Registration) -> bool:
    """Confirm, decline, cancel, say who pays: the person, or a coordinator for them."""
    return user.is_authenticated and (registration.person_id == user.pk or is_coordinator(user))


def can_handle_registration(user: User, registration: Registration) -> bool:
    """Approve, refuse, check the funding."""
    return is_coordinator(user)


def can_check_in(user: User, registration: Registration | None = None) -> bool:
    """The desk is held by coordinators and trainers."""
    return is_coordinator(user) or is_trainer(user)


def can_annul_check_in(user: User, arrival: CheckIn) -> bool:
    return is_coordinator(user)
