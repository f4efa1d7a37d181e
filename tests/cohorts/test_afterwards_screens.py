"""The page where the team gathers what a session leaves, the preview, and the one step; in both languages, without a script."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from wagtail.models import GroupPagePermission, PageViewRestriction

from cohorts import actions
from cohorts.models import Afterwards, AfterwardsAnswer, AfterwardsPhoto
from tests.cohorts.test_afterwards import PAD, begun, make, photograph, picture, write
from tests.cohorts.test_monographs import shelf_in
from tests.factories.wiki import WikiPageFactory
from wiki.models import Question, WikiPage

pytestmark = pytest.mark.django_db


def at(name, *args, language="en"):
    with translation.override(language):
        return reverse(name, args=args)


def text(page) -> str:
    return page.content.decode()


def in_english(client):
    client.get(at("cohorts_sessions"))
    return client


@pytest.fixture
def shelf():
    return shelf_in("en", "Sessions")


@pytest.fixture
def over(session):
    return begun(session)


@pytest.fixture
def client(client_for, trainer):
    return in_english(client_for(trainer))


def address(session, *verb):
    return at("cohorts_cms_afterwards_verb" if verb else "cohorts_cms_afterwards", session.pk, *verb)


def posted(shelf, version=0, **said):
    typed = {"section": shelf.pk, "notes": PAD, "decisions": "We meet in Lille.", "version": version, **said}
    return {f"write-{name}": value for name, value in typed.items()}


def test_the_whole_way_from_the_session_to_a_published_page(over, shelf, client):
    assert address(over) in text(client.get(at("cohorts_cms_session", over.pk)))
    page = client.get(address(over))
    assert [one.verb.name for one in page.context["verbs"]] == ["answer", "photo"]
    client.post(address(over, "write"), posted(shelf))
    client.post(address(over, "answer"), {"answer-text": "Who pays?", "answer-answer": "The fund.", "answer-wants_page": "on"})
    photo = SimpleUploadedFile("chairs.png", picture(), "image/png")
    client.post(address(over, "photo"), {"photo-photo": photo, "photo-alt_text": "A circle of chairs", "photo-agreed": "on"})
    page = client.get(address(over))
    assert [one.verb.name for one in page.context["verbs"]] == ["answer", "photo", "remove-answer", "remove-photo"]
    assert ("A circle of chairs" in text(page), "Becomes a question, and a page of its own" in text(page)) == (True, True)
    look = client.get(at("cohorts_cms_afterwards_preview", over.pk))
    for words in (
        "We <b>walked</b>",
        "We meet in Lille.",
        "“Who pays?” becomes a question with its answer, and a page of its own.",
        "Everybody may read",
    ):
        assert words in text(look)
    assert not WikiPage.objects.exists()
    said = {"version": "3", "seen": look.context["seen"], "publish": "1"}
    done = client.post(at("cohorts_cms_afterwards_preview", over.pk), said, follow=True)
    assert done.redirect_chain == [(address(over), 302)]
    made = Afterwards.objects.get().page
    assert (made.live, made.url in text(done), "Published." in text(done)) == (True, True, True)
    assert at("questions_cms_question", Question.objects.get().pk) in text(done)
    assert "We <b>walked</b>" in text(client.get(made.url))
    in_english(client)  # the test's section stands under a French home
    again = client.post(at("cohorts_cms_afterwards_preview", over.pk), said, follow=True)
    assert "they say this already" in text(again)
    assert WikiPage.objects.count() == 2


def test_what_is_wrong_is_said_beside_the_question_and_what_was_typed_stays(over, shelf, client):
    wrong = client.post(address(over, "photo"), {"photo-alt_text": "Chairs I described"})
    assert ("only once everybody in it agrees" in text(wrong), "Chairs I described" in text(wrong)) == (True, True)
    broken = {"photo-photo": SimpleUploadedFile("a.png", b"none"), "photo-alt_text": "Chairs", "photo-agreed": "on"}
    assert "is a picture that is broken" in text(client.post(address(over, "photo"), broken))
    long = client.post(address(over, "write"), posted(shelf, decisions="a" * 501, notes="Keep these notes"))
    assert ("Keep decisions short" in text(long), "Keep these notes" in text(long)) == (True, True)
    pdf = SimpleUploadedFile("slides.pdf", b"%PDF-1.4 nothing")
    assert "does not become a page" in text(client.post(address(over, "write"), posted(shelf, notes_file=pdf)))
    elsewhere = WikiPageFactory(parent=shelf)
    assert "Select a valid choice" in text(client.post(address(over, "write"), posted(elsewhere)))
    assert not AfterwardsPhoto.objects.exists()
    assert not Afterwards.objects.exclude(notes="").exists()


def test_two_who_write_at_once_lose_nothing(over, shelf, client, coordinator):
    client.post(address(over, "write"), posted(shelf))
    actions.write_afterwards(over, by=coordinator, version=1, notes="Hers", decisions="Hers too")
    refused = client.post(address(over, "write"), posted(shelf, version=1, notes="Mine"))
    assert ("Somebody has changed this" in text(refused), "Hers too" in text(refused), "Mine" in text(refused)) == (True, True, True)
    assert refused.context["writing"].form["version"].value() == "2"
    assert client.post(address(over, "write"), posted(shelf, version="²")).status_code == 200
    client.post(address(over, "write"), posted(shelf, version=2, notes="Hers and mine"))
    assert Afterwards.objects.get().notes == "Hers and mine"


def test_the_preview_refuses_what_was_not_looked_at_and_says_who_may_publish(over, shelf, client, trainer):
    preview = at("cohorts_cms_afterwards_preview", over.pk)
    assert "There is nothing" not in text(client.get(preview, follow=True))
    assert "Choose where it goes in the wiki first." in text(client.get(preview, follow=True))
    write(over, trainer, shelf)
    stale = client.post(preview, {"version": "0", "publish": "1"})
    assert (stale.status_code, "Somebody has changed it since you looked at it." in text(stale)) == (409, True)
    assert [client.post(preview, {"version": version}).status_code for version in ("none", "²")] == [409, 409]
    assert client.post(preview, {"version": "1", "publish": "1"}).status_code == 409  # what was shown is not said
    GroupPagePermission.objects.filter(permission__codename="publish_page", group__name="Trainers").delete()
    page = client.get(preview)
    assert ("Make and publish" in text(page), "somebody who may publishes the drafts" in text(page)) == (False, True)
    seen = page.context["seen"]
    assert client.post(preview, {"version": "1", "seen": seen, "publish": "1"}).status_code == 409
    client.post(preview, {"version": "1", "seen": seen})
    assert WikiPage.objects.get().live is False


def test_before_the_session_nothing_is_asked_and_it_says_why(session, client):
    page = client.get(address(session))
    assert ("The session has not begun yet." in text(page), page.context["verbs"], page.context["writing"]) == (True, [], None)
    client.post(address(session, "answer"), {"answer-text": "Who?", "answer-answer": "You."})
    assert not AfterwardsAnswer.objects.exists()


def test_a_file_is_brought_replaced_and_taken_away(over, shelf, client):
    client.post(address(over, "write"), posted(shelf, notes="", notes_file=SimpleUploadedFile("pad.md", b"From the file.")))
    page = text(client.get(address(over)))
    assert "Another file instead of “pad" in page
    assert "From the file." in text(client.get(at("cohorts_cms_afterwards_preview", over.pk)))
    client.post(address(over, "write"), posted(shelf, version=1, notes="", drop_file="on"))
    assert Afterwards.objects.get().notes_file is None


def test_photos_and_questions_are_taken_away_again(over, trainer, client):
    photo = photograph(over, trainer)
    row = actions.add_answer(over, by=trainer, text="Who pays?", answer="The fund.")
    client.post(address(over, "remove-photo"), {"remove-photo-photo": photo.pk})
    client.post(address(over, "remove-answer"), {"remove-answer-answer": row.pk})
    assert (AfterwardsPhoto.objects.count(), AfterwardsAnswer.objects.count()) == (0, 0)


def test_nobody_but_the_team_has_a_door(over, shelf, client_for, visitor_client, promoter, reviewer, trainer):
    write(over, trainer, shelf)
    addresses = [address(over), address(over, "answer"), at("cohorts_cms_afterwards_preview", over.pk)]
    for client in (visitor_client, client_for(promoter), client_for(reviewer)):
        for one in addresses:
            assert client.get(one).status_code in (302, 404)
            client.post(one, {"version": "1", "publish": "1", "answer-text": "Who?", "answer-answer": "You."})
    assert (WikiPage.objects.count(), AfterwardsAnswer.objects.count()) == (0, 0)


def test_the_page_of_the_session_leads_to_what_it_left_for_who_may_read_it(over, shelf, trainer, client_for, promoter, participation):
    write(over, trainer, shelf)
    make(over, trainer)
    reader, here = client_for(promoter), at("cohorts_session", over.pk)
    assert "What it leaves" not in text(reader.get(here))
    make(over, trainer, publish=True)
    assert Afterwards.objects.get().page.url in text(reader.get(here))
    PageViewRestriction.objects.create(page=shelf, restriction_type="groups")
    assert "What it leaves" not in text(reader.get(here))


def test_it_is_said_in_french(over, shelf, client_for, coordinator):
    client = client_for(coordinator)
    client.get(at("cohorts_sessions", language="fr"))
    write(over, coordinator, shelf)
    assert "Regarder la page, puis la faire" in text(client.get(address(over)))
    assert "Faire et publier" in text(client.get(at("cohorts_cms_afterwards_preview", over.pk)))


def test_the_pages_cost_the_same_for_one_and_three(over, shelf, client, trainer, django_assert_max_num_queries):
    write(over, trainer, shelf)
    pages = [address(over), at("cohorts_cms_afterwards_preview", over.pk)]

    def add(number):
        photograph(over, trainer, content=picture((number, 0, 0)), alt_text=f"Photo {number}")
        actions.add_answer(over, by=trainer, text=f"Question {number}?", answer="Yes.")

    add(1)
    make(over, trainer)
    for page in pages:
        client.get(page)
    counts = []
    for page in pages:
        with django_assert_max_num_queries(60) as found:
            client.get(page)
        counts.append(len(found.captured_queries))
    for number in (2, 3):
        add(number)
    make(over, trainer)
    for page, count in zip(pages, counts, strict=True):
        client.get(page)  # its thumbnails are made
        with django_assert_max_num_queries(count):
            client.get(page)
