"""“Am I ready?”: an honest answer, with pages that may be read, and nothing kept of it unless the person applies."""

import pytest
from django.core import signing
from django.urls import reverse
from django.utils import timezone, translation

from academy.management.starter.texts import key_of
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import Application, SelfCheck
from cohorts.readiness import SALT, ingredients, overall, replies_to, said_of, sealed, unsealed
from tests.factories import cohorts as make
from tests.factories.courses import home_page
from tests.factories.wiki import WikiPageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("strict_templates")]

KEYS = ("need", "entrepreneur", "network", "similar", "investors")


def answers(*values):
    return dict(zip(KEYS, values, strict=True))


def where(language="en"):
    with translation.override(language):
        return reverse("cohorts_ready")


def text(response):
    return response.content.decode()


def test_the_words_are_whole_in_both_languages():
    assert tuple(one.key for one in ingredients()) == KEYS
    for one in ingredients():
        assert len(one.choices) == 4
        for words in (one.title, one.question, *(choice.says for choice in one.choices), *(choice.answer for choice in one.choices)):
            assert words.keys() == {"fr", "en"}
            assert all(text.strip() for text in words.values())


@pytest.mark.parametrize(
    ("values", "whole", "states"),
    [
        ((3, 3, 3, 3, 3), "ready", ["ready"] * 5),
        ((2, 2, 2, 2, 0), "ready", ["ready"] * 4 + ["begin"]),
        ((2, 2, 0, 2, 0), "begin", ["ready", "ready", "begin", "ready", "begin"]),
        ((1, 1, 0, 0, 0), "begin", ["begin"] * 5),
        ((0, 3, 3, 3, 3), "later", ["later", "ready", "ready", "ready", "ready"]),
        ((3, 0, 3, 3, 3), "later", ["ready", "later", "ready", "ready", "ready"]),
    ],
)
def test_the_answer_is_honest(values, whole, states):
    replies = replies_to(answers(*values))
    assert [reply.state for reply in replies] == states
    assert overall(replies) == whole


@pytest.mark.parametrize(("values", "says"), [((0, 3, 3, 3, 3), "Come back with what is missing."), ((1, 1, 1, 1, 1), "You can begin")])
def test_a_visitor_is_answered_without_an_account(visitor_client, cohort, values, says):
    response = visitor_client.post(where(), answers(*values))
    assert says in text(response)
    assert response.status_code == 200
    assert ("with these answers" in text(response)) == (values[0] > 0)


def test_the_questions_are_asked_in_the_language_of_the_reader(visitor_client):
    assert "Qui en a besoin" in text(visitor_client.get(where("fr")))
    assert "Who needs this" in text(visitor_client.get(where("en")))


def test_nothing_is_kept_of_who_only_looks(visitor_client, cohort, django_assert_max_num_queries):
    with django_assert_max_num_queries(8) as done:
        response = visitor_client.post(where(), answers(1, 2, 0, 3, 1))
    assert not [query["sql"] for query in done.captured_queries if not query["sql"].startswith("SELECT")]
    assert "no-store" in response.headers["Cache-Control"]
    assert "no-store" in visitor_client.get(where()).headers["Cache-Control"]
    assert {name for name in response.cookies if name not in ("csrftoken", "django_language")} == set()
    assert dict(visitor_client.session) == {}
    assert SelfCheck.objects.count() == 0
    assert 'method="get"' not in text(response).split("<main")[1].split("</main>")[0]


def test_answers_in_an_address_are_not_heard(visitor_client):
    page = text(visitor_client.get(where(), answers(3, 3, 3, 3, 3)))
    assert "checked" not in page
    assert "You can begin today" not in page


def test_an_unanswered_question_keeps_the_others(visitor_client):
    given = answers(1, 2, 0, 3, 1)
    del given["network"]
    response = visitor_client.post(where(), given)
    page = text(response)
    assert response.context["form"].errors.keys() == {"network"}
    assert "Choose what is nearest to where you stand." in page
    assert page.count("checked") == 4
    assert "replies" not in response.context
    assert visitor_client.post(where(), {**given, "network": "9"}).context["form"].errors.keys() == {"network"}
    assert visitor_client.post(where()).context["form"].errors.keys() == set(KEYS)


def test_only_pages_that_the_reader_may_open_are_named(visitor_client, client_for, promoter):
    home = home_page("en")
    page = WikiPageFactory(parent=home, locale=home.locale, slug="recipe", title="The recipe", translation_key=key_of("wiki/recipe"))
    assert page.url in text(visitor_client.post(where(), answers(1, 2, 2, 2, 2)))
    assert page.url not in text(visitor_client.post(where(), answers(3, 3, 3, 3, 3)))
    page.view_restrictions.create(restriction_type="login")
    assert "The recipe" not in text(visitor_client.post(where(), answers(1, 2, 2, 2, 2)))
    assert "The recipe" in text(client_for(promoter).post(where(), answers(1, 2, 2, 2, 2)))
    page.unpublish()
    assert "The recipe" not in text(client_for(promoter).post(where(), answers(1, 2, 2, 2, 2)))


def test_the_answers_go_into_the_draft_of_who_applies(visitor_client, promoter, cohort):
    page = visitor_client.post(where(), answers(1, 2, 0, 3, 1))
    start = reverse("cohorts_start", args=[cohort.pk])
    response = visitor_client.post(reverse("cohorts_ready_apply", args=[cohort.pk]), {"carried": page.context["carried"]})
    assert response.url == start
    assert visitor_client.get(start).url.startswith("/accounts/login/")
    visitor_client.force_login(promoter)
    assert "“Am I ready?” go into the draft" in text(visitor_client.get(start.replace("/fr/", "/en/")))
    visitor_client.post(start, {"name": "Coop", "country": "PT"})
    application = Application.objects.get()
    assert SelfCheck.objects.get(application=application).answers == answers(1, 2, 0, 3, 1)
    assert "cohorts_ready" not in visitor_client.session
    form = visitor_client.get(reverse("cohorts_application", args=[application.pk]).replace("/fr/", "/en/"))
    assert [reply.choice.value for reply in form.context["said"]] == [1, 2, 0, 3, 1]
    assert "What you said before you began" in text(form)


def test_what_was_touched_or_is_old_is_not_carried(visitor_client, cohort, settings):
    address = reverse("cohorts_ready_apply", args=[cohort.pk])
    word = sealed(answers(1, 2, 0, 3, 1))
    for wrong in ("", "x", word + "x", signing.dumps(answers(1, 1, 1, 1, 1), salt="other"), signing.dumps([1], salt=SALT)):
        assert visitor_client.post(address, {"carried": wrong}).status_code == 302
        assert "cohorts_ready" not in visitor_client.session
    assert unsealed(word) == answers(1, 2, 0, 3, 1)
    assert unsealed(signing.dumps({"need": 7, "gone": 1, "network": 2}, salt=SALT)) == {"network": 2}


def test_a_planned_call_takes_no_answers(visitor_client, cohort):
    make.Cohort.objects.update(state="planned")
    address = reverse("cohorts_ready_apply", args=[cohort.pk])
    assert visitor_client.post(address, {"carried": sealed(answers(1, 2, 0, 3, 1))}).status_code == 404
    assert visitor_client.get(address).status_code == 405


def test_what_was_said_is_kept_with_a_draft_only(draft, promoter, english):
    actions.keep_self_check(draft, by=promoter, answers=answers(1, 1, 1, 1, 1))
    actions.keep_self_check(draft, by=promoter, answers=answers(2, 1, 1, 1, 1))
    assert [reply.choice.value for reply in said_of(draft)] == [2, 1, 1, 1, 1]
    Application.objects.update(state="submitted", submitted_at=timezone.now(), submitted_by=promoter)
    with pytest.raises(RuleViolation, match="submitted"):
        actions.keep_self_check(draft, by=promoter, answers=answers(1, 1, 1, 1, 1))


def test_it_is_found_where_a_promoter_looks(visitor_client, cohort):
    for page in (visitor_client.get("/en/apply/"), visitor_client.get(f"/en/apply/call/{cohort.pk}/")):
        assert 'href="/en/apply/ready/"' in text(page)
