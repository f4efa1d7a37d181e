"""The letters of a call: own words or the built-in ones, names in braces, nothing lost, and one letter for its preview and its sending."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils import translation

from academy.models import Message
from cohorts import actions
from cohorts.letter_words import ACTION_REQUIRED
from cohorts.letters import Letter, decision_letter, letter_of, own_words, send_letter
from cohorts.models import CallLetter
from cohorts.placeholders import BY_OCCASION
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

Occasion = CallLetter.Occasion
ANSWER_BY = datetime(2027, 3, 28, 21, 30, tzinfo=UTC)  # 23:30 in Brussels: the clocks changed that morning


def own(cohort, occasion, body, subject="Words of our own"):
    both = {"fr": body, "en": body}
    return CallLetter.objects.create(cohort=cohort, occasion=occasion, subject={"fr": subject, "en": subject}, body=both)


@pytest.mark.parametrize("occasion", Occasion.values)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_built_in_words_are_whole_whatever_is_said(submitted, occasion, language):
    with translation.override(language):
        bare = letter_of(submitted, occasion)
        full = letter_of(submitted, occasion, reasons="Why.", conditions="If.", due=ANSWER_BY, answer_by=ANSWER_BY)
        assert bare.subject == full.subject
        assert len(bare.lines) >= 1
        assert "{" not in "".join([*bare.lines, *full.lines])
        assert "Why." in full.lines


@pytest.mark.parametrize("occasion", Occasion.values)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_built_in_words_name_the_project_and_the_call(submitted, occasion, language):
    with translation.override(language):
        said = "\n".join(letter_of(submitted, occasion).lines)
        assert submitted.project.name in said
        assert str(submitted.cohort) in said


def test_subject_says_action_required_where_the_project_must_act(submitted, english):
    begins = {occasion for occasion in Occasion.values if letter_of(submitted, occasion).subject.startswith("Action required: ")}
    assert begins == {"returned", "admitted"}
    for occasion in Occasion.values:
        own(submitted.cohort, occasion, "Hello.", subject="About {project}")
    subjects = {occasion: letter_of(submitted, occasion).subject for occasion in Occasion.values}
    assert subjects["admitted"] == "Action required: About Coopérative du Nord"
    assert subjects["declined"] == "About Coopérative du Nord"


@pytest.mark.parametrize("occasion", ["returned", "admitted"])
def test_a_french_subject_says_once_that_something_is_to_be_done_and_keeps_its_space(submitted, occasion):
    with translation.override("fr"):
        subject = letter_of(submitted, occasion).subject
        begins = str(ACTION_REQUIRED).format(subject="").strip()
    assert "\u00a0:" in begins
    assert (subject.count(begins), subject.startswith(begins)) == (1, True)


def test_own_words_are_filled_and_an_empty_line_is_left_out(submitted, english):
    own(
        submitted.cohort,
        "admitted",
        "{project} is in {cohort}.\n\nOn condition: {conditions}\nAnswer before {answer_by}.\n\nSigned: {coordinator}",
    )
    assert letter_of(submitted, "admitted").lines == ["Coopérative du Nord is in Spring cohort.", f"Signed: {submitted.cohort.coordinator}"]
    full = letter_of(submitted, "admitted", conditions="A second founder.\n\nAnd a {project}.", answer_by=ANSWER_BY)
    assert full.lines[1] == "On condition: A second founder.\n\nAnd a {project}.\nAnswer before March 28, 2027, 11:30 pm (Brussels)."


def stand_in():
    other = UserFactory(name="Olga Other")
    other.groups.add(Group.objects.get(name="Coordinators"))
    return other


@pytest.mark.parametrize("leaves", ["closed", "coordinates no more"])
def test_a_letter_names_who_answers_now(submitted, coordinator, leaves, english):
    """Not a coordinator who has left: as the pages that say whom to ask."""
    other = stand_in()
    own(submitted.cohort, "received", "Signed: {coordinator}")
    assert letter_of(submitted, "received").lines == [f"Signed: {coordinator}"]
    if leaves == "closed":
        type(coordinator).objects.filter(pk=coordinator.pk).update(is_active=False)
    else:
        coordinator.groups.clear()
    again = type(submitted).objects.get(pk=submitted.pk)
    assert letter_of(again, "received").lines == ["Signed: Olga Other"]
    other.groups.clear()
    assert letter_of(type(submitted).objects.get(pk=submitted.pk), "received").lines == [f"Signed: {again.cohort.coordinator}"]


@pytest.mark.parametrize("count", [1, 3])
def test_many_letters_of_a_cohort_ask_once_who_answers(submitted, coordinator, count, django_assert_num_queries):
    stand_in()
    coordinator.groups.clear()
    own(submitted.cohort, "received", "Signed: {coordinator}")
    again = type(submitted).objects.select_related("cohort__coordinator", "project").get(pk=submitted.pk)
    words = own_words(again.cohort)
    with django_assert_num_queries(3):  # what is closed to them, are they still one, who else is
        assert {letter_of(again, "received", words=words).lines[0] for _n in range(count)} == {"Signed: Olga Other"}


def declare(project, person):
    """In an application of another year: it closes the project to them, whatever it applies to."""
    old = make.SubmittedApplicationFactory(project=project)
    make.ConflictDeclarationFactory(application=old, person=person, kind="declared", reason="A cousin.")


def test_no_letter_is_signed_by_who_has_an_interest_in_the_project(submitted, coordinator, english):
    stand_in()
    own(submitted.cohort, "received", "Signed: {coordinator}")
    other = make.SubmittedApplicationFactory(cohort=submitted.cohort)
    declare(submitted.project, coordinator)
    said = [letter_of(type(row).objects.get(pk=row.pk), "received").lines for row in (submitted, other)]
    assert said == [["Signed: Olga Other"], [f"Signed: {coordinator}"]]


@pytest.mark.parametrize("count", [1, 3])
def test_many_letters_ask_once_what_is_closed_to_who_signs(submitted, coordinator, count, django_assert_num_queries):
    own(submitted.cohort, "received", "Signed: {coordinator}")
    stand_in()
    declare(submitted.project, coordinator)
    words, person = own_words(submitted.cohort), type(submitted).objects.get(pk=submitted.pk).cohort.coordinator
    rows = [submitted, *(make.SubmittedApplicationFactory(cohort=submitted.cohort) for _n in range(count))]
    for row in rows:
        row.cohort.coordinator = person
    with django_assert_num_queries(4):  # what is closed to them, are they still one (two), who is free for that project
        assert [letter_of(row, "received", words=words).lines[0] for row in rows] == ["Signed: Olga Other", *[f"Signed: {person}"] * count]


def test_what_a_project_must_know_is_never_lost(submitted, english):
    own(submitted.cohort, "admitted", "Welcome.\nBy {answer_by} tell us about {conditions}.")
    assert letter_of(submitted, "admitted", reasons="Strong need.", conditions="A second founder.").lines == [
        "Welcome.",
        "Strong need.",
        "There are conditions: A second founder.",
    ]


def test_each_reader_has_the_letter_in_their_language(submitted, promoter, other_promoter):
    make.ProjectMemberFactory(project=submitted.project, person=other_promoter, role="member")
    for person, language in ((promoter, "fr"), (other_promoter, "en")):
        person.language = language
        person.save()
    CallLetter.objects.create(
        cohort=submitted.cohort,
        occasion="declined",
        subject={"fr": "Notre réponse", "en": "Our answer"},
        body={"fr": "Bonjour.\n\nDeux lignes.\n\n{reasons}", "en": "Hello.\n\n{reasons}"},
    )
    assert len(send_letter(letter_of(submitted, "declined", reasons="Too early."), cause="one", by=None)) == 2
    french, english = (Message.objects.get(to=person) for person in (promoter, other_promoter))
    assert (french.subject, english.subject) == ("Notre réponse", "Our answer")
    assert "Deux lignes." in french.body_text
    assert "Too early." in english.body_text
    assert send_letter(letter_of(submitted, "declined"), cause="one", by=None) == []


def test_the_verbs_send_the_words_of_the_call(submitted, coordinator, promoter):
    own(submitted.cohort, "returned", "A question about {project}: {reasons}")
    actions.return_application(submitted, by=coordinator, reason="How many?")
    assert "A question about Coopérative du Nord: How many?" in Message.objects.get(to=promoter).body_text
    assert Message.objects.get(to=promoter).subject == "Action required: Words of our own"


def test_a_decision_says_its_conditions_and_its_date(submitted, english):
    decision = make.DeterminationFactory(application=submitted, reasons="Strong need.", conditions="A second founder.", answer_by=ANSWER_BY)
    letter = decision_letter(decision)
    assert letter.subject == "Action required: your project is admitted"
    assert letter.lines[1:] == [
        "Strong need.",
        "There are conditions: A second founder.",
        "Answer by March 28, 2027, 11:30 pm (Brussels): after that the place may be given to another project.",
        "This letter is about Coopérative du Nord, which applied to: Spring cohort.",
    ]


def test_sending_never_fails_on_words_that_are_wrong(submitted, english):
    letter = own(submitted.cohort, "received", "{nothing} {0} {project.lead.password} { {project!r:>9} } %(project)s", subject="{\n}")
    assert letter_of(submitted, "received").lines == [str(letter.body)]
    assert letter_of(submitted, "received").subject == "{ }"
    assert Letter("received", submitted.project, submitted.cohort, CallLetter()).subject == "We have received your application"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            "Dear {projct}, well done.",
            "{projct} is not known here. This letter knows {project}, {cohort}, {starts}, {coordinator}, {reasons}.",
        ),
        ("Dear {project, well done.", "A brace { or } stands alone."),
        ("{project.lead} is here", "A brace { or } stands alone."),
        ("{conditions}", "is not known here"),
        ("{reasons}", "Write at least one line without a name that may be empty"),
    ],
)
def test_wrong_names_are_refused_in_words(cohort, english, body, says):
    letter = CallLetter(cohort=cohort, occasion="declined", subject={"fr": "S", "en": "S"}, body={"fr": "Bonjour.", "en": body})
    with pytest.raises(ValidationError) as refused:
        letter.clean()
    assert says in refused.value.message_dict["body"][0]


def test_every_occasion_has_its_names():
    assert BY_OCCASION.keys() == set(Occasion.values)
