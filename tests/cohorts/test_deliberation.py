"""Deliberating: the discussion, decisions prepared with signatures and places, every letter before it leaves, one release, and what follows."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from academy.messages import deliver
from academy.models import Message, User
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.deliberation import board_of, release_of
from cohorts.models import Application, Cohort, DeliberationNote, Determination, Participation
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.django_db
LATER = timezone.now() + timedelta(days=14)


def in_english(client_for):
    def make_one(user):
        client = client_for(user)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return make_one


@pytest.fixture
def client_for(client_for):
    return in_english(client_for)


@pytest.fixture
def second(db):
    person = UserFactory(email="second@example.org", name="Sven Second")
    person.groups.add(Group.objects.get(name="Coordinators"))
    return person


def three_of(cohort):
    """Three projects in deliberation, each with a lead; two places."""
    Cohort.objects.filter(pk=cohort.pk).update(capacity=2, state="reviewing")
    cohort.refresh_from_db()
    rows = []
    for name, language in (("Atelier", "en"), ("Bureau", "fr"), ("Caisse", "en")):
        project = make.ProjectFactory(name=name)
        make.ProjectMemberFactory(project=project, person=UserFactory(name=f"{name} Lead", language=language))
        rows.append(make.SubmittedApplicationFactory(project=project, cohort=cohort, state="deliberation"))
    return rows


@pytest.fixture
def three(cohort):
    return three_of(cohort)


def prepared(application, outcome, by, **more):
    return actions.decide_admission(application, by=by, outcome=outcome, **{"reasons": f"Because of {application.project}.", **more})


def reread(row):
    return type(row)._base_manager.get(pk=row.pk)


def letters_to(application):
    lead = application.project.memberships.get().person
    return list(Message.objects.filter(to=lead, cause__startswith="decision:").order_by("created_at").values_list("subject", flat=True))


# --- the discussion


def test_words_are_written_and_taken_back_by_their_author(three, coordinator, second):
    note = actions.write_note(three[0], by=coordinator, words=" A thin network. ")
    assert [row.words for row in DeliberationNote.objects.for_user(second)] == ["A thin network."]
    with pytest.raises(RuleViolation):
        actions.take_back_note(note, by=second)
    actions.take_back_note(note, by=coordinator)
    assert DeliberationNote.objects.for_user(second).count() == 0
    assert reread(note).words == "A thin network."
    with pytest.raises(RuleViolation):
        actions.take_back_note(note, by=coordinator)


def takes_part(person, application):
    return DeliberationNote.objects.open_to(person).filter(pk=application.pk).exists()


def test_who_takes_part_in_a_discussion(three, coordinator, second, reviewer, trainer, promoter):
    application = three[0]
    assert takes_part(coordinator, application)
    assert not any(takes_part(person, application) for person in (reviewer, trainer, promoter))
    make.ConflictDeclarationFactory(application=application, person=second)
    assert not takes_part(second, application)
    make.ProjectMemberFactory(project=three[1].project, person=second, role="member")
    assert not takes_part(second, three[1])
    with pytest.raises(RuleViolation):
        actions.write_note(application, by=second, words="Take it.")
    with pytest.raises(RuleViolation):
        actions.write_note(application, by=promoter, words="Take it.")


@pytest.mark.parametrize(
    ("state", "rules", "expected"),
    [
        ("accepted", {}, False),
        ("in_progress", {}, False),
        ("submitted", {}, True),
        ("submitted", {"is_blind": True}, False),
        ("submitted", {"others": "never"}, False),
        ("recused", {}, False),
        ("released", {}, False),
    ],
    ids=["accepted", "begun", "submitted", "blind", "never", "recused", "released"],
)
def test_a_reader_takes_part_once_their_own_is_in(state, rules, expected, three, reviewer):
    make.round_of(three[0].cohort, **rules)
    make.ReviewAssignmentFactory(application=three[0], reviewer=reviewer, state=state, submitted_at=timezone.now())
    assert takes_part(reviewer, three[0]) is expected


def test_a_coordinator_who_owes_an_assessment_waits(three, coordinator):
    make.ReviewAssignmentFactory(application=three[0], reviewer=coordinator, state="accepted")
    assert not takes_part(coordinator, three[0])


def test_a_reader_discusses_on_the_site(three, reviewer, coordinator, client_for):
    assignment = make.ReviewAssignmentFactory(application=three[0], reviewer=reviewer, state="submitted", submitted_at=timezone.now())
    actions.write_note(three[0], by=coordinator, words="A thin network.")
    client, address = client_for(reviewer), reverse("cohorts_discussion", args=[assignment.pk])
    assert address in client.get(reverse("cohorts_reviews")).content.decode()
    assert "A thin network." in client.get(address).content.decode()
    assert client.post(address, {"words": " "}).status_code == 200
    client.post(address, {"words": "I have seen it myself."})
    mine = DeliberationNote.objects.get(author=reviewer)
    theirs = DeliberationNote.objects.get(author=coordinator)
    assert client.post(reverse("cohorts_discussion_take_back", args=[assignment.pk, theirs.pk])).status_code == 404
    client.post(reverse("cohorts_discussion_take_back", args=[assignment.pk, mine.pk]))
    assert reread(mine).taken_back_at is not None
    make.ConflictDeclarationFactory(application=three[0], person=reviewer)
    assert client.get(address).status_code == 404


def test_a_coordinator_discusses_beside_the_reading(three, coordinator, second, client_for):
    client, address = client_for(coordinator), reverse("cohorts_cms_reading", args=[three[0].pk])
    client.post(reverse("cohorts_cms_reading_verb", args=[three[0].pk, "discuss"]), {"discuss-words": "A thin network."})
    note = DeliberationNote.objects.get()
    assert "A thin network." in client.get(address).content.decode()
    take_back = reverse("cohorts_cms_reading_verb", args=[three[0].pk, "take-back"])
    client_for(second).post(take_back, {"take-back-note": note.pk})
    assert reread(note).taken_back_at is None
    client.post(take_back, {"take-back-note": note.pk})
    assert "A thin network." not in client.get(address).content.decode()


# --- preparing


def test_a_decision_keeps_its_conditions_and_its_date(three, coordinator):
    decision = prepared(three[0], "admitted", coordinator, conditions=" Find a treasurer. ", answer_by=LATER)
    assert (decision.conditions, decision.answer_by) == ("Find a treasurer.", LATER)
    assert prepared(three[1], "reserve", coordinator, answer_by=LATER).answer_by is None
    with pytest.raises(RuleViolation):
        prepared(three[2], "admitted", coordinator, answer_by=timezone.now())


def test_two_who_prepare_from_the_same_page_do_not_overwrite_each_other(three, coordinator, second):
    first = prepared(three[0], "admitted", coordinator, seen=None)
    with pytest.raises(RuleViolation) as refusal:
        prepared(three[0], "declined", second, seen=None)
    assert refusal.value.code == "changed"
    assert Determination.objects.pending().get() == first
    assert prepared(three[0], "declined", second, seen=first.pk).supersedes == first


def test_the_form_begins_with_what_is_prepared_and_refuses_a_stale_page(three, coordinator, client_for):
    client, address = client_for(coordinator), reverse("cohorts_cms_reading", args=[three[0].pk])
    verb = reverse("cohorts_cms_reading_verb", args=[three[0].pk, "decide"])
    sent = {
        "decide-outcome": "admitted",
        "decide-reasons": "Good.",
        "decide-conditions": "Soon.",
        "decide-answer_by": "",
        "decide-seen": "",
    }
    assert client.post(verb, sent).status_code == 302
    decision = Determination.objects.get()
    html = client.get(address).content.decode()
    assert f'value="{decision.pk}"' in html
    assert ">Soon." in html.replace("\n", "")
    refused = client.post(verb, {**sent, "decide-outcome": "declined"})
    assert refused.status_code == 200
    assert "Somebody has decided" in refused.content.decode()
    assert Determination.objects.get() == decision


def test_an_admission_takes_as_many_signatures_as_its_cohort_says(three, coordinator, second):
    Cohort.objects.filter(pk=three[0].cohort_id).update(signatures_needed=2)
    decision = prepared(reread(three[0]), "admitted", coordinator)
    actions.sign(decision, by=coordinator)
    with pytest.raises(RuleViolation) as refusal:
        actions.release(reread(decision), by=coordinator)
    assert refusal.value.code == "signatures"
    with pytest.raises(RuleViolation):
        actions.sign(decision, by=coordinator)
    actions.sign(decision, by=second)
    make.ConflictDeclarationFactory(application=three[0], person=second)
    with pytest.raises(RuleViolation):
        actions.release(reread(decision), by=coordinator)
    actions.sign(decision, by=UserFactory())
    assert actions.release(reread(decision), by=coordinator).released_at


def test_the_board_counts_places_as_one_prepares(three, coordinator):
    a, b, c = three
    prepared(a, "admitted", coordinator)
    prepared(b, "reserve", coordinator)
    board = board_of(a.cohort, reader=coordinator)
    assert (board.places.taken, board.places.coming, board.places.left, board.places.over) == (0, 1, 1, 0)
    assert dict(board.counts) == {"admitted": 1, "reserve": 1, "undecided": 1, "unsigned": 0}
    assert [row.rank for row in board.standings] == [None, 1, None]
    prepared(b, "admitted", coordinator)
    prepared(c, "admitted", coordinator)
    assert board_of(a.cohort, reader=coordinator).places.over == 1


def test_the_board_gives_back_the_place_of_a_decision_that_is_turned_round(three, coordinator):
    a, b, _c = three
    for row in (a, b):
        actions.release(prepared(row, "admitted", coordinator), by=coordinator)
    prepared(reread(a), "declined", coordinator)
    places = board_of(a.cohort, reader=coordinator).places
    assert (places.taken, places.leaving, places.left) == (2, 1, 1)


def test_who_has_an_interest_sees_no_line_no_letter_and_no_number_of_it(three, coordinator, second, client_for):
    prepared(three[0], "admitted", coordinator)
    prepared(three[1], "declined", coordinator)
    make.ConflictDeclarationFactory(application=three[0], person=second)
    board = board_of(three[0].cohort, reader=second)
    assert [row.line.project for row in board.standings] == ["Bureau", "Caisse"]
    assert board.places.coming == 0
    for name in ("cohorts_cms_deliberation", "cohorts_cms_letters"):
        html = client_for(second).get(reverse(name, args=[three[0].cohort_id])).content.decode()
        assert "Atelier" not in html
        assert "Bureau" in html


def test_the_board_is_of_what_was_read(three, coordinator):
    Application.objects.filter(pk=three[0].pk).update(state="ineligible")
    prepared(reread(three[0]), "admitted", coordinator)
    assert [row.line.project for row in board_of(three[0].cohort, reader=coordinator).standings] == ["Bureau", "Caisse"]


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("", ["Atelier", "Bureau", "Caisse"]),
        ("undecided", ["Caisse"]),
        ("prepared", ["Atelier", "Bureau"]),
        ("reserve", ["Bureau"]),
        ("told", []),
        ("late", []),
        ("nonsense", ["Atelier", "Bureau", "Caisse"]),
    ],
)
def test_the_board_shows_some_of_them(show, expected, three, coordinator, client_for):
    prepared(three[0], "admitted", coordinator)
    prepared(three[1], "reserve", coordinator)
    answer = client_for(coordinator).get(reverse("cohorts_cms_deliberation", args=[three[0].cohort_id]), {"show": show})
    assert [row.line.project for row, _mean in answer.context["rows"]] == expected


# --- the letters, then the release


def test_the_preview_is_the_letter_word_for_word(three, coordinator):
    a, b, _c = three
    make.ProjectMemberFactory(project=a.project, person=UserFactory(name="Fanny", language="fr"), role="member")
    make.ProjectMemberFactory(project=a.project, person=UserFactory(name="Viewer", language="fr"), role="viewer")
    rows = [prepared(a, "admitted", coordinator, conditions="Find a treasurer.", answer_by=LATER), prepared(b, "declined", coordinator)]
    found = release_of(a.cohort, reader=coordinator)
    assert [(row.project.name, [copy.language for copy in row.copies]) for row in found.prepared] == [
        ("Atelier", ["en", "fr"]),
        ("Bureau", ["fr"]),
    ]
    actions.release_together(a.cohort, by=coordinator, determinations=[row.pk for row in rows])
    for row in found.prepared:
        for copy in row.copies:
            for person in copy.people:
                letter = Message.objects.get(to=person)
                assert letter.subject == copy.subject
                for words in copy.paragraphs:
                    assert words in letter.body_text
    assert "Find a treasurer." in Message.objects.get(to__name="Fanny").body_text


def test_the_preview_warns_and_says_what_stops(three, coordinator):
    a, b, c = three
    Cohort.objects.filter(pk=a.cohort_id).update(signatures_needed=1)
    cohort = reread(a.cohort)
    actions.decide_admission(a, by=coordinator, outcome="admitted")
    prepared(b, "reserve", coordinator)
    prepared(c, "admitted", coordinator, answer_by=LATER)
    User.objects.filter(project_memberships__project=c.project).update(is_active=False)
    done = make.ReviewAssignmentFactory(application=b, state="submitted", submitted_at=timezone.now())
    read = make.AssessmentFactory(
        application=b, assignment=done, kind="reviewer", assessor=done.reviewer, state="submitted", submitted_at=timezone.now(),
        submitted_by=done.reviewer,
    )  # fmt: skip
    part = cohort.rubric.parts.first()
    make.ScoreFactory(assessment=read, criterion=part.criteria.get())
    read.comments.create(part=part, for_project="Count your members.")
    with translation.override("en"):
        found = {row.project.name: row for row in release_of(cohort, reader=coordinator).prepared}
    assert [len(row.stops) for row in found.values()] == [1, 1, 1]
    assert found["Atelier"].warnings == [
        "No reasons are written.",
        "No reader wrote a comment for the project.",
        "0 of 1 assessments.",
        "No date to answer by: the place is kept as long as nobody answers.",
    ]
    assert found["Bureau"].warnings == []
    assert found["Caisse"].warnings[0] == "Nobody of this project can be written to."


def released(client, cohort, *decisions, **more):
    address = reverse("cohorts_cms_letters", args=[cohort.pk])
    stamp = client.get(address).context["release"].stamp
    data = {"stamp": stamp, "read": "1", "decision": [row.pk for row in decisions], **more}
    return client.post(address, data)


def test_one_release_tells_all_of_them(three, coordinator, client_for):
    a, b, c = three
    rows = [prepared(a, "admitted", coordinator), prepared(b, "reserve", coordinator), prepared(c, "declined", coordinator)]
    client = client_for(coordinator)
    assert released(client, a.cohort, *rows).status_code == 302
    assert [reread(row).state for row in three] == ["admitted", "reserve", "declined"]
    assert [len(letters_to(row)) for row in three] == [1, 1, 1]
    assert Participation.objects.get().project == a.project


def test_a_second_click_sends_nothing(three, coordinator, client_for):
    row = prepared(three[0], "admitted", coordinator)
    client, address = client_for(coordinator), reverse("cohorts_cms_letters", args=[three[0].cohort_id])
    data = {"stamp": client.get(address).context["release"].stamp, "read": "1", "decision": [row.pk]}
    assert [client.post(address, data).status_code for _click in range(2)] == [302, 302]
    assert len(letters_to(three[0])) == 1
    assert Participation.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"read": ""}, "Say that you have read"),
        ({"stamp": "old"}, "was changed since you looked"),
        ({"decision": []}, "Tick at least one"),
        ({"decision": ["not-a-key"]}, "Tick at least one"),
    ],
    ids=["not read", "stale", "none", "nonsense"],
)
def test_a_release_is_refused_in_words_and_keeps_what_was_ticked(change, words, three, coordinator, client_for):
    row = prepared(three[0], "admitted", coordinator)
    client = client_for(coordinator)
    answer = released(client, three[0].cohort, row, **change)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert reread(row).released_at is None
    assert Message.objects.count() == 0


def test_over_capacity_is_refused_in_words_before_anything_is_told(three, coordinator, client_for):
    rows = [prepared(row, "admitted", coordinator) for row in three]
    answer = released(client_for(coordinator), three[0].cohort, *rows)
    assert answer.status_code == 422
    assert "Projects prepared as admitted: 3; places free: 2; too many: 1." in answer.content.decode()
    assert [reread(row).state for row in three] == ["deliberation"] * 3
    assert Message.objects.count() == 0


def test_all_or_none_and_each_reason_by_project(three, coordinator, client_for):
    a, b, _c = three
    rows = [prepared(a, "admitted", coordinator), prepared(b, "declined", coordinator)]
    Application.objects.filter(pk=b.pk).update(state="withdrawn")
    with pytest.raises(RuleViolation) as refusal:
        actions.release_together(a.cohort, by=coordinator, determinations=[row.pk for row in rows])
    assert "Bureau: " in str(refusal.value)
    assert "Atelier: " not in str(refusal.value)
    assert (reread(a).state, reread(rows[0]).released_at, Message.objects.count()) == ("deliberation", None, 0)


def test_places_that_a_release_frees_are_free_for_its_admissions(three, coordinator):
    a, b, c = three
    for row in (a, b):
        actions.release(prepared(row, "admitted", coordinator), by=coordinator)
    rows = [prepared(reread(a), "declined", coordinator), prepared(c, "admitted", coordinator)]
    actions.release_together(a.cohort, by=coordinator, determinations=[row.pk for row in reversed(rows)])
    assert {row.project.name for row in Participation.objects.holding_a_place()} == {"Bureau", "Caisse"}


def test_a_decision_with_an_interest_or_of_another_cohort_is_not_released(three, coordinator, second):
    row = prepared(three[0], "admitted", coordinator)
    make.ConflictDeclarationFactory(application=three[0], person=second)
    for cohort, person in ((three[0].cohort, second), (make.CohortFactory(), coordinator)):
        with pytest.raises(RuleViolation) as refusal:
            actions.release_together(cohort, by=person, determinations=[row.pk])
        assert refusal.value.code == "changed"


# --- one letter of each truth


def test_decided_and_changed_before_the_release_sends_one_letter(three, coordinator):
    for outcome in ("admitted", "declined", "admitted"):
        row = prepared(three[0], outcome, coordinator)
    actions.release(row, by=coordinator)
    assert letters_to(three[0]) == ["Action required: your project is admitted"]


def test_accept_decline_accept_sends_one_letter_of_each_truth(three, coordinator, django_capture_on_commit_callbacks):
    for outcome in ("admitted", "declined", "admitted"):
        with django_capture_on_commit_callbacks(execute=True):
            actions.release(prepared(reread(three[0]), outcome, coordinator), by=coordinator)
    assert letters_to(three[0]) == [
        "Action required: your project is admitted",
        "Our decision on your application",
        "Action required: your project is admitted",
    ]
    assert Message.objects.filter(sent_at__isnull=False, cancelled_at__isnull=True).count() == 3
    assert Determination.objects.in_force().count() == 1


def test_what_was_not_sent_yet_never_leaves_once_it_is_replaced(three, coordinator, mailoutbox):
    actions.release(prepared(three[0], "admitted", coordinator), by=coordinator)
    unsent = Message.objects.get()
    actions.release(prepared(reread(three[0]), "declined", coordinator), by=coordinator)
    assert reread(unsent).cancelled_at is not None
    assert deliver(unsent) is False
    assert mailoutbox == []
    assert [row.subject for row in Message.objects.unsent()] == ["Our decision on your application"]


def test_nor_what_was_to_say_that_it_is_not_eligible(cohort, coordinator, mailoutbox):
    application = make.SubmittedApplicationFactory(cohort=cohort, project=make.ProjectMemberFactory().project)
    actions.declare_ineligible(application, by=coordinator, reason="Outside.")
    unsent = Message.objects.get()
    actions.release(prepared(reread(application), "admitted", coordinator), by=coordinator)
    assert reread(unsent).cancelled_at is not None
    assert Message.objects.unsent().get().subject == "Action required: your project is admitted"
    assert deliver(unsent) is False
    assert mailoutbox == []


def test_the_preview_lists_what_was_sent_before(three, coordinator, client_for, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        actions.release(prepared(three[0], "admitted", coordinator), by=coordinator)
    second = prepared(reread(three[0]), "declined", coordinator)
    client, address = client_for(coordinator), reverse("cohorts_cms_letters", args=[three[0].cohort_id])
    html = client.get(address).content.decode()
    assert "It was told something else already:" in html
    assert "Action required: your project is admitted" in html
    page = client.get(reverse("cohorts_cms_application", args=[three[0].pk])).content.decode()
    assert "application/release" not in page
    assert f"?only={second.pk}" in page
    assert len(client.get(address, {"only": str(second.pk)}).context["release"].prepared) == 1


# --- who, and at what cost


@pytest.mark.parametrize("name", ["cohorts_cms_deliberation", "cohorts_cms_letters"])
def test_deliberation_is_closed_to_others(name, three, client_for, promoter, reviewer, trainer, visitor_client):
    address = reverse(name, args=[three[0].cohort_id])
    assert [client_for(who).get(address).status_code for who in (promoter, reviewer, trainer)] == [302, 302, 404]
    assert visitor_client.get(address).status_code == 302


@pytest.mark.parametrize("read", [board_of, release_of])
def test_board_and_letters_cost_the_same_for_one_and_three(read, three, coordinator):
    prepared(three[0], "reserve", coordinator)
    read(three[0].cohort, reader=coordinator)
    with CaptureQueriesContext(connection) as one:
        read(three[0].cohort, reader=coordinator)
    for row in three[1:]:
        prepared(row, "reserve", coordinator)
    with CaptureQueriesContext(connection) as all_three:
        read(three[0].cohort, reader=coordinator)
    assert len(all_three) == len(one)
