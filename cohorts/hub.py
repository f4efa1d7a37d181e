"""What *My Academy* shows: one line for each thing of a person, and all that these lines depend on."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from academy.models import User
from academy.permissions import is_reviewer, works_in_cms
from academy.prepared import Later, PreparedForPerson, columns_of, objects_of
from cohorts.models import Project, Registration, Session
from courses.models import Certificate
from courses.screens import followed_courses
from wiki.models import Question

_NOW = Session._meta.get_field("ends_at")
_projects = PreparedForPerson(lambda person: Project.objects.of_member(person).order_by("-created_at").values_list(*columns_of(Project)))
_seats = PreparedForPerson(
    lambda person: (
        Registration.objects.live()
        .filter(person=person, session__ends_at__gte=Later("now", _NOW))
        .order_by("session__starts_at")
        .values_list(*columns_of(Registration, "session"))
    )
)
_certificates = PreparedForPerson(
    lambda person: Certificate.objects.of(person).order_by("-issued_at").values_list(*columns_of(Certificate))
)
_questions = PreparedForPerson(
    lambda person: Question.objects.asked_by(person).order_by("-asked_at").values_list(*columns_of(Question))[:5]
)


def own_projects(user: User) -> list[Project]:
    return objects_of(Project, _projects.rows(user))


def hub_context(request: HttpRequest) -> dict:
    user = request.user
    projects, courses = own_projects(user), followed_courses(request)
    seats = objects_of(Registration, _seats.rows(user, now=timezone.now()), "session")
    certificates = objects_of(Certificate, _certificates.rows(user))
    questions = objects_of(Question, _questions.rows(user))
    return {
        "projects": projects,
        "courses": courses,
        "seats": seats,
        "certificates": certificates,
        "questions": questions,
        "may_review": is_reviewer(user),
        "may_use_cms": works_in_cms(user),
        "hub_lines": (
            tuple((one.pk, one.name, one.country) for one in projects),
            tuple(one.seen_as for one in courses),
            tuple((one.session_id, str(one.session.title), one.session.starts_at, one.session.place, one.status) for one in seats),
            tuple((one.pk, one.kind, one.issued_at, one.words.get("about"), one.words.get("title"), one.standing) for one in certificates),
            tuple((one.pk, one.text, one.state) for one in questions),
        ),
    }
