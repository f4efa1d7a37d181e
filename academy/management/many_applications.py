"""A call that thousands answered: projects, applications, assessments, decisions, in seconds. For measuring, in a database made for it.

Nothing passes by the actions: the rows are such as they would have left, the same at each run.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy.management.synthetic import insert
from academy.models import User
from academy.permissions import REVIEWERS
from cohorts.models import (
    Application,
    ApplicationSnapshot,
    ApplicationState,
    Assessment,
    CallAnswer,
    CallQuestion,
    Cohort,
    Criterion,
    Determination,
    Project,
    ProjectMember,
    ReviewAssignment,
    ReviewRound,
    Score,
)
from cohorts.models.application import texts_said

APPLICATIONS, READERS = 2000, 3  # and so many assessments of each
FEW, FEW_TITLE = 200, {"fr": "Deux cents candidatures", "en": "Two hundred applications"}
COUNTRIES = ("BE", "FR", "IT", "ES", "DE", "SE", "HU", "PT", "SN", "MA")
STATES = (
    *["under_review"] * 6, *["deliberation"] * 6, "submitted", "returned", "ineligible", "admitted", "reserve", *["declined"] * 3,
)  # fmt: skip
PENDING, TOLD = {"deliberation"}, {"admitted", "reserve", "declined"}
PARCEL = 500
EVERYTHING = "&".join(
    f"column={name}" for name in ("country", "state", "reviews", "decision", "lead", "mean", "mean-impact", "gap", "discuss", "submitted")
)
UNUSABLE = make_password(None)


def make() -> None:
    """For `make bench`, in its own demo data: once, in the cohort whose applications are being read."""
    cohort = Cohort.objects.filter(state__in=["reviewing", "open"]).order_by("-starts_at").first()
    if cohort is not None and Application.objects.count() < APPLICATIONS:
        with transaction.atomic():
            fill(cohort)
            fill(_two_hundred(cohort), applications=FEW, first=APPLICATIONS)


def _two_hundred(cohort: Cohort) -> Cohort:
    """Beside it, one whose results are read on one page."""
    alike = {
        name: getattr(cohort, name) for name in ("pathway", "rubric", "coordinator", "intake_opens_at", "intake_closes_at", "starts_at")
    }
    return Cohort.objects.create(title=FEW_TITLE, state="reviewing", **alike)


def fill(cohort: Cohort, *, applications: int = APPLICATIONS, readers: int = READERS, first: int = 0) -> list[Application]:
    """The cohort has its rubric, and is open or later. Two questions are asked beside the dossier when it asks none yet.

    `first`: the number of the first, when there are some already.
    """
    now = timezone.now()
    numbers = range(first, first + applications)
    people = _accounts(f"applicant{number}" for number in numbers)
    staff = _readers(readers * 4, first)
    projects = Project.objects.bulk_create(
        (
            Project(
                name=f"Coopérative {number}", country=COUNTRIES[number % len(COUNTRIES)], place="Ville", summary="Un besoin constaté. " * 5
            )
            for number in numbers
        ),
        batch_size=PARCEL,
    )
    pairs = zip(projects, people, strict=True)
    ProjectMember.objects.bulk_create(
        (ProjectMember(project=project, person=person, role="lead") for project, person in pairs), batch_size=PARCEL
    )
    rows = Application.objects.bulk_create(
        (_application(cohort, project, person, number, now) for number, project, person in zip(numbers, projects, people, strict=True)),
        batch_size=PARCEL,
    )
    content = {"project": {"name": "Coopérative", "country": "BE"}, "dossier": {"history": "Un besoin constaté. " * 20}, "answers": {}}
    words = texts_said(content)
    ApplicationSnapshot.objects.bulk_create(
        (
            ApplicationSnapshot(
                application=row, number=1, content=content, words=words, submitted_at=row.submitted_at, submitted_by=row.submitted_by
            )
            for row in rows
        ),
        batch_size=PARCEL,
    )
    _answer(cohort, rows)
    _assess(cohort, rows, staff, readers, now)
    _decide(rows, cohort.coordinator, now)
    kind = ContentType.objects.get_for_model(Application)
    ModelLogEntry.objects.bulk_create(
        (
            ModelLogEntry(
                content_type=kind, object_id=row.pk, label=str(row.pk), action="cohorts.submit_application", user_id=row.submitted_by_id,
                timestamp=row.submitted_at, data={}, content_changed=False, deleted=False,
            )
            for row in rows
        ),
        batch_size=PARCEL,
    )  # fmt: skip
    return rows


def _readers(number: int, first: int) -> list[User]:
    people = _accounts(f"reader{first}-{one}" for one in range(number))
    group = Group.objects.get(name=REVIEWERS)
    User.groups.through.objects.bulk_create(User.groups.through(user=person, group=group) for person in people)
    return people


def _accounts(names: Iterable[str]) -> list[User]:
    return User.objects.bulk_create(
        (User(email=f"{name}@many.example", name=name.capitalize(), password=UNUSABLE) for name in names), batch_size=PARCEL
    )


def _application(cohort: Cohort, project: Project, person: User, number: int, now: datetime) -> Application:
    state = STATES[number % len(STATES)]
    return Application(
        project=project,
        cohort=cohort,
        state=state,
        language=("fr", "en")[number % 3 == 0],
        expectations="Des conseils, et du temps. " * 10,
        late_reason="Une panne." if number % 50 == 0 else "",
        submitted_at=now - timedelta(days=number % 90, minutes=number),
        submitted_by=person,
        saved_at=now,
        return_due_at=now - timedelta(days=1) if state == ApplicationState.RETURNED else None,
    )


def _answer(cohort: Cohort, rows: list[Application]) -> None:
    questions = list(cohort.questions.all()) or CallQuestion.objects.bulk_create(
        CallQuestion(cohort=cohort, kind=kind, sort_order=place, label=label, public_name=label, choices=choices)
        for place, (kind, label, choices) in enumerate(
            [
                (
                    "choice",
                    {"fr": "Forme juridique", "en": "Legal form"},
                    {"fr": "Coopérative\nAssociation", "en": "Cooperative\nAssociation"},
                ),
                ("money", {"fr": "Chiffre d’affaires", "en": "Turnover"}, {}),
            ]
        )
    )
    CallAnswer.objects.bulk_create(
        (
            CallAnswer(application=row, question=question, **_words(question.kind, number))
            for number, row in enumerate(rows)
            for question in questions
            if question.kind != CallQuestion.Kind.FILE
        ),
        batch_size=PARCEL,
    )


def _words(kind: str, number: int) -> dict:
    if kind in ("number", "money"):
        return {"number": Decimal(number * 100), "currency": "EUR" if kind == "money" else ""}
    return {"text": {"choice": str(number % 2 + 1), "country": COUNTRIES[number % len(COUNTRIES)]}.get(kind, f"Réponse {number}")}


def _assess(cohort: Cohort, rows: list[Application], staff: list[User], readers: int, now: datetime) -> None:
    """Each project assesses itself, and is read by so many people."""
    at_entry = {"cohort": cohort, "rubric_id": cohort.rubric_id, "saved_at": now}
    done = {"state": "submitted", "submitted_at": now}
    opens = {"opens_at": now - timedelta(days=90), "closes_at": now + timedelta(days=90), "min_reviews": readers}
    round = ReviewRound.objects.current(cohort) or ReviewRound.objects.create(cohort=cohort, **opens)
    assessments, assignments = [], []
    for number, row in enumerate(rows):
        own = {"project_id": row.project_id, "application": row, **at_entry}
        assessments.append(Assessment(kind="self", assessor_id=row.submitted_by_id, submitted_by_id=row.submitted_by_id, **own, **done))
        for place in range(readers):
            person = staff[(number + place) % len(staff)]
            asked = ReviewAssignment(
                application=row,
                reviewer=person,
                proposed_at=now,
                proposed_by_id=cohort.coordinator_id,
                state="submitted",
                submitted_at=now,
                round=round,
            )
            assignments.append(asked)
            assessments.append(Assessment(kind="reviewer", assignment=asked, assessor=person, submitted_by=person, **own, **done))
    ReviewAssignment.objects.bulk_create(assignments, batch_size=PARCEL)
    Assessment.objects.bulk_create(assessments, batch_size=PARCEL)
    criteria = Criterion.objects.filter(part__rubric=cohort.rubric_id).prefetch_related("levels")
    scales = [(criterion.pk, [level.pk for level in criterion.levels.all()]) for criterion in criteria]
    insert(
        Score,
        [
            {
                "assessment_id": one.pk,
                "criterion_id": criterion,
                "level_id": levels[(number * 7 + place * 3) % len(levels)],
                "confidence": 2,
            }
            for number, one in enumerate(assessments)
            for place, (criterion, levels) in enumerate(scales)
        ],
    )


def _decide(rows: list[Application], by: User, now: datetime) -> None:
    told = {"released_at": now, "released_by": by}
    Determination.objects.bulk_create(
        (
            Determination(
                kind="admission", application=row, decided_at=now, decided_by=by, reasons="Un projet solide.",
                outcome=row.state if row.state in TOLD else ("admitted", "declined")[number % 2], **(told if row.state in TOLD else {}),
            )
            for number, row in enumerate(rows)
            if row.state in TOLD or (row.state in PENDING and number % 2)
        ),
        batch_size=PARCEL,
    )  # fmt: skip
