"""What a reader sees of whose an application is: everything, or in a blind round nothing that names a project, a person or a place."""

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone, translation

from cohorts import actions
from cohorts.answers import answers_in, in_words
from cohorts.call_answers import as_attached
from cohorts.faces import face_of, faces_of, is_blind_to, pseudonym
from cohorts.models import ApplicationFile, ReviewRound
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

NAME = "Coopérative du Nord"
TEXT = """The Coopérative du Nord (cooperative-du-nord, CDN) was founded in Lille by Zoé Delattre and her brother Karim.
ZOÉ DELATTRE runs it; delattre.zoe@example.org, https://www.coopnord.example/team, @coopnord, +32 475 12 34 56.
We asked 40 workers in Lille; will they come? « COOPERATIVE DU NORD » answers. See coopnord.example."""


@pytest.fixture
def application(submitted, promoter):
    promoter.name, promoter.email = "Zoé Delattre", "delattre.zoe@example.org"
    promoter.save()
    project = submitted.project
    project.name, project.place, project.country, project.website = NAME, "Lille", "FR", "https://www.coopnord.example/"
    project.save()
    make.ProjectMemberFactory(project=project, person=UserFactory(name="Karim Will", email="kw@example.org"), role="member")
    make.ApplicationSnapshotFactory(application=submitted, content={"project": {"name": "Nordcoop"}, "answers": {"need": TEXT}})
    return submitted


def ask(application, reviewer, *, blind, state="accepted", number=1):
    round = make.round_of(application.cohort, **({"is_blind": blind} if number == 1 else {}))
    if number != 1:
        dates = {"opens_at": round.opens_at, "closes_at": round.closes_at}
        round = ReviewRound.objects.create(cohort=application.cohort, number=number, is_blind=blind, **dates)
    return make.ReviewAssignmentFactory(application=application, reviewer=reviewer, state=state, round=round)


def test_round_with_names_hides_nothing(application, reviewer):
    ask(application, reviewer, blind=False)
    face = face_of(application, reviewer, people=True)
    assert (face.name, face.place, face.is_blind) == (NAME, "Lille · France", False)
    assert face.people == [("Zoé Delattre", "Lead"), ("Karim Will", "Member")]
    assert face.masked(TEXT) == TEXT
    assert face.answers({"need": TEXT, "name": NAME}) == {"need": TEXT, "name": NAME}
    assert face.file_name("Plan of Nord.pdf", 2) == "Plan of Nord.pdf"


def test_blind_round_shows_a_pseudonym_and_the_country(application, reviewer):
    ask(application, reviewer, blind=True)
    face = face_of(application, reviewer, people=True)
    assert (face.name, face.place, face.people, face.is_blind) == (pseudonym(application), "France", [], True)
    assert face.file_name("Plan of Nord.PDF", 2) == "Attachment 2.pdf"
    assert face.file_name("nord.zoé delattre", 1) == "Attachment 1"


def test_known_names_are_taken_out_of_what_was_written(application, reviewer):
    ask(application, reviewer, blind=True)
    code, told = pseudonym(application), face_of(application, reviewer).masked(TEXT)
    assert told == (
        f"The {code} ({code}, [hidden]) was founded in [hidden] by [hidden] and her brother [hidden].\n"
        "[hidden] runs it; [hidden], [hidden], [hidden], [hidden].\n"
        f"We asked 40 workers in [hidden]; will they come? « {code} » answers. See [hidden]."
    )


def test_answers_are_masked_at_every_depth_and_identity_is_emptied(application, reviewer):
    ask(application, reviewer, blind=True)
    face = face_of(application, reviewer)
    answers = {
        "name": "Nordcoop",
        "place": "Lille",
        "website": "https://x.example",
        "need": "Nordcoop!",
        "files": [{"name": "Lille, notre plan.pdf"}],
        "more": [{"by": "Zoé"}],
        "n": 3,
    }
    code = face.name
    assert face.answers(answers) == {
        **{"name": code, "place": "", "website": "", "need": f"{code}!"},
        **{"files": [{"name": "Attachment 1.pdf"}], "more": [{"by": "[hidden]"}], "n": 3},
    }


def test_figures_and_codes_are_read_as_they_are_whatever_people_are_called(application, reviewer, promoter, client_for):
    """A member’s address has a year in it, a project is called as a country code: amounts, choices and countries stay readable."""
    promoter.email = "zoe.2000@example.org"
    promoter.save()
    type(application.project).objects.update(name="IT")
    kinds = {"money": "2000.00 EUR", "number": "2000.00", "choice": "2", "country": "IT", "text": "Since 2000 Zoé, IT.", "file": ""}
    asked = [
        {"question": f"1f0c2000-2000-4000-8000-00000000{n}000", "kind": kind, "value": value, "label": {"en": f"A {kind}?"}}
        | {"public_name": {}, "help": {}, "choices": {"en": "No\nYes"}, "most_words": None, "is_required": True}
        for n, (kind, value) in enumerate(kinds.items(), start=1)
    ]
    content = {"project": {"country": "IT", "status": "idea"}, "answers": {}, "call": asked}
    make.ApplicationSnapshotFactory(application=application, number=2, content=content)
    make.ConflictDeclarationFactory(application=application, person=reviewer, kind="none", reason="")
    row = ask(application, reviewer, blind=True)
    application.project.refresh_from_db()
    face = face_of(application, reviewer)
    told = [
        (answer.question, answer.words) for _section, rows in in_words(face.answers(answers_in(content))) for answer in rows if answer.words
    ]
    assert told == [
        ("Country where it acts", "Italy"),
        ("Where does the project stand today?", "An idea"),
        ("A money?", "€2,000"),
        ("A number?", "2,000"),
        ("A choice?", "Yes"),
        ("A country?", "Italy"),
        ("A text?", "Since 2000 [hidden], [hidden]."),
    ]
    assert client_for(reviewer).get(reverse("cohorts_review", args=[row.pk])).status_code == 200


def test_words_of_an_office_are_no_names(application, reviewer):
    ask(application, reviewer, blind=True)
    for local in ("direction", "contact", "info", "marie.direction"):
        make.ProjectMemberFactory(project=application.project, person=UserFactory(name="X Y", email=f"{local}@example.org"), role="member")
    told = face_of(application, reviewer).masked("The direction says in 1985: contact info@example.org, or marie.direction, for more info.")
    assert told == "The direction says in 1985: contact [hidden], or [hidden], for more info."


def test_who_sent_a_version_and_left_the_project_is_hidden_too(application, reviewer):
    ask(application, reviewer, blind=True)
    gone = UserFactory(name="Quentin Dupuis", email="q.dupuis@example.org")
    make.ApplicationSnapshotFactory(application=application, number=2, content={"project": {}, "answers": {}}, submitted_by=gone)
    assert face_of(application, reviewer).masked("Quentin and Mr Dupuis began it.") == "[hidden] and Mr [hidden] began it."


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("Bo Li", "Bo and Li began it, said BO: the bo tree.", "[hidden] and [hidden] began it, said [hidden]: the bo tree."),
        ("Anh Le", "Le projet de Anh Le.", "Le projet de [hidden]."),
    ],
)
def test_names_of_two_letters_are_hidden_where_they_are_written_as_names(name, text, told, application, reviewer):
    ask(application, reviewer, blind=True)
    make.ProjectMemberFactory(project=application.project, person=UserFactory(name=name, email="x@example.org"), role="member")
    assert face_of(application, reviewer).masked(text) == told


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("王小明", "我叫王小明，我们三个人。", "我叫[hidden]，我们三个人。"),
        ("王小明", "大家叫小明的人。", "大家叫[hidden]的人。"),
        ("王芳", "由王芳负责。", "由[hidden]负责。"),
        ("김민수", "김민수는 대표입니다. 감면세 논의.", "[hidden]는 대표입니다. 감면세 논의."),
        ("สมชาย ใจดี", "คุณสมชายเป็นผู้นำ", "คุณ[hidden]เป็นผู้นำ"),
        ("أحمد سالم", "ولأحمد شريك", "ول[hidden] شريك"),
        ("सीता राम", "संस्थापक सीता ने कहा", "संस्थापक [hidden] ने कहा"),
        ("Rene\u0301 Dupont", "Avec René et RENÉ.", "Avec [hidden] et [hidden]."),
        ("Ève Noël", "Noe\u0308l le dit.", "[hidden] le dit."),
        ("Li Na", "Li finalise la liste.", "[hidden] finalise la liste."),
    ],
)
def test_names_are_hidden_in_every_script(name, text, told, application, reviewer):
    """Also where nothing stands between words, where small words are written onto a name, and where an accent is a letter of its own."""
    ask(application, reviewer, blind=True)
    make.ProjectMemberFactory(project=application.project, person=UserFactory(name=name, email="x@example.org"), role="member")
    assert face_of(application, reviewer).masked(text) == told


def test_a_project_is_hidden_in_a_script_without_spaces(application, reviewer):
    ask(application, reviewer, blind=True)
    type(application.project).objects.filter(pk=application.project_id).update(name="织梦合作社")
    face = face_of(type(application).objects.get(pk=application.pk), reviewer)
    assert face.masked("我们织梦合作社有三个人") == f"我们{face.name}有三个人"


def test_a_project_of_two_letters_is_hidden_as_it_is_written(application, reviewer):
    ask(application, reviewer, blind=True)
    type(application.project).objects.update(name="Ôm")
    application.project.refresh_from_db()
    assert face_of(application, reviewer).masked("Ôm is at home, not an om.") == "[hidden] is at home, not an om."


def test_who_left_before_anything_was_sent_and_who_was_only_invited_are_hidden_too(application, reviewer, promoter):
    ask(application, reviewer, blind=True)
    gone = UserFactory(name="Quentin Dupuis", email="q@example.org")
    row = make.ProjectMemberFactory(project=application.project, person=gone, role="member")
    actions.leave_project(row, by=gone)
    make.ProjectInvitationFactory(project=application.project, email="roberta.flack@example.org", invited_by=promoter)
    told = face_of(application, reviewer).masked("Quentin, Mr Dupuis and Roberta Flack began it.")
    assert told == "[hidden], Mr [hidden] and [hidden] began it."


def attach(application, name):
    values = {"application": application, "name": name, "kind": "pdf", "size": 4, "sha256": "0" * 64, "added_by": UserFactory()}
    return ApplicationFile.objects.create(**values, file=ContentFile(b"%PDF", name="x.pdf"))


def test_an_attachment_has_one_number_on_every_page_and_in_its_own_name(application, reviewer, client_for):
    ask(application, reviewer, blind=True)
    _first, second, third = (attach(application, f"Nord {number}.pdf") for number in (1, 2, 3))
    version = make.ApplicationSnapshotFactory(
        application=application, number=2, content={"project": {}, "answers": {}, "files": [as_attached(third), as_attached(second)]}
    )
    for row in (second, third):
        row.snapshots.add(version)
    shown = face_of(application, reviewer).answers(answers_in(version.content))["files"]
    assert [file["name"] for file in shown] == ["Attachment 3.pdf", "Attachment 2.pdf"]
    answer = client_for(reviewer).get(reverse("cohorts_application_file", args=[third.pk]))
    assert 'filename="Attachment 3.pdf"' in answer["Content-Disposition"]


# --- the readers among themselves


def submitted_review(application, person, round):
    at = timezone.now()
    row = make.ReviewAssignmentFactory(application=application, reviewer=person, round=round, state="submitted", submitted_at=at)
    sent = {"state": "submitted", "submitted_at": at, "submitted_by": person}
    return make.AssessmentFactory(application=application, assignment=row, kind="reviewer", assessor=person, **sent)


@pytest.mark.parametrize("blind", [True, False])
def test_readers_of_a_blind_round_have_numbers_for_each_other(blind, application, reviewer, client_for):
    type(application).objects.filter(pk=application.pk).update(state="under_review")
    round = make.round_of(application.cohort, is_blind=blind)
    others = [UserFactory(name=name) for name in ("Agathe Leroux", "Bruno Petit")]
    for person in others:
        person.groups.add(Group.objects.get(name="Reviewers"))
    theirs = [submitted_review(application, person, round) for person in others]
    own = submitted_review(application, reviewer, round)
    client = client_for(reviewer)
    page = client.get(reverse("cohorts_review", args=[own.assignment_id])).text
    sheets = [client.get(reverse("cohorts_assessment", args=[one.pk])).text for one in theirs]
    named = [person.name in html for person, html in zip(others, sheets, strict=True)]
    numbered = [f"Reader {number}" in html for number, html in enumerate(sheets, start=1)]
    assert [person.name in page for person in others] == named == [not blind] * 2
    assert [f"Reader {number}" in page for number in (1, 2)] == numbered == [blind] * 2


def test_ordinary_words_stay(application, reviewer):
    """A first name that is also a word is hidden with its capital only; parts of words never."""
    ask(application, reviewer, blind=True)
    assert face_of(application, reviewer).masked("They will go north of the Nordic lands.") == "They will go north of the Nordic lands."


def test_coordinators_and_members_always_see_names(application, reviewer, coordinator, promoter, other_promoter, admin_user):
    make.round_of(application.cohort, is_blind=True)
    seen = {person.email: face_of(application, person).name for person in (coordinator, promoter, admin_user)}
    assert set(seen.values()) == {NAME}
    assert is_blind_to(application, reviewer)  # not even asked yet
    assert is_blind_to(application, other_promoter)


@pytest.mark.parametrize(
    ("state", "blind"), [("proposed", False), ("submitted", False), ("declined", True), ("recused", True), ("released", True)]
)
def test_names_come_with_a_later_round_that_is_not_blind(state, blind, application, reviewer):
    ask(application, reviewer, blind=True)
    assignment = ask(application, reviewer, blind=False, number=2, state="proposed")
    type(assignment).objects.filter(pk=assignment.pk).update(state=state, submitted_at=timezone.now())
    assert is_blind_to(application, reviewer) is blind


def test_pseudonym_is_stable_the_same_for_all_and_not_in_the_key(application, reviewer):
    assert pseudonym(application) == pseudonym(application.pk) == pseudonym(application)
    code = pseudonym(application).split()[-1]
    assert len(code) == 5
    assert code.lower() not in str(application.pk)
    with translation.override("fr"):
        assert pseudonym(application).split()[-1] == code
    others = {pseudonym(make.ApplicationFactory.build(cohort=application.cohort, project=application.project)) for _n in range(200)}
    assert len(others | {pseudonym(application)}) == 201


@pytest.mark.parametrize("number", [1, 3])
def test_many_faces_cost_as_much_as_one(number, application, reviewer, django_assert_num_queries):
    make.round_of(application.cohort, is_blind=True)
    more = [make.SubmittedApplicationFactory(cohort=application.cohort) for _n in range(number - 1)]
    rows = list(type(application).objects.select_related("project", "cohort").filter(pk__in=[one.pk for one in (application, *more)]))
    # roles, rounds, own assignments, own projects, members, who left, invitations, versions, who submitted, attachments
    with django_assert_num_queries(10):
        faces = faces_of(rows, reviewer)
    assert {face.is_blind for face in faces.values()} == {True}
    assert len({face.name for face in faces.values()}) == number


@pytest.mark.parametrize("name", ["Coopérative Tournesol", "Coopérative du Tournesol", "TOURNESOL (coopérative)"])
def test_the_word_that_makes_a_name_is_hidden_alone_and_common_words_stay(name, application, reviewer):
    ask(application, reviewer, blind=True)
    type(application.project).objects.update(name=name)
    application.project.refresh_from_db()
    face = face_of(application, reviewer)
    told = face.masked("Tournesol est née en 2020. Le beau TOURNÉSOL vit en Belgique, une coopérative parmi les tournesolines.")
    code = face.name
    assert told == f"{code} est née en 2020. Le beau {code} vit en Belgique, une coopérative parmi les tournesolines."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Call 0470 12 34 56, 0032470123456 or tel. 612 34 56 78.", "Call [hidden], [hidden] or [hidden]."),
        ("Or paula [at] demo, paula (at) demo dot example. Then", "Or [hidden], [hidden]. Then"),
        ("Facebook: Sun Flower, Instagram @sun-flower, @sf", "[hidden], Instagram [hidden], [hidden]"),
        ("insta : sun.flower", "[hidden]"),
        ("WeChat: xiao_88, t.me/paula, linktr.ee/paula and example.org.", "[hidden], [hidden], [hidden] and [hidden]."),
        ("paula＠example.org, paula (a) example.org, 0475‑12‑34‑56, ٠٤٧٥ ١٢ ٣٤ ٥٦.", "[hidden], [hidden], [hidden], [hidden]."),
        (kept := "A (a) first, 2.5/10 or 12.000/an, v1.2/3 and and/or; the end.Then plan.pdf, 3.5/day.", kept),
        (stays := "On 01/02/2020 12:30 we had 1 200 000 EUR, 0.123456789, budget (at least) 3. Facebook : nous avons 300 amis.", stays),
    ],
)
def test_numbers_of_the_country_and_addresses_in_disguise_are_hidden_and_figures_stay(text, told, application, reviewer):
    ask(application, reviewer, blind=True)
    assert face_of(application, reviewer).masked(text) == told
