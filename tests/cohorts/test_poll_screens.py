"""A vote on a phone, the wall of the room, and the same poll in the CMS: as a stranger, as the team, in both languages."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from cohorts import actions
from cohorts.models import Ballot, Poll
from cohorts.views import polls as views
from tests.factories import cohorts as make
from tests.factories.polls import BallotFactory, PollFactory

pytestmark = pytest.mark.django_db
strict = pytest.mark.usefixtures("strict_templates")  # not where Wagtail renders: its own templates print what nobody gave


def at(name, *args, language="en"):
    with translation.override(language):
        return reverse(name, args=args)


def text(answer) -> str:
    return answer.content.decode()


def in_english(client: Client) -> Client:
    """The CMS answers in the language of the last page that was read."""
    client.get(at("cohorts_sessions"))
    return client


@pytest.fixture
def poll(session):
    return PollFactory(session=session, is_open=True)


@pytest.fixture
def closed(session, coordinator):
    poll = PollFactory(session=session, is_open=True, allows_other=True)
    for number, (answer, other) in enumerate((([1], ""), ([1], ""), ([], "The sea"))):
        actions.cast_ballot(poll, by=None, device=str(number), answer=answer, other=other)
    return actions.close_poll(poll, by=coordinator)


# On a phone


@strict
def test_a_visitor_types_the_code_votes_and_changes_the_answer(poll, visitor_client):
    found = visitor_client.get(at("cohorts_vote"), {"code": f" {poll.code.lower()} "})
    assert found["Location"] == at("cohorts_vote_on", poll.code)
    page = visitor_client.get(found["Location"])
    assert "Where do we meet next?" in text(page)
    assert "Lille, France" in text(page)
    assert page.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    cookie = page.cookies[views.COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    for choice in ("1", "3"):
        answer = visitor_client.post(found["Location"], {"choice": choice}, follow=True)
        assert answer.redirect_chain == [(at("cohorts_vote_thanks", poll.code), 302)]
        assert "Thank you" in text(answer)
    assert list(poll.ballots.values_list("answer", flat=True)) == [[3]]
    again = visitor_client.get(found["Location"])
    assert again.context["form"]["choice"].initial == "3"
    assert views.COOKIE not in again.cookies


def test_the_address_on_the_wall_has_no_language(poll):
    phone = Client(headers={"accept-language": "en"})
    assert phone.get(f"/vote/{poll.code}/")["Location"] == f"/en/vote/{poll.code}/"
    assert Client(headers={"accept-language": "fr"}).get("/vote/")["Location"] == "/fr/vote/"


@strict
@pytest.mark.parametrize(
    ("kind", "data", "answer"),
    [
        ("one", {"choice": "2"}, [2]),
        ("several", {"choice": ["3", "1"]}, [1, 3]),
        ("ranked", {"rank_1": "2", "rank_3": "1"}, [3, 1]),
        ("scored", {"score_1": "0", "score_2": "4"}, {"1": 0, "2": 4}),
    ],
)
def test_each_kind_is_answered_without_a_script_and_shown_again(kind, data, answer, session, client_for, promoter):
    poll = PollFactory(session=session, is_open=True, kind=kind)
    client, address = client_for(promoter), at("cohorts_vote_on", poll.code)
    assert views.COOKIE not in client.get(address).cookies
    assert client.post(address, data)["Location"] == at("cohorts_vote_thanks", poll.code)
    assert Ballot.objects.get().answer == answer
    form = client.get(address).context["form"]
    again = {name: form[name].initial for name in data}
    assert {name: sorted(value) if isinstance(value, list) else value for name, value in again.items()} == {
        name: sorted(value) if isinstance(value, list) else value for name, value in data.items()
    }


@strict
@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("one", {}, "Choose an answer first."),
        ("one", {"choice": "other"}, "Write your own answer, or choose one of those that are given."),
        ("one", {"choice": "1", "other": "Elsewhere"}, "Choose one answer only"),
        ("one", {"choice": "9"}, "Select a valid choice"),
        ("several", {}, "Choose an answer first."),
        ("ranked", {"rank_1": "1", "rank_2": "1"}, "Rank 1 is given twice: give each rank once."),
        ("ranked", {"rank_1": "1", "rank_2": "3"}, "Rank 2 is missing: begin with 1 and leave none out."),
        ("scored", {}, "Give at least one score first."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(kind, data, words, session, visitor_client):
    poll = PollFactory(session=session, is_open=True, kind=kind, allows_other=kind in ("one", "several"))
    address = at("cohorts_vote_on", poll.code)
    visitor_client.get(address)
    answer = visitor_client.post(address, data)
    assert answer.status_code == 200
    assert words in text(answer)
    assert Ballot.objects.count() == 0


def test_another_answer_is_taken_and_told_to_nobody_before_the_close(session, visitor_client, client_for, coordinator):
    poll = PollFactory(session=session, is_open=True, allows_other=True)
    address = at("cohorts_vote_on", poll.code)
    visitor_client.get(address)
    visitor_client.post(address, {"choice": "other", "other": "<b>Zanzibar</b>"})
    staff = client_for(coordinator)
    for page in (Client().get(address), staff.get(at("cohorts_poll_wall", poll.pk)), staff.get(at("cohorts_cms_poll", poll.pk))):
        assert "Zanzibar" not in text(page)
        assert "poll-bars" not in text(page)
    actions.close_poll(poll, by=coordinator)
    for page in (Client().get(address), staff.get(at("cohorts_poll_wall", poll.pk))):
        assert "&lt;b&gt;Zanzibar&lt;/b&gt;" in text(page)


def test_a_browser_without_cookies_is_told_so(poll):
    answer = Client().post(at("cohorts_vote_on", poll.code), {"choice": "1"})
    assert "Your browser keeps no cookie" in text(answer)
    assert Ballot.objects.count() == 0


@strict
def test_a_vote_that_comes_too_late_is_refused_in_words(poll, visitor_client, coordinator):
    address = at("cohorts_vote_on", poll.code)
    visitor_client.get(address)
    actions.close_poll(poll, by=coordinator)
    answer = visitor_client.post(address, {"choice": "1"})
    assert "The vote was closed before your answer came: it is not counted." in text(answer)
    assert "Nobody voted." in text(answer)
    assert visitor_client.get(at("cohorts_vote_thanks", poll.code))["Location"] == address


@strict
def test_a_session_that_is_cancelled_is_said_to_whoever_had_its_vote_open(poll, session, visitor_client, client_for, coordinator):
    address = at("cohorts_vote_on", poll.code)
    visitor_client.get(address)
    actions.cancel_session(session, by=coordinator, reason="The house is flooded.")
    ended = "The vote ended with it. What was answered until then is kept."
    answer = visitor_client.post(address, {"choice": "1"})
    assert "The vote was closed before your answer came: it is not counted." in text(answer)
    assert ended in text(answer)
    assert ended in text(visitor_client.get(address))
    wall = text(client_for(coordinator).get(at("cohorts_poll_wall", poll.pk)))
    assert ended in wall
    draft = PollFactory(session=session)
    assert 'value="open"' not in text(client_for(coordinator).get(at("cohorts_poll_wall", draft.pk)))


@strict
def test_a_draft_and_a_wrong_code_get_the_same_answer(session, visitor_client, client_for, coordinator):
    draft = PollFactory(session=session)
    for client in (visitor_client, client_for(coordinator)):
        for code in (draft.code, "QQQQQ"):
            answer = client.get(at("cohorts_vote_on", code))
            assert answer.status_code == 404
            assert "No vote has this code now." in text(answer)
            assert "Where do we meet next?" not in text(answer)


def wrong(number):
    return "".join("BCDFGHJKMN"[int(digit)] for digit in f"{number:08}")


def guess(client, number):
    return [client.get(at("cohorts_vote_on", wrong(one))).status_code for one in range(number)]


def test_one_guesser_shuts_nobody_of_the_room_out(poll, coordinator, visitor_client, client_for, promoter):
    """Sixty people and one who guesses, all behind one address: everybody votes, before and after, and reads the results."""
    guesser, room = visitor_client, [Client() for _person in range(60)]
    for phone in room[:30]:
        assert phone.post(phone_page(phone, poll), {"choice": "1"}).status_code == 302
    assert guess(guesser, views.WRONG_CODES + 5) == [404] * views.WRONG_CODES + [429] * 5
    for phone in room[30:]:
        assert phone.get(at("cohorts_vote"), {"code": poll.shown_code})["Location"] == at("cohorts_vote_on", poll.code)
        assert phone.post(phone_page(phone, poll), {"choice": "2"}).status_code == 302
    assert sorted(poll.ballots.values_list("answer", flat=True)) == [[1]] * 30 + [[2]] * 30
    actions.close_poll(poll, by=coordinator)
    assert [phone.get(at("cohorts_vote_on", poll.code)).status_code for phone in room] == [200] * 60
    assert client_for(promoter).get(at("cohorts_vote_on", poll.code)).status_code == 200
    assert guesser.get(at("cohorts_vote_on", poll.code)).status_code == 429
    refused = guesser.get(at("cohorts_vote_on", wrong(999)), headers={"accept-language": "en"})
    assert "The code of a vote that is open still opens it" in text(refused)


def phone_page(phone, poll):
    """The phone opens the vote, and has its cookie."""
    address = at("cohorts_vote_on", poll.code)
    assert phone.get(address).status_code == 200
    return address


def test_whoever_voted_has_a_budget_of_their_own_and_it_is_one(poll, coordinator, visitor_client):
    phone = Client()
    phone_page(phone, poll)
    actions.close_poll(poll, by=coordinator)
    assert set(guess(phone, views.WRONG_CODES)) == {404}
    assert phone.get(at("cohorts_vote_on", poll.code)).status_code == 429
    assert visitor_client.get(at("cohorts_vote_on", poll.code)).status_code == 200


def test_nobody_makes_the_cookie_of_a_voter_up(poll, coordinator, visitor_client):
    actions.close_poll(poll, by=coordinator)
    guess(visitor_client, views.WRONG_CODES)
    for made_up in ("x" * 32, "x:1abc:y"):
        visitor_client.cookies[views.COOKIE] = made_up
        assert visitor_client.get(at("cohorts_vote_on", poll.code)).status_code == 429


def test_a_mistake_that_a_room_shares_is_counted_once(poll, coordinator, visitor_client):
    actions.close_poll(poll, by=coordinator)
    assert [visitor_client.get(at("cohorts_vote_on", wrong(1))).status_code for _n in range(70)] == [404] * 70
    assert visitor_client.get(at("cohorts_vote_on", poll.code)).status_code == 200


def test_a_draft_with_a_short_code_is_opened_with_a_long_one(session, coordinator):
    short, long = (PollFactory(session=session, code=code) for code in ("BCDFG", "BCDFGHJK"))
    assert [len(actions.open_poll(row, by=coordinator).code) for row in (short, long)] == [8, 8]
    long.refresh_from_db()
    assert (long.code, long.shown_code) == ("BCDFGHJK", "BCDF\u00a0GHJK")


# The wall


@strict
def test_the_wall_shows_code_and_count_then_the_results(poll, client_for, trainer, settings):
    BallotFactory.create_batch(2, poll=poll)
    client, address = client_for(trainer), at("cohorts_poll_wall", poll.pk)
    page = client.get(address)
    assert poll.shown_code in text(page)
    assert "<strong>2</strong> ballots" in text(page)
    assert page.context["address"] == f"{settings.BASE_URL.rstrip('/')}/vote/{poll.code}/"
    assert "Brussels" not in text(page)
    after = client.post(address, {"verb": "close"}, follow=True)
    assert Poll.objects.get().state == "closed"
    assert [line.words for line in after.context["results"].lines] == ["2 · 100%", "0 · 0%", "0 · 0%"]
    assert text(after).count('<svg class="bar"') == 3
    assert "<td" in text(after)


@strict
@pytest.mark.parametrize(("choices", "letters", "size"), [(3, 10, 0), (5, 60, 0), (10, 20, 1), (10, 40, 1), (10, 70, 3), (10, 400, 4)])
def test_the_wall_shows_all_choices_at_once(choices, letters, size, session, coordinator, client_for):
    words = "\n".join(f"{number} {'a' * (letters - 2)}" for number in range(choices))
    poll = PollFactory(session=session, is_open=True, choices={"fr": words, "en": words})
    actions.cast_ballot(poll, by=None, device="a phone", answer=[1])
    actions.close_poll(poll, by=coordinator)
    page = client_for(coordinator).get(at("cohorts_poll_wall", poll.pk))
    assert page.context["size"] == size
    assert (f'data-size="{size}"' in text(page)) is (size > 0)


def test_a_draft_is_opened_from_the_wall(session, client_for, coordinator):
    poll = PollFactory(session=session)
    client, address = client_for(coordinator), at("cohorts_poll_wall", poll.pk)
    assert "The vote is not open yet." in text(client.get(address))
    client.post(address, {"verb": "open"})
    poll.refresh_from_db()
    assert (poll.state, poll.opened_by) == ("open", coordinator)
    assert client.post(address, {"verb": "nothing"}).status_code == 404
    assert "This cannot be done now" in text(client.post(address, {"verb": "open"}, headers={"referer": address}, follow=True))


def test_wall_and_cms_are_the_teams(poll, client_for, promoter, reviewer, visitor_client):
    addresses = [at("cohorts_poll_wall", poll.pk), at("cohorts_cms_poll", poll.pk), at("cohorts_cms_polls", poll.session_id)]
    for person in (promoter, reviewer):
        client = client_for(person)
        assert client.get(addresses[0]).status_code == 404
        for address in addresses[1:]:
            assert client.get(address).status_code in (302, 404)
        for address, data in ((addresses[0], {"verb": "close"}), (f"{addresses[1]}close/", {})):
            client.post(address, data)
    assert "/accounts/login/" in visitor_client.get(addresses[0])["Location"]
    poll.refresh_from_db()
    assert poll.state == "open"


# In the CMS


def test_the_team_writes_changes_opens_and_closes_a_poll(session, client_for, trainer):
    client = in_english(client_for(trainer))
    typed = {f"add-{name}_{code}": words for name, words in (("question", "Where?"), ("choices", "A\nB")) for code in ("fr", "en")}
    assert client.post(at("cohorts_cms_polls_verb", session.pk, "add"), typed | {"add-kind": "one"}).status_code == 302
    poll = Poll.objects.get()
    assert "Where?" in text(client.get(at("cohorts_cms_polls", session.pk)))
    changed = {name.replace("add-", "change-"): words.replace("?", " now?") for name, words in typed.items()}
    client.post(at("cohorts_cms_poll_verb", poll.pk, "change"), changed | {"change-kind": "several", "change-allows_other": "on"})
    poll.refresh_from_db()
    assert (str(poll.question), poll.kind, poll.allows_other) == ("Where now?", "several", True)
    for verb, state in (("open", "open"), ("close", "closed")):
        client.post(at("cohorts_cms_poll_verb", poll.pk, verb))
        poll.refresh_from_db()
        assert poll.state == state
    refused = client.post(at("cohorts_cms_poll_verb", poll.pk, "open"))
    assert "This cannot be done now" in text(refused)


def test_words_are_hidden_from_the_page_and_the_file(closed, client_for, coordinator):
    client, address = in_english(client_for(coordinator)), at("cohorts_cms_poll", closed.pk)
    file = client.get(address, {"export": "csv"})
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    assert (
        file.content.decode("utf-8-sig").splitlines()
        == [
            "Where do we meet next?",
            "Ballots,3",
            '""',
            "Answer,Votes,Share of the ballots",
            "Brussels,2,67%",
            '"Lille, France",0,0%',
            '"Rabat, Morocco",0,0%',
            "Another answer,1,33%",
            '""',
            "What people answered themselves",
            "The sea",
        ]
        or file.content.decode("utf-8-sig").splitlines()
    )
    ballot = closed.ballots.exclude(other="").get()
    client.post(at("cohorts_cms_poll_verb", closed.pk, "hide"), {"hide-ballot": ballot.pk, "hide-reason": "Off topic."})
    assert "The sea" not in client.get(address, {"export": "csv"}).content.decode()
    assert "The sea" not in text(Client().get(at("cohorts_vote_on", closed.code)))
    page = text(client.get(address))
    assert "Off topic." in page


def test_words_of_another_poll_are_not_hidden_from_here(closed, session, client_for, coordinator):
    other = actions.close_poll(PollFactory(session=session, is_open=True, allows_other=True), by=coordinator)
    ballot = closed.ballots.exclude(other="").get()
    answer = client_for(coordinator).post(
        at("cohorts_cms_poll_verb", other.pk, "hide"), {"hide-ballot": ballot.pk, "hide-reason": "Off topic."}
    )
    assert answer.status_code == 200
    ballot.refresh_from_db()
    assert ballot.hidden_at is None


def test_results_leave_as_a_file_only_after_the_close(poll, client_for, coordinator):
    answer = client_for(coordinator).get(at("cohorts_cms_poll", poll.pk), {"export": "csv"})
    assert answer["Content-Type"].startswith("text/html")


# Kept with the session


def test_the_session_keeps_its_closed_polls_for_its_people(closed, session, cohort, client_for, participation, promoter, other_promoter):
    PollFactory(session=session, question={"fr": "Brouillon", "en": "A draft"})
    PollFactory(session=session, is_open=True, question={"fr": "Ouvert", "en": "An open one"})
    PollFactory(session=make.SessionFactory(cohorts=[cohort]), question={"fr": "Ailleurs", "en": "Elsewhere"})
    address = at("cohorts_session", session.pk)
    page = text(client_for(promoter).get(address))
    assert at("cohorts_vote_on", closed.code) in page
    assert [words in page for words in ("A draft", "An open one", "Elsewhere")] == [False] * 3
    for stranger in (Client(), client_for(other_promoter)):
        assert closed.code not in text(stranger.get(address))


def test_everything_is_in_french_too(closed, poll, client_for, coordinator):
    page = text(Client().get(at("cohorts_vote_on", closed.code, language="fr")))
    assert "Where do we meet next? (fr)" in page
    assert "Bruxelles" in page


@pytest.mark.parametrize("number", [1, 3])
def test_results_ask_as_much_for_one_ballot_as_for_three(number, session, coordinator, client_for, django_assert_num_queries):
    poll = PollFactory(session=session, is_open=True, allows_other=True)
    BallotFactory.create_batch(number, poll=poll, other="Elsewhere", answer=[])
    actions.close_poll(poll, by=coordinator)
    visitor, staff = Client(), client_for(coordinator)
    for client, address, queries in (
        (visitor, at("cohorts_vote_on", poll.code), 2),
        (staff, at("cohorts_poll_wall", poll.pk), 4),
    ):
        client.get(address)
        with django_assert_num_queries(queries):
            client.get(address)
