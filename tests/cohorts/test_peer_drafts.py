"""A draft of peer feedback keeps itself, box by box: two windows, two people of a project, a work that is closed while one types."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from cohorts import actions
from cohorts.merging import mark_of
from cohorts.models import Participation, PeerFeedback
from tests.factories import cohorts as make
from tests.factories.peers import WHOLE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
EMPTY = mark_of("")


def page_of(opening):
    return reverse("cohorts_peer_work", args=[opening.pk])


def inputs(page) -> dict[str, str]:
    """What a browser would send of the form, without its buttons."""
    form = BeautifulSoup(page.content, "html.parser").select_one("form[data-academy-autosave]")
    found = {box["name"]: box.text.removeprefix("\n") for box in form.select("textarea")}
    boxes = [box for box in form.select("input") if box["type"] == "hidden" or box.has_attr("checked")]
    return found | {box["name"]: box["value"] for box in boxes if box["name"] != "csrfmiddlewaretoken"}


def autosave(client, opening, data):
    return client.post(page_of(opening), data, headers={"Accept": "application/json"})


def test_it_is_kept_as_it_is_typed(opening, peer, client_for, strict_templates):
    client = client_for(peer.person)
    typed = inputs(client.get(page_of(opening)))
    assert typed["from_level-1"] == EMPTY
    assert autosave(client, opening, typed).json()["saved"] == "Nothing is written yet."
    assert not PeerFeedback.objects.exists()
    answer = autosave(client, opening, {**typed, "level-1": "2", "comment": "Ask ten more."}).json()
    row = PeerFeedback.objects.get()
    assert (row.marks, row.comment, row.sent_at) == ({"1": {"level": "2", "comment": ""}}, "Ask ten more.", None)
    assert (answer["saved"].startswith("Saved on "), answer["marks"]["level-1"], answer["both"]) == (True, mark_of("2"), {})
    again = inputs(client.get(page_of(opening)))
    assert (again["level-1"], again["from_level-1"], again["comment"]) == ("2", mark_of("2"), "Ask ten more.")


def test_two_windows_lose_nothing_and_ask_which_is_kept(opening, peer, client_for, strict_templates):
    other = make.ProjectMemberFactory(project=peer.project, role="member").person
    one, two = client_for(peer.person), client_for(other)
    blank = inputs(one.get(page_of(opening)))
    autosave(one, opening, {**blank, "level-1": "2", "comment": "Mine."})
    answer = autosave(two, opening, {**blank, "note-1": "Theirs.", "comment": "Ours.", "level-1": "1"}).json()
    row = PeerFeedback.objects.get()
    assert (row.marks, row.comment) == ({"1": {"level": "2", "comment": "Theirs."}}, "Mine.")
    assert ({*answer["both"]}, "Solid" in answer["both"]["level-1"], "take_comment" in answer["both"]["comment"]) == (
        {"level-1", "comment"},
        True,
        True,
    )
    without = two.post(page_of(opening), {**blank, "comment": "Ours.", "send": "1"})
    assert (without.status_code, "Mine." in without.content.decode(), inputs(without)["comment"]) == (409, True, "Ours.")
    chosen = {"take_comment": "both", "seen_comment": mark_of("Mine."), "level-1": "2"}
    assert two.post(page_of(opening), {**blank, "comment": "Ours.", **chosen, "save": "1"}).status_code == 302
    assert PeerFeedback.objects.get().comment == "Mine.\n\nOurs."


def test_what_another_window_wrote_comes_into_this_one(opening, peer, client_for):
    client = client_for(peer.person)
    blank = inputs(client.get(page_of(opening)))
    autosave(client, opening, {**blank, "level-2": "1", "comment": "Ask ten more."})
    answer = autosave(client, opening, blank).json()
    assert (answer["others"], answer["told"]) == (
        {"level-2": "1", "comment": "Ask ten more."},
        "Changed by somebody else: About the whole, The figures",
    )
    assert PeerFeedback.objects.get().comment == "Ask ten more."


def test_what_is_sent_changes_only_by_being_sent_again(opening, given, peer, promoter, client_for):
    client = client_for(peer.person)
    typed = {**inputs(client.get(page_of(opening))), "comment": "Half a thou"}
    assert autosave(client, opening, typed).json()["saved"].startswith("Sent. What you change here stays on this device")
    given.refresh_from_db()
    assert given.comment == "Ask ten more."
    client.post(page_of(opening), {**typed, "comment": "Half a thousand.", "send": "1"})
    given.refresh_from_db()
    assert given.comment == "Half a thousand."


def test_sent_too_early_it_says_what_is_missing_and_keeps_the_rest(opening, peer, client_for):
    client = client_for(peer.person)
    blank = inputs(client.get(page_of(opening)))
    refused = client.post(page_of(opening), {**blank, "level-1": "2", "comment": "Ask ten more.", "send": "1"})
    assert (refused.status_code, set(refused.context["form"].errors)) == (409, {"__all__", "level-2"})
    row = PeerFeedback.objects.get()
    assert (row.comment, row.sent_at) == ("Ask ten more.", None)
    assert inputs(refused)["from_comment"] == mark_of("Ask ten more.")
    long = autosave(client, opening, {**blank, "note-1": "a" * 2001, "note-2": "Kept."}).json()
    assert (list(long["errors"]), PeerFeedback.objects.get().marks["2"]["comment"]) == (["note-1"], "Kept.")


def test_enter_in_a_field_keeps_and_never_sends(opening, peer, client_for):
    form = BeautifulSoup(client_for(peer.person).get(page_of(opening)).content, "html.parser").select_one("form[data-academy-autosave]")
    first = form.select("button")[0]
    assert (first["name"], form.has_attr("data-academy-once")) == ("save", True)


@pytest.mark.parametrize("has_draft", [True, False])
def test_closed_while_one_types_the_words_are_there_to_copy(has_draft, opening, peer, promoter, crowd, client_for, strict_templates):
    client = client_for(peer.person)
    typed = {**inputs(client.get(page_of(opening))), "comment": "Ask ten more."}
    if has_draft:
        autosave(client, opening, {**typed, "note-1": "Twelve names."})
    actions.close_work(opening, by=promoter)
    told = autosave(client, opening, typed)
    assert (told.status_code, told.json()["code"]) == (409, "closed")
    page = client.post(page_of(opening), {**typed, "save": "1"})
    words = page.content.decode()
    named = (str(opening.requirement) in words, opening.participation.project.name in words)
    assert named == (has_draft, has_draft)
    assert (page.status_code, inputs(page)["comment"], "Forty workers" in words, 'name="send"' in words) == (
        409,
        "Ask ten more.",
        False,
        False,
    )
    read = client.get(page_of(opening))
    assert (read.status_code, "Twelve names." in read.content.decode()) == ((200, True) if has_draft else (404, False))
    assert client_for(crowd(1)[0].person).get(page_of(opening)).status_code == 404


def test_withdrawn_while_one_types(opening, given, peer, coordinator, client_for):
    client = client_for(peer.person)
    typed = {**inputs(client.get(page_of(opening))), "comment": "Ask twenty."}
    actions.withdraw_peer_feedback(given, by=coordinator, reason="It names a client.")
    assert autosave(client, opening, typed).json()["code"] == "withdrawn"
    page = client.post(page_of(opening), {**typed, "send": "1"})
    assert (page.status_code, inputs(page)["comment"]) == (409, "Ask twenty.")


def test_who_leaves_the_cohort_while_typing_saves_no_more(opening, peer, coordinator, client_for):
    client = client_for(peer.person)
    typed = {**inputs(client.get(page_of(opening))), "comment": "Ask ten more."}
    Participation.objects.filter(project=peer.project).update(state="withdrawn", ended_at=timezone.now(), ended_by=coordinator)
    assert autosave(client, opening, typed).status_code == 404
    assert not PeerFeedback.objects.exists()


def test_nobody_writes_by_sending_marks_of_another_rubric(opening, peer, client_for):
    client = client_for(peer.person)
    blank = inputs(client.get(page_of(opening)))
    answer = autosave(client, opening, {**blank, "level-1": "9", "level-77": "1", "from_level-77": EMPTY}).json()
    assert (list(answer["errors"]), PeerFeedback.objects.exists()) == (["level-1"], False)


def test_the_page_costs_the_same_with_a_draft(opening, peer, client_for, django_assert_max_num_queries):
    actions.give_peer_feedback(opening, by=peer.person, marks=WHOLE, comment="Half.")
    client = client_for(peer.person)
    client.get(page_of(opening))
    with django_assert_max_num_queries(17):
        client.get(page_of(opening))
