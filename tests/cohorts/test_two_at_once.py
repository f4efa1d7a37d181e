"""Two people, or two windows, write one application: nothing is overwritten, nothing is lost."""

import pytest
from django.urls import reverse

from cohorts import actions
from cohorts.merging import BOTH, MINE, THEIRS, Choice, mark_of, merge
from cohorts.models import Application, ProjectMember
from tests.factories import cohorts as make

pytestmark = pytest.mark.usefixtures("strict_templates")
JSON = {"Accept": "application/json"}
OLD, MINE_TEXT, THEIRS_TEXT = "Old.", "Mine.", "Theirs."


def test_marks_tell_words_apart_and_not_line_ends():
    assert mark_of("a\r\nb ") == mark_of("a\nb")
    assert mark_of("a\nb") != mark_of("a b")


def merged(mine, kept, *, start=OLD, take=""):
    choices = {"one": Choice(take, mark_of(kept))} if take else {}
    found = merge({"one": mine}, {"one": kept}, since={"one": mark_of(start)}, choices=choices, texts={"one": 100})
    return found.written, found.others, found.both


@pytest.mark.parametrize(
    ("mine", "kept", "take", "expected"),
    [
        (OLD, OLD, "", ({}, {}, {})),
        (MINE_TEXT, OLD, "", ({"one": MINE_TEXT}, {}, {})),
        (OLD, THEIRS_TEXT, "", ({}, {"one": THEIRS_TEXT}, {})),
        (MINE_TEXT, MINE_TEXT, "", ({}, {}, {})),
        (MINE_TEXT, THEIRS_TEXT, "", ({}, {}, {"one": THEIRS_TEXT})),
        (MINE_TEXT, THEIRS_TEXT, MINE, ({"one": MINE_TEXT}, {}, {})),
        (MINE_TEXT, THEIRS_TEXT, THEIRS, ({}, {"one": THEIRS_TEXT}, {})),
        (MINE_TEXT, THEIRS_TEXT, BOTH, ({"one": "Theirs.\n\nMine."}, {"one": "Theirs.\n\nMine."}, {})),
    ],
    ids=["nothing", "only mine", "only theirs", "the same", "both", "mine chosen", "theirs chosen", "both kept"],
)
def test_merge(mine, kept, take, expected):
    assert merged(mine, kept, take=take) == expected


def test_choice_about_an_older_text_is_asked_again():
    found = merge(
        {"one": MINE_TEXT}, {"one": "Newer."}, since={"one": mark_of(OLD)}, choices={"one": Choice(MINE, mark_of(THEIRS_TEXT))}, texts={}
    )
    assert found.both == {"one": "Newer."}


@pytest.fixture
def address(draft):
    return reverse("cohorts_application", args=[draft.pk])


@pytest.fixture
def two(client_for, promoter, other_promoter, draft):
    make.ProjectMemberFactory(project=draft.project, person=other_promoter, role=ProjectMember.Role.MEMBER)
    return client_for(promoter), client_for(other_promoter)


def page_of(client, address) -> dict:
    """What the form of this page would send."""
    form = client.get(address).context["form"]
    sent = {"intent": "save"}
    for _section, rows in form.sections():
        for row in rows:
            if row.bound:
                value = row.bound.value()
                sent[f"from_{row.question.name}"] = row.mark
                sent |= {row.question.name: "on"} if value is True else {} if value is False else {row.question.name: value}
    return sent


def kept(draft) -> tuple[str, str]:
    dossier = Application.objects.get(pk=draft.pk).project.dossier
    return dossier.publics, dossier.team


def test_different_answers_of_two_pages_are_both_kept(two, draft, address):
    first, second = two
    here, there = page_of(first, address), page_of(second, address)
    assert first.post(address, {**here, "publics": "First."}).status_code == 302
    response = second.post(address, {**there, "team": "Second."}, follow=True)
    assert kept(draft) == ("First.", "Second.")
    assert "First." in response.content.decode()
    assert any("Who needs this" in str(message) or "besoin" in str(message) for message in response.context["messages"])


def test_the_same_answer_is_shown_twice_and_chosen(two, draft, address):
    first, second = two
    here, there = page_of(first, address), page_of(second, address)
    first.post(address, {**here, "publics": "First."})
    page = second.post(address, {**there, "publics": "Second.", "team": "Second."})
    assert page.status_code == 200
    assert kept(draft) == ("First.", "Second.")
    row = next(row for _section, rows in page.context["sections"] for row in rows if row.question.name == "publics")
    assert (row.bound.value(), row.theirs, row.mark) == ("Second.", "First.", there["from_publics"])
    again = {**there, "publics": "Second.", "team": "Second.", "from_publics": row.mark, "seen_publics": row.theirs_mark}
    second.post(address, {**again, "take_publics": "both"})
    assert kept(draft)[0] == "First.\n\nSecond."


def test_autosave_tells_a_script_what_to_do(two, address, django_assert_max_num_queries):
    first, second = two
    here, there = page_of(first, address), page_of(second, address)
    first.post(address, {**here, "publics": "First.", "team": "First."}, headers=JSON)
    with django_assert_max_num_queries(40):
        answer = second.post(address, {**there, "publics": "Second."}, headers=JSON).json()
    assert answer["others"] == {"team": "First."}
    assert answer["marks"]["team"] == mark_of("First.")
    assert "publics" not in answer["marks"]
    assert "First." in answer["both"]["publics"]
    assert (answer["missing"], answer["errors"]) == ([], {})


def test_a_wrong_value_stays_typed_and_waits(two, draft, address):
    first, _second = two
    here = page_of(first, address)
    answer = first.post(address, {**here, "website": "not an address", "team": "Us."}, headers=JSON).json()
    assert set(answer["errors"]) == {"website"}
    assert kept(draft)[1] == "Us."


def test_two_applications_of_one_project_share_the_dossier(draft, promoter, cohort, pathway, rubric):
    other = make.open_now(make.CohortFactory(pathway=pathway, rubric=rubric))
    second = actions.start_application(other, by=promoter, project=draft.project)
    start = {"publics": mark_of(draft.project.dossier.publics)}
    actions.merge_draft(draft, by=promoter, answers={"publics": "First."}, since=start)
    found = actions.merge_draft(second, by=promoter, answers={"publics": "Second."}, since=start)
    assert found.both == {"publics": "First."}


@pytest.mark.parametrize(
    ("texts", "written", "too_long"),
    [({"one": 14}, {"one": "Theirs.\n\nMine."}, {}), ({"one": 13}, {}, {"one": 13}), ({}, {}, {})],
    ids=["fits", "too long", "not a text"],
)
def test_two_texts_follow_one_another_as_far_as_a_page_could_save_them(texts, written, too_long):
    choices = {"one": Choice(BOTH, mark_of(THEIRS_TEXT))}
    found = merge({"one": MINE_TEXT}, {"one": THEIRS_TEXT}, since={"one": mark_of(OLD)}, choices=choices, texts=texts)
    assert (found.written, found.too_long) == (written, too_long)
    assert found.both == ({} if written else {"one": THEIRS_TEXT})


def test_two_countries_do_not_follow_one_another(two, draft, address):
    first, second = two
    here, there = page_of(first, address), page_of(second, address)
    first.post(address, {**here, "country": "FR"})
    chosen = {"take_country": "both", "seen_country": mark_of("FR")}
    assert second.post(address, {**there, "country": "PT", **chosen}).status_code == 200
    assert Application.objects.get(pk=draft.pk).project.country == "FR"


def test_two_long_texts_wait_and_say_why(two, draft, address):
    first, second = two
    here, there = page_of(first, address), page_of(second, address)
    long, longer = "a" * 5000, "b" * 5000
    first.post(address, {**here, "publics": long})
    sent = {**there, "publics": longer, "take_publics": "both", "seen_publics": mark_of(long)}
    assert "8000" in second.post(address, sent).content.decode()
    assert "8000" in second.post(address, sent, headers=JSON).json()["wait"]
    assert kept(draft)[0] == long
