"""Two readers crawl everything: one who has declared an interest, and one who reads without names. Neither meets a word that is not theirs.

Every address of tests/security/url_map.py is asked as that person, with the listings' exports and searches, the history of the whole site,
and the letters that were written to them. The walk would find something: each is proved by somebody who does.
"""

import uuid
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from academy.models import Message, User
from cohorts import actions
from cohorts.clock import strike
from cohorts.faces import pseudonym
from cohorts.models import (
    Application,
    ApplicationFile,
    ConflictDeclaration,
    DirectoryEntry,
    OfficeHourBooking,
    Participation,
    Partnership,
    Registration,
    ReviewRound,
)
from courses.models import Submission
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.security.url_map import ROWS
from tests.security.world import SECRETS, build

pytestmark = pytest.mark.django_db

PROJECT, SUMMARY = "Hidden venture", "Qsummary of it"
EXTRA = (
    "/cms/reports/site-history/",
    "/cms/reports/site-history/?label=Hidden",
    "/cms/reports/site-history/?export=csv",
    "/cms/reports/site-history/?export=xlsx",
    *(
        f"/cms/{name}/?{query}"
        for name in ("applications", "projects", "participations", "cohorts")
        for query in ("q=Hidden", "export=csv", "export=xlsx")
    ),
    "/fr/search/?q=Hidden",
    "/cms/",
    "/cms/pages/search/?q=Hidden",
)


@pytest.fixture
def world(promoter, other_promoter, trainer, reviewer, coordinator, admin_user):
    """The world of the access matrix, where the project has only applied: what it does once it takes part is open to its cohort."""
    people = ("promoter", "other_promoter", "trainer", "reviewer", "coordinator", "admin_user")
    with translation.override("fr"):
        w = build(dict(zip(people, (promoter, other_promoter, trainer, reviewer, coordinator, admin_user), strict=True)))
        elsewhere = make.ProjectFactory(name="Elsewhere")
        Participation.objects.filter(project=w.project).update(project=elsewhere)
        Partnership.objects.filter(project=w.project).update(project=elsewhere)
        Registration.objects.filter(project=w.project).update(project=elsewhere)
        OfficeHourBooking.objects.filter(project=w.project).update(project=elsewhere)
        DirectoryEntry.objects.filter(project=w.project).update(project=elsewhere)
        Submission.objects.filter(group_key=str(w.project.pk)).update(group_key=str(elsewhere.pk))
        type(w.project).objects.filter(pk=w.project.pk).update(summary=SUMMARY)
        Application.objects.filter(pk=w.application.pk).update(state="under_review")
        w.application.refresh_from_db()
        w.round = ReviewRound.objects.get(cohort=w.cohort)
        yield w


def text_of(answer) -> bytes:
    """All that came back, with its headers; of a spreadsheet or another zip, what is in it."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body[:2] == b"PK":
        with ZipFile(BytesIO(body)) as archive:
            body = b"".join(archive.read(name) for name in archive.namelist())
    return body + repr(dict(answer.headers)).encode()


def addresses(w) -> dict[str, str]:
    found = {}
    for key, (names, _letters) in ROWS.items():
        things = [getattr(w, name) for name in names]
        found[key] = reverse(key, args=[getattr(thing, "pk", thing) for thing in things])
    for key in ("cohorts_assessment", "cohorts_review"):
        for name in ("reviewed", "assignment", "recused", "assessment"):
            found[f"{key} {name}"] = reverse(key, args=[getattr(w, name).pk])
    return found | {address: address for address in EXTRA}


def crawl(client: Client, w, words: dict[str, str]) -> set[tuple[str, str]]:
    """Which words are met where."""
    met = set()
    for key, address in addresses(w).items():
        with transaction.atomic():
            shown = text_of(client.get(address))
            transaction.set_rollback(True)
        met |= {(what, key) for what, word in words.items() if word.encode() in shown or word.encode("unicode_escape") in shown}
    return met


def letters_to(person: User) -> str:
    return "\n".join(f"{row.subject}\n{row.body_text}\n{row.body_html}" for row in Message.objects.filter(to=person))


CLOSED_WORDS = {"name": PROJECT, "summary": SUMMARY, **{key: SECRETS[key] for key in ("answers", "review", "decision")}}


@pytest.mark.parametrize("who", ["conflicted_reviewer", "conflicted_coordinator", "admin_user"])
def test_who_declared_an_interest_meets_no_word_of_the_application(who, world, client_for):
    person = getattr(world, who)
    actions.declare_interest(world.application, by=person, conflict=True, reason="Cousins.")
    assert crawl(client_for(person), world, CLOSED_WORDS) == set()


def test_who_declared_it_in_an_earlier_application_meets_no_word_of_the_next(world, client_for):
    person = world.conflicted_coordinator
    ConflictDeclaration.objects.filter(person=person).delete()
    before = make.SubmittedApplicationFactory(project=world.project, state="declined", submitted_by=world.promoter)
    actions.declare_interest(before, by=person, conflict=True, reason="Cousins.")
    assert crawl(client_for(person), world, CLOSED_WORDS) == set()


def test_no_letter_tells_a_coordinator_with_an_interest(world):
    """What is written of its own accord to who organises a cohort goes to another coordinator."""
    cohort = world.cohort
    type(cohort).objects.filter(pk=cohort.pk).update(coordinator=world.conflicted_coordinator)
    again = make.SubmittedApplicationFactory(cohort=cohort, project__name=PROJECT, state="returned", submitted_by=world.promoter)
    make.ConflictDeclarationFactory(application=again, person=world.conflicted_coordinator)
    actions.submit_application(Application.objects.get(pk=again.pk), by=world.promoter)
    long_ago = timezone.now() - timedelta(days=30)
    type(world.assignment).objects.filter(pk=world.assignment.pk).update(state="proposed", proposed_at=long_ago, reminded_at=long_ago)
    strike()
    assert PROJECT not in letters_to(world.conflicted_coordinator)
    assert Message.objects.filter(to=world.conflicted_coordinator).count() == 0
    assert letters_to(world.coordinator).count(PROJECT) >= 2


def test_the_same_walk_finds_it_for_a_coordinator_without_an_interest(world, client_for):
    """The negative control: the words stand there, the walk can find them."""
    met = crawl(client_for(world.coordinator), world, CLOSED_WORDS)
    assert {what for what, _key in met} == set(CLOSED_WORDS)
    assert {"applications:index", "projects:index", "cohorts_cms_application"} <= {key for _what, key in met}


def test_site_history_of_an_administrator_with_an_interest_leaves_it_out(world, client_for):
    """A negative control of the history: without the interest it is all there."""
    ModelLogEntry.objects.log_action(world.application, "cohorts.start_review", user=world.coordinator)
    client = client_for(world.admin_user)
    pages = ["/cms/reports/site-history/", "/cms/reports/site-history/?export=csv"]
    assert [PROJECT.encode() in text_of(client.get(page)) for page in pages] == [True, True]
    actions.declare_interest(world.application, by=world.admin_user, conflict=True, reason="Cousins.")
    assert [PROJECT.encode() in text_of(client.get(page)) for page in pages] == [False, False]


def test_site_history_of_an_administrator_of_the_project_leaves_out_its_reading(world, client_for):
    for row, action in ((world.application, "cohorts.start_review"), (world.assignment, "cohorts.accept_review")):
        ModelLogEntry.objects.log_action(row, action, user=world.coordinator)
    client = client_for(world.admin_user)
    pages = ["/cms/reports/site-history/", "/cms/reports/site-history/?export=csv"]
    assert [PROJECT.encode() in text_of(client.get(page)) for page in pages] == [True, True]
    make.ProjectMemberFactory(project=world.project, person=world.admin_user, role="member")
    assert [PROJECT.encode() in text_of(client.get(page)) for page in pages] == [False, False]


# A blind round

LEAD, MEMBER = "Xaviera Quibbleton", "Wolfram Zyskind"
IDENTITY = {
    "name": PROJECT,
    "lead": "Quibbleton",
    "first name": "Xaviera",
    "member": "Zyskind",
    "mail": "x.quibbleton",
    "site": "hiddenventure.example",
    "town": "Trebizond",
    "file": "Businessplan",
}
TOLD = f"{PROJECT} was founded in Trebizond by {LEAD} with {MEMBER}: x.quibbleton@hiddenventure.example, www.hiddenventure.example/team"


@pytest.fixture
def blind(world):
    """The same world, read without names, by people whom nothing else on the site mentions."""
    lead = UserFactory(name=LEAD, email="x.quibbleton@example.org")
    project, application = world.project, world.application
    project.memberships.filter(person=world.promoter).update(person=lead)
    make.ProjectMemberFactory(project=project, person=UserFactory(name=MEMBER), role="member")
    values = {"place": "Trebizond", "website": "https://www.hiddenventure.example/", "summary": TOLD, "country": "TR"}
    type(project).objects.filter(pk=project.pk).update(**values)
    Application.objects.filter(pk=application.pk).update(submitted_by=lead)
    content = {"project": {"name": PROJECT, **values}, "answers": {"need": TOLD, "history": TOLD, "team": TOLD}}
    version = make.ApplicationSnapshotFactory(application=application, number=2, content=content, submitted_by=lead)
    world.file = ApplicationFile.objects.create(
        **{
            "application": application,
            "name": f"Businessplan {PROJECT}.pdf",
            "kind": "pdf",
            "size": 4,
            "sha256": "0" * 64,
            "added_by": lead,
        },
        file=ContentFile(b"%PDF", name="x.pdf"),
    )
    world.file.snapshots.add(version)
    own = world.assessment
    type(own).objects.filter(pk=own.pk).update(
        assessor=lead, state="submitted", submitted_at=timezone.now(), submitted_by=lead, summary=TOLD
    )
    make.ScoreFactory(assessment=own, criterion=world.level.criterion, level=world.level, evidence=TOLD)
    type(world.reviewed).objects.filter(pk=world.reviewed.pk).update(summary=TOLD)
    make.round_of(world.cohort, is_blind=True)
    return world


@pytest.mark.parametrize("state", ["proposed", "accepted", "in_progress", "submitted", "released"])
def test_blind_round_shows_no_identity_on_any_surface(state, blind, client_for):
    done = {"state": state, "submitted_at": timezone.now() if state == "submitted" else None}
    type(blind.assignment).objects.filter(pk=blind.assignment.pk).update(**done)
    if state in ("in_progress", "submitted"):
        sent = {"state": "submitted", "submitted_at": timezone.now(), "submitted_by": blind.reviewer} if state == "submitted" else {}
        mine = make.AssessmentFactory(
            **{"application": blind.application, "assignment": blind.assignment, "kind": "reviewer", "assessor": blind.reviewer, **sent}
        )
        make.ScoreFactory(assessment=mine, criterion=blind.level.criterion, level=blind.level)
    client = client_for(blind.reviewer)
    assert crawl(client, blind, IDENTITY) == set()
    page = client.get(reverse("cohorts_review", args=[blind.assignment.pk])).content.decode()
    with translation.override("fr"):
        assert pseudonym(blind.application) in page


def test_who_curates_and_reads_without_names_meets_none_in_the_cms_either(blind, client_for):
    blind.reviewer.groups.add(Group.objects.get(name="Trainers"))
    client = client_for(blind.reviewer)
    of_the_project = {what: IDENTITY[what] for what in ("name", "mail", "site", "town", "file")}  # of people, the filters name everybody
    assert client.get("/cms/projects/").status_code == 200
    assert crawl(client, blind, of_the_project) == set()
    make.round_of(blind.cohort, is_blind=False)
    assert ("name", "/cms/projects/?q=Hidden") in crawl(client, blind, IDENTITY)


def test_the_same_walk_finds_the_names_when_the_round_shows_them(blind, client_for):
    """The negative control."""
    make.round_of(blind.cohort, is_blind=False)
    met = crawl(client_for(blind.reviewer), blind, IDENTITY)
    assert {"name", "lead", "first name", "member", "mail", "site", "town"} <= {what for what, _key in met}
    assert "cohorts_review" in {key for _what, key in met}


def test_blind_letters_name_nobody(blind, coordinator, client_for):
    person = UserFactory(name="New reader")
    person.groups.add(Group.objects.get(name="Reviewers"))
    application = Application.objects.get(pk=blind.application.pk)
    make.round_of(blind.cohort, min_reviews=9)
    blind.round.refresh_from_db()
    actions.ask_reviewers(blind.round, by=coordinator, pairs=[(application, person)])
    asked = application.assignments.get(reviewer=person)
    later = timezone.now() + timedelta(days=6)
    actions.remind_reviewer(asked, by=None, now=later)
    told = letters_to(person)
    assert Message.objects.filter(to=person).count() == 2
    with translation.override(person.language):
        assert told.count(pseudonym(application)) >= 2
    assert {what for what, word in IDENTITY.items() if word in told} == set()


def test_unknown_keys_tell_nothing_more(blind, client_for):
    """An address that leads nowhere answers as one that is closed."""
    client = client_for(blind.conflicted_reviewer)
    closed = client.get(reverse("cohorts_review", args=[blind.assignment.pk]))
    nowhere = client.get(reverse("cohorts_review", args=[uuid.uuid4()]))
    assert (closed.status_code, nowhere.status_code) == (404, 404)
    with pytest.raises(NoReverseMatch):
        reverse("cohorts_review", args=["name"])
