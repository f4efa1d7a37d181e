"""Two minutes after a session, on a phone; and what the team reads of it in the CMS."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from academy.models import Message
from cohorts import actions
from cohorts.digest import digest_of, readers
from cohorts.models import Satisfaction, SatisfactionAnswer, Session
from cohorts.satisfaction import unanswered_by
from tests.cohorts.test_satisfaction import answer, came, over
from tests.factories import cohorts as make

pytestmark = pytest.mark.django_db
strict = pytest.mark.usefixtures("strict_templates")


def at(name, *args, language="en"):
    with translation.override(language):
        return reverse(name, args=args)


def text(page) -> str:
    return page.content.decode()


def in_english(client):
    client.get(at("cohorts_sessions"))
    return client


@pytest.fixture
def ended(session, coordinator):
    """Over since an hour; six came."""
    return over(session), came(session, coordinator, number=6)


@pytest.fixture
def place(session, coordinator, participation, promoter, project):
    """The promoter came to a session that is over."""
    return came(over(session), coordinator, person=promoter, project=project)[0]


def close(session):
    kept = Satisfaction.objects.get(session=session)
    actions.close_satisfaction(kept, by=None, now=kept.closes_at)


@strict
def test_the_page_of_the_session_and_the_pathway_lead_there_and_the_answer_can_be_changed(place, client_for, promoter):
    client, address = client_for(promoter), at("cohorts_satisfaction", place.pk)
    page = text(client.get(at("cohorts_session", place.session_id)))
    assert (address in page, "Say how it was" in page) == (True, True)
    assert "Two minutes, and nobody sees your answer." in text(client.get(at("cohorts_my_pathway")))
    form = client.get(address)
    assert [field.name for field in form.context["form"]] == ["useful", "meetings", "organisation", "place", "words"]
    assert "This is what you answered" not in text(form)
    assert "no-store" in form.headers["Cache-Control"]
    sent = client.post(address, {"useful": "4", "place": "", "words": "Longer breaks"}, follow=True)
    assert sent.redirect_chain == [(at("cohorts_session", place.session_id), 302)]
    assert ("Thank you: your answer is in." in text(sent), "Change my answer" in text(sent)) == (True, True)
    again = client.get(address)
    assert (again.context["form"]["useful"].initial, again.context["form"]["words"].initial) == (4, "Longer breaks")
    assert "This is what you answered" in text(again)
    client.post(address, {"useful": "2", "words": ""})
    assert list(SatisfactionAnswer.objects.values_list("useful", "place", "words")) == [(2, None, "")]


@strict
def test_what_is_wrong_is_said_beside_the_question_and_what_was_typed_stays(place, client_for, promoter):
    client, address = client_for(promoter), at("cohorts_satisfaction", place.pk)
    nothing = client.post(address, {"words": "  "})
    assert (nothing.status_code, "Answer one question at least." in text(nothing)) == (200, True)
    wrong = client.post(address, {"useful": "9", "words": "Keep this"})
    assert ("Select a valid choice" in text(wrong), "Keep this" in text(wrong)) == (True, True)
    long = client.post(address, {"words": "a" * 1001})
    assert "at most 1000" in text(long)
    assert not SatisfactionAnswer.objects.exists()


@strict
def test_before_the_end_and_after_the_close_the_page_says_so(session, client_for, promoter, coordinator, project):
    [row] = came(session, coordinator, person=promoter, project=project)
    client, address = client_for(promoter), at("cohorts_satisfaction", row.pk)
    assert "This opens when the session is over:" in text(client.get(address))
    assert client.get(address).context["form"] is None
    over(session, since=timedelta(days=14, minutes=1))
    assert "The time to answer is over." in text(client.get(address))
    late = client.post(address, {"useful": "5", "words": "Too late, and kept"})
    assert ("this answer is not counted" in text(late), "Too late, and kept" in text(late)) == (True, True)
    assert "Say how it was" not in text(client.get(at("cohorts_session", session.pk)))


def test_nobody_else_has_a_door_not_even_the_team(place, client_for, coordinator, other_promoter, visitor_client):
    address = at("cohorts_satisfaction", place.pk)
    for person in (coordinator, other_promoter):
        assert client_for(person).get(address).status_code == 404
        assert client_for(person).post(address, {"useful": "1"}).status_code == 404
    assert "/accounts/login/" in visitor_client.get(address)["Location"]
    absent = make.RegistrationFactory(session=place.session, person=other_promoter, status="no_show")
    assert client_for(other_promoter).get(at("cohorts_satisfaction", absent.pk)).status_code == 404
    assert not SatisfactionAnswer.objects.exists()


@strict
def test_it_is_asked_in_french(place, client_for, promoter):
    page = text(client_for(promoter).get(at("cohorts_satisfaction", place.pk, language="fr")))
    assert ("Était-ce utile pour votre projet\u00a0?" in page, "Envoyer ma réponse" in page) == (True, True)


def over_on(page) -> list[tuple]:
    with translation.override("en"):
        return [(str(one.title), one.is_answered) for one in page.context["over"]]


@strict
def test_the_pathway_thanks_whoever_answered_and_asks_no_more(place, session, client_for, promoter):
    client, pathway, address = client_for(promoter), at("cohorts_my_pathway"), at("cohorts_satisfaction", place.pk)
    asked = client.get(pathway)
    assert (over_on(asked), 'owed-title" href="' + address in text(asked)) == ([("Spring session", False)], True)
    client.post(address, {"useful": "4"})
    thanked = client.get(pathway)
    assert (over_on(thanked), "Two minutes, and nobody" in text(thanked)) == ([("Spring session", True)], False)
    assert ("Thank you: your answer on how it was is in." in text(thanked), "Change my answer" in text(thanked)) == (True, True)
    close(over(session, since=timedelta(days=15)))
    assert over_on(client.get(pathway)) == []


def test_an_answer_of_somebody_else_is_not_taken_for_ones_own(place, session, coordinator, client_for, promoter):
    for row in came(session, coordinator, number=3):
        answer(row, useful=1)
    assert over_on(client_for(promoter).get(at("cohorts_my_pathway"))) == [("Spring session", False)]


@pytest.mark.parametrize("status", ["no_show", "cancelled", "waiting"])
def test_the_pathway_asks_nobody_who_was_not_there(status, session, client_for, promoter, project, participation):
    facts = {"queue_number": 1} if status == "waiting" else {"confirmed_at": timezone.now()}
    make.RegistrationFactory(session=over(session), person=promoter, project=project, status=status, **facts)
    assert over_on(client_for(promoter).get(at("cohorts_my_pathway"))) == []
    assert "How was it?" not in (digest_parts(promoter) or [])


def test_what_people_were_promised_is_what_the_pathway_says(place, session, client_for, promoter):
    """The session is dated back after the first answer: the day that was said stands, on the page and in the letter."""
    answer(came(session, place.session.cohorts.get().coordinator)[0], useful=3)
    until = Satisfaction.objects.get().closes_at
    over(session, since=timedelta(days=13, hours=23, minutes=59))
    Session.objects.filter(pk=session.pk).update(ends_at=timezone.now() - timedelta(days=15), starts_at=timezone.now() - timedelta(days=16))
    [shown] = client_for(promoter).get(at("cohorts_my_pathway")).context["over"]
    assert (shown.asked_until, shown.is_answered) == (until, False)
    assert "How was it? Spring session" in digest_parts(promoter)


def digest_parts(person, **said) -> list[str]:
    with translation.override("en"):
        digest = digest_of(person, **said)
    return [part.title for part in digest.parts] if digest else []


def test_the_weekly_letter_asks_until_one_has_answered_or_the_time_is_over(place, session, promoter, other_promoter):
    title = "How was it? Spring session"
    with translation.override("en"):
        part = next(one for one in digest_of(promoter).parts if one.title == title)
        said = (part.address, part.label, [line.words for line in part.lines])
    assert said == (at("cohorts_satisfaction", place.pk), "Say how it was", ["Two minutes, and nobody sees your answer."])
    assert title not in digest_parts(promoter, now=session.ends_at + timedelta(days=14))
    assert title not in digest_parts(promoter, now=session.ends_at - timedelta(minutes=1))
    assert title not in digest_parts(other_promoter)
    answer(place, useful=3)
    assert title not in digest_parts(promoter)


def test_whoever_only_looks_at_a_project_and_was_there_gets_the_letter_too(session, coordinator, project, participation, other_promoter):
    make.ProjectMemberFactory(project=project, person=other_promoter, role="viewer")
    assert other_promoter not in readers()
    came(over(session), coordinator, person=other_promoter, project=project)
    assert (other_promoter in readers(), digest_parts(other_promoter)) == (True, ["How was it? Spring session"])


@pytest.mark.parametrize("number", [1, 3])
def test_the_pathway_and_the_letter_cost_the_same_for_one_session_and_three(
    number, place, coordinator, cohort, promoter, project, client_for, django_assert_num_queries
):
    for _n in range(number - 1):
        [row] = came(over(make.SessionFactory(cohorts=[cohort])), coordinator, person=promoter, project=project)
        answer(row, useful=2)
    client = client_for(promoter)
    client.get(at("cohorts_my_pathway"))
    with django_assert_num_queries(12):
        assert len(client.get(at("cohorts_my_pathway")).context["over"]) == number
    with django_assert_num_queries(1 if number == 1 else 2):
        assert len(unanswered_by(promoter, now=timezone.now())) == 1


# In the CMS


def test_the_team_sees_the_count_then_the_totals_and_takes_them_away(ended, client_for, trainer):
    session, rows = ended
    client, address = in_english(client_for(trainer)), at("cohorts_cms_satisfaction", session.pk)
    for row in rows[:5]:
        answer(row, useful=4, organisation=5, words="=1+1" if row == rows[0] else "")
    before = text(client.get(address))
    assert ("6 people were checked in" in before, "5 answers" in before, "poll-bars" in before) == (True, True, False)
    assert client.get(address, {"export": "csv"}).headers["Content-Type"].startswith("text/html")
    close(session)
    page = text(client.get(address))
    assert ("4.0 of 5 · 5 answers" in page, page.count('<svg class="bar"'), "=1+1" in page) == (True, 4, True)
    assert "too few answers" in page
    lines = list(csv.reader(io.StringIO(client.get(address, {"export": "csv"}).content.decode("utf-8-sig"))))
    assert lines[5] == ["Was it useful for your project?", "4.0", "0", "0", "0", "5", "0"]
    assert lines[-1] == ["'=1+1"]
    book = load_workbook(io.BytesIO(client.get(address, {"export": "xlsx"}).content))
    assert [cell.value for cell in book.active[2]][:2] == ["Checked in", 6]


def test_of_too_few_nothing_is_shown_nor_taken_away(ended, client_for, coordinator):
    session, rows = ended
    for row in rows[:4]:
        answer(row, useful=1, words="Recognisable")
    close(session)
    client, address = in_english(client_for(coordinator)), at("cohorts_cms_satisfaction", session.pk)
    page = text(client.get(address))
    assert ("Fewer than 5 people answered." in page, "Recognisable" in page) == (True, False)
    assert client.get(address, {"export": "xlsx"}).headers["Content-Type"].startswith("text/html")


def test_every_letter_is_read_before_it_leaves_and_nobody_gets_two(ended, client_for, coordinator):
    session, rows = ended
    client, address = in_english(client_for(coordinator)), at("cohorts_cms_satisfaction", session.pk)
    assert "Ask them now" in text(client.get(address))
    shown = client.post(f"{address}ask/")
    assert ({letter.to for letter in shown.context["first"].letters}, Message.objects.count()) == ({row.person for row in rows}, 0)
    client.post(f"{address}ask/", {"letters": shown.context["stamp"]})
    assert Message.objects.filter(cause__startswith="satisfaction:").count() == 6
    assert client.get(address).context["verbs"] == []


def test_each_state_says_what_happens_next(session, client_for, coordinator):
    client, address = in_english(client_for(coordinator)), at("cohorts_cms_satisfaction", session.pk)
    assert "The session is not over yet." in text(client.get(address))
    over(session)
    assert "Nobody was checked in: there is nobody to ask." in text(client.get(address))
    came(session, coordinator)
    assert "The letters leave by themselves:" in text(client.get(address))
    Session.objects.filter(pk=session.pk).update(cancelled_at=timezone.now(), cancelled_by=coordinator)
    assert "This session is cancelled: nobody is asked." in text(client.get(address))
    assert address in text(client.get(at("cohorts_cms_session", session.pk)))


def test_the_page_of_the_team_costs_the_same_for_one_and_three(session, client_for, coordinator, django_assert_max_num_queries):
    over(session)
    answer(came(session, coordinator)[0], useful=3)
    client, address = in_english(client_for(coordinator)), at("cohorts_cms_satisfaction", session.pk)
    client.get(address)
    with django_assert_max_num_queries(40) as one:
        client.get(address)
    for row in came(session, coordinator, number=2):
        answer(row, useful=3)
    with django_assert_max_num_queries(len(one.captured_queries)):
        client.get(address)


def test_the_board_reads_one_sentence_of_it(ended, cohort, client_for, coordinator):
    session, rows = ended
    for row in rows[:5]:
        answer(row, useful=4)
    client, address = in_english(client_for(coordinator)), at("cohorts_cms_report", cohort.pk)
    assert "Useful for the projects" not in text(client.get(address))
    close(session)
    assert "Useful for the projects: 4.0 of 5 (5 answers)." in text(client.get(address))
