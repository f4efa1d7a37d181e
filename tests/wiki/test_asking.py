"""Asking on the site, answering in the CMS: nothing typed is lost, what exists is shown first, what is private stays so."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from academy.search import index
from academy.search.models import SearchEntry
from tests.factories.wiki import GlossaryTermFactory, QuestionFactory, WikiPageFactory, answered
from wiki import actions
from wiki.models import Question, WikiPage

ASK, LIST = "/en/questions/ask/", "/en/questions/"


@pytest.fixture
def site(home, home_en):
    return home_en


@pytest.fixture
def levy(site, other_promoter):
    return answered(text="How high is the levy?", asker=other_promoter, html="<p>Six to eight.</p>")


def shown(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def form(text="How high is the levy?", **fields):
    return {"text": text, "visibility": "public", "detail": "", "section": "", "checked": text, **fields}


# --- asking


def test_first_step_asks_one_sentence_and_keeps_what_search_was_asked(site, visitor_client):
    html = shown(visitor_client.get(ASK))
    assert 'name="q"' in html.partition("<main")[2]
    assert 'name="detail"' not in html
    html = shown(visitor_client.get(ASK, {"q": "Who pays the trip?"}))
    assert 'value="Who pays the trip?"' in html
    assert "We found no answer that exists" in html


def test_answer_that_exists_is_shown_before_sending(levy, english, client_for, promoter):
    GlossaryTermFactory(locale=english, term="Levy", definition="<p>A part of each invoice.</p>")
    index.rebuild()
    client = client_for(promoter)
    html = shown(client.get(ASK, {"q": "What levy do you take?"}))
    assert "Is one of these your answer?" in html
    assert reverse("question", args=[levy.pk]) in html
    assert "/en/glossary/#levy" in html
    client.post(reverse("question", args=[levy.pk]), {"act": "mine"})
    assert Question.objects.get(pk=levy.pk).asked_again == 1
    assert Question.objects.count() == 1


def test_other_words_than_those_checked_are_checked_first(levy, client_for, promoter):
    index.rebuild()
    client = client_for(promoter)
    response = client.post(ASK, form(checked="", detail="In Italy"))
    assert "Is one of these your answer?" in shown(response)
    assert "In Italy" in shown(response)
    assert Question.objects.count() == 1
    checked = response.context["form"]["checked"].value()
    response = client.post(ASK, form(checked=checked, detail="In Italy"))
    question = Question.objects.get(asker=promoter)
    assert response["Location"] == reverse("question", args=[question.pk])
    assert (question.detail, question.language, question.state) == ("In Italy", "en", "open")


@pytest.mark.parametrize("wrong", [{"text": ""}, {"text": "x" * 201}, {"detail": "y" * 4001}, {"visibility": "nobody"}, {"section": "999"}])
def test_every_error_keeps_what_was_typed(site, client_for, promoter, wrong):
    response = client_for(promoter).post(ASK, {**form("Who pays the trip?", detail="From Dakar"), **wrong})
    html = shown(response)
    assert "to correct" in html
    assert ("From Dakar" in html) or "detail" in wrong
    assert ("Who pays the trip?" in html) or "text" in wrong
    assert not Question.objects.exists()


def test_too_many_is_a_sentence_and_keeps_what_was_typed(site, client_for, promoter):
    QuestionFactory.create_batch(10, asker=promoter)
    html = shown(client_for(promoter).post(ASK, form("Who pays the trip?")))
    assert "questions within one hour" in html
    assert "Who pays the trip?" in html


def test_visitor_signs_in_and_finds_what_they_typed(site, visitor_client, promoter):
    EmailAddress.objects.create(user=promoter, email=promoter.email, verified=True, primary=True)
    response = visitor_client.post(ASK, form("Who pays the trip?", detail="From Dakar", visibility="private"))
    assert response["Location"] == f"/accounts/login/?next={ASK}"
    response = visitor_client.post(response["Location"], {"login": promoter.email, "password": "correct horse battery"})
    html = shown(visitor_client.get(response["Location"]))
    assert "what you typed is here" in html
    assert "From Dakar" in html
    assert re.search(r'value="private"[^>]* checked', html)
    assert not Question.objects.exists()


def test_section_of_a_closed_shelf_is_not_named(site, english, members, visitor_client, client_for, promoter):
    members.locale = english
    members.save()
    assert "Membres" not in shown(visitor_client.get(ASK, {"q": "Why?"}))
    assert "Membres" in shown(client_for(promoter).get(ASK, {"q": "Why?"}))


# --- the list and the page


def test_list_shows_what_is_answered_and_public_in_ones_language(levy, promoter, visitor_client, client_for):
    answered(text="Zanzibar private?", asker=promoter, visibility="private")
    index.rebuild()
    answered(text="En français ?", asker=promoter, language="fr")
    QuestionFactory(text="Nobody answered?", asker=promoter)
    html = shown(visitor_client.get(LIST))
    assert "How high is the levy?" in html
    assert not any(words in html for words in ("Zanzibar", "En français", "Nobody answered", "Oscar"))
    assert "En français" in shown(visitor_client.get(LIST, {"language": "all"}))
    assert "No answered question has these words" in shown(visitor_client.get(LIST, {"q": "zanzibar"}))
    mine = shown(client_for(promoter).get(LIST, {"of": "me"}))
    assert all(words in mine for words in ("Zanzibar", "En français", "Nobody answered"))
    assert "How high is the levy?" not in mine
    assert visitor_client.get(LIST, {"of": "me"}).status_code == 302


def test_most_asked_come_first_when_asked_for(levy, other_promoter, visitor_client):
    answered(text="Newer?", asker=other_promoter)
    Question.objects.filter(pk=levy.pk).update(asked_again=3)
    rows = [row.text for row, _page in visitor_client.get(LIST).context["rows"]]
    assert rows == ["Newer?", "How high is the levy?"]
    rows = [row.text for row, _page in visitor_client.get(LIST, {"order": "asked"}).context["rows"]]
    assert rows == ["How high is the levy?", "Newer?"]
    shown(visitor_client.get(LIST, {"order": "' OR 1=1", "section": "x", "page": "zz", "q": "%_\"'<b>"}))


@pytest.mark.parametrize("more", [0, 2])
def test_queries_do_not_grow(levy, promoter, visitor_client, client_for, django_assert_max_num_queries, more):
    for number in range(more):
        answered(text=f"Levy {number}?", asker=promoter)
    index.rebuild()
    client = client_for(promoter)
    for one, address, most in (
        (visitor_client, LIST, 6),
        (client, LIST, 9),
        (client, LIST + "?of=me", 8),
        (visitor_client, reverse("question", args=[levy.pk]), 6),
        (client, reverse("question", args=[levy.pk]), 9),
        (client, ASK + "?q=levy", 11),
    ):
        shown(one.get(address))
        with django_assert_max_num_queries(most):
            one.get(address)


def test_name_of_the_asker_is_for_the_team(levy, visitor_client, client_for, trainer, other_promoter, promoter):
    address = reverse("question", args=[levy.pk])
    assert "Oscar" not in shown(visitor_client.get(address))
    assert "Oscar" not in shown(client_for(promoter).get(address))
    assert "Oscar Other" in shown(client_for(trainer).get(address))
    assert "Answer it in the CMS" in shown(client_for(trainer).get(address))


def test_private_question_reaches_nobody_else(site, english, promoter, other_promoter, reviewer, visitor_client, client_for):
    private = answered(text="Zanzibar levy?", asker=promoter, visibility="private")
    index.rebuild()
    address = reverse("question", args=[private.pk])
    doors = [LIST, LIST + "?language=all&q=zanzibar", ASK + "?q=zanzibar+levy", "/en/search/?q=zanzibar+levy", "/en/glossary/?q=zanzibar"]
    for client in (visitor_client, client_for(other_promoter), client_for(reviewer)):
        for door in doors:
            assert "Zanzibar levy?" not in client.get(door).content.decode(), door
        assert client.get(address).status_code in (302, 404)
        for act in ("mine", "helped", "reopen", "withdraw", "public"):
            assert client.post(address, {"act": act, "reason": "x"}).status_code in (302, 404)
    private.refresh_from_db()
    assert (private.visibility, private.state, private.asked_again) == ("private", "answered", 0)


def test_asker_opens_it_again_and_withdraws_it(levy, client_for, other_promoter):
    client, address = client_for(other_promoter), reverse("question", args=[levy.pk])
    client.post(address, {"act": "helped"})
    assert "You said that this answered you" in shown(client.get(address))
    client.post(address, {"act": "reopen", "reason": "And in Italy?"})
    assert "And in Italy?" in shown(client.get(address))
    client.post(address, {"act": "withdraw"})
    levy.refresh_from_db()
    assert levy.state == "withdrawn"
    assert client.post(address, {"act": "nonsense"}).status_code == 404


def test_page_it_became_is_shown_first_to_whoever_asks_the_same(levy, site, english, trainer, promoter, visitor_client, client_for):
    from tests.factories.wiki import WikiSectionFactory

    shelf = WikiSectionFactory(parent=site, slug="wiki", title="Wiki", locale=english)
    page = actions.question_to_page(levy, by=trainer, place=shelf, title="The levy")
    address = reverse("question", args=[levy.pk])
    assert "This question became a page" not in shown(visitor_client.get(address))
    page.get_latest_revision().publish(user=trainer)
    assert "This question became a page" in shown(visitor_client.get(address))
    index.rebuild()
    html = shown(client_for(promoter).get(ASK, {"q": "What levy?"}))
    assert html.index("/en/wiki/the-levy/") < html.index("Yes, this answers me")
    WikiPage.objects.get(pk=page.pk).unpublish()
    assert "/en/wiki/the-levy/" not in shown(visitor_client.get(address))


def test_page_leads_to_the_public_questions_that_it_answers(levy, wiki, trainer, other_promoter, visitor_client):
    page = actions.question_to_page(levy, by=trainer, place=wiki, title="Prélèvement")
    page.get_latest_revision().publish(user=trainer)
    page = WikiPage.objects.get(pk=page.pk)
    answered(text="Something else?", asker=other_promoter)
    address = f"/fr/questions/?page_it_became={page.pk}"
    assert address in shown(visitor_client.get(page.get_url()))
    html = shown(visitor_client.get(address + "&language=all"))
    assert "How high is the levy?" in html
    assert "Something else?" not in html
    actions.set_visibility(levy, by=other_promoter, visibility="private")
    assert "How high is the levy?" not in shown(visitor_client.get(address + "&language=all"))
    shown(visitor_client.get("/fr/questions/?page_it_became=%22x"))


@pytest.mark.parametrize("number", [1, 3])
def test_my_pages_say_where_my_questions_stand(site, promoter, client_for, number):
    QuestionFactory.create_batch(number, asker=promoter, text="Where do we sign?")
    assert shown(client_for(promoter).get("/en/my/")).count("Where do we sign?") == number


# --- the CMS


def test_queue_has_who_waits_longest_on_top(levy, promoter, client_for, trainer, reviewer):
    first, second = QuestionFactory(asker=promoter), QuestionFactory(asker=promoter)
    html = shown(client_for(trainer).get(reverse("questions:index")))
    places = [html.index(reverse("questions_cms_question", args=[row.pk])) for row in (first, second, levy)]
    assert places == sorted(places)
    Question.objects.filter(pk=second.pk).update(assigned_to=trainer)
    mine = shown(client_for(trainer).get(reverse("questions:index"), {"waiting": "me"}))
    assert second.text in mine
    assert first.text not in mine
    assert client_for(reviewer).get(reverse("questions:index")).status_code != 200
    assert client_for(promoter).get(reverse("questions:index")).status_code != 200


def test_every_verb_of_the_cms_page(levy, promoter, trainer, coordinator, wiki, client_for):
    question = QuestionFactory(asker=promoter, text="What levy?")
    client, address = client_for(trainer), reverse("questions_cms_question", args=[question.pk])

    def do(verb, **answers):
        return client.post(f"{address}{verb}/", {f"{verb}-{name}": value for name, value in answers.items()})

    assert "Paula Promoter" in shown(client.get(address))
    assert "data-grave" not in shown(do("answer", html=""))
    assert "open" in shown(do("answer", html="null"))
    assert do("assign", to=coordinator.pk).status_code == 302
    assert do("duplicate", original=levy.pk).status_code == 302
    assert do("reopen", reason="No, it is not the same.").status_code == 302
    assert do("private").status_code == 302
    words = (
        '{"blocks":[{"key":"a","text":"Six to eight","type":"unstyled","depth":0,"inlineStyleRanges":[],"entityRanges":[]}],"entityMap":{}}'
    )
    assert do("answer", html=words).status_code == 302
    assert do("correct", html=words.replace("Six", "6")).status_code == 302
    response = do("page", place=wiki.pk, title="The levy")
    question.refresh_from_db()
    assert response["Location"] == reverse("wagtailadmin_pages:edit", args=[question.page_id])
    assert (question.state, question.visibility, "6 to eight" in question.last_answer().html) == ("answered", "private", True)
    html = shown(client.get(address))
    assert reverse("wagtailadmin_pages:edit", args=[question.page_id]) in html
    assert "No, it is not the same." in html  # the history says why it was opened again
    assert client.get(f"{address}answer/").status_code == 200
    assert do("nonsense").status_code == 404


@pytest.mark.parametrize("more", [0, 2])
def test_queue_queries_do_not_grow(site, promoter, trainer, client_for, django_assert_max_num_queries, more):
    QuestionFactory.create_batch(1 + more, asker=promoter, assigned_to=trainer)
    client = client_for(trainer)
    client.get(reverse("questions:index"))
    with django_assert_max_num_queries(22):
        client.get(reverse("questions:index"))


def test_made_private_it_is_found_by_nobody_at_once(levy, other_promoter, client_for, promoter):
    index.rebuild()
    client = client_for(promoter)
    assert reverse("question", args=[levy.pk]) in shown(client.get(LIST, {"q": "levy"}))
    actions.set_visibility(levy, by=other_promoter, visibility="private")
    assert not SearchEntry.objects.filter(kind="question").exists()
    assert reverse("question", args=[levy.pk]) not in shown(client.get(ASK, {"q": "levy"}))


@pytest.mark.parametrize("typed", ["levies", "LEVY!", "the levy, how high"])
def test_stems_and_order_do_not_matter(levy, visitor_client, typed):
    index.rebuild()
    assert reverse("question", args=[levy.pk]) in shown(visitor_client.get(ASK, {"q": typed}))
    assert reverse("question", args=[levy.pk]) not in shown(visitor_client.get(ASK, {"q": "Who pays for the visa of my colleague?"}))


def test_page_of_the_wiki_has_nothing_of_it(site, promoter):
    """What links to a page is shown to readers: a question is not among it."""
    from wagtail.models import ReferenceIndex

    assert not ReferenceIndex.model_is_indexable(Question)
    assert WikiPageFactory._meta.model is WikiPage
