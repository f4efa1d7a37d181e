"""What a session leaves becomes pages of the wiki in one step: once, where and by whom that may be, and nobody is named by it."""

from datetime import timedelta
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image
from wagtail.models import GroupPagePermission, ModelLogEntry, Page, PageViewRestriction

from academy.models import AcademyImage, Message
from academy.rules import RuleViolation
from cohorts import actions, afterwards
from cohorts.models import Afterwards, AfterwardsAnswer, AfterwardsPhoto, Session
from tests.cohorts.test_monographs import shelf_in
from tests.cohorts.test_satisfaction import came
from tests.factories.afterwards import AfterwardsAnswerFactory, AfterwardsFactory, AfterwardsPhotoFactory
from tests.factories.files import docx
from tests.factories.polls import BallotFactory, PollFactory
from tests.factories.wiki import answered
from wiki.importer import SourceFile
from wiki.models import ImportSource, Question, QuestionState, Visibility, WikiPage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

PAD = "# Our pad\n\n## What we did\n\nWe **walked** to the fund.\n\n- one\n- two\n"


def picture(colour="red") -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return out.getvalue()


def begun(session):
    Session.objects.filter(pk=session.pk).update(
        registration_deadline=timezone.now() - timedelta(days=9),
        cancellation_deadline=timezone.now() - timedelta(days=9),
        starts_at=timezone.now() - timedelta(hours=3),
    )
    session.refresh_from_db()
    return session


@pytest.fixture
def shelf():
    return shelf_in("en", "Sessions")


@pytest.fixture
def over(session):
    return begun(session)


def write(session, by, section, **said):
    kept = Afterwards.objects.filter(session=session).first()
    said = {"notes": PAD, "decisions": "We meet in Lille.\n\nThe fund opens in May.\n", **said}
    return actions.write_afterwards(session, by=by, version=kept.version if kept else 0, section=section, **said)


def photograph(session, by, **said):
    facts = {"content": picture(), "name": "chairs.png", "alt_text": "A circle of chairs", "caption": "Day one", "agreed": True, **said}
    return actions.add_photo(session, by=by, **facts)


def make(session, by, **said):
    return actions.make_pages(session, by=by, version=Afterwards.objects.get(session=session).version, **said)


def code_of(verb):
    with pytest.raises(RuleViolation) as refusal:
        verb()
    return refusal.value.code


def bodies(page):
    return [(block.block_type, str(block.value)) for block in WikiPage.objects.get(pk=page.pk).body]


# The one step


def test_notes_decisions_answers_votes_and_photos_become_one_published_page_and_a_question(over, shelf, trainer):
    poll = PollFactory(session=over, is_open=True)
    BallotFactory(poll=poll)
    actions.close_poll(poll, by=trainer)
    PollFactory(session=over, question={"en": "A draft?", "fr": "Un brouillon ?"})
    write(over, trainer, shelf)
    photograph(over, trainer)
    actions.add_answer(over, by=trainer, text="Who pays the <first> month?", answer="The fund.\n\nFor & three months.")
    kept = make(over, trainer, publish=True)
    page = WikiPage.objects.get(pk=kept.page_id)
    assert (page.live, page.title, page.get_parent().pk, page.locale) == (True, "Spring session", shelf.pk, shelf.locale)
    assert page.summary.startswith("What we did, decided and learned: Brussels, ")
    assert [block.block_type for block in page.body] == [
        *("heading", "text"),  # the pad, without its title
        *("heading", "text"),  # decisions
        *("heading", "text"),  # asked and answered
        *("heading", "table", "text"),  # votes
        *("heading", "image"),
    ]
    question = Question.objects.get()
    html = "".join(block.value.source for block in page.body if block.block_type == "text")
    assert "<b>walked</b>" in html or "<strong>walked</strong>" in html
    assert "<ol><li>We meet in Lille.</li><li>The fund opens in May.</li></ol>" in html
    assert f'<a href="/en/questions/{question.pk}/">Who pays the &lt;first&gt; month?</a>' in html
    table = next(block.value for block in page.body if block.block_type == "table")
    assert [str(cell) for cell in next(iter(table.grid.rows))] == ["Brussels", "1", "100%"]
    image = next(block.value for block in page.body if block.block_type == "image")
    assert (image["image"].contextual_alt_text, image["caption"]) == ("A circle of chairs", "Day one")
    assert (question.state, question.visibility, question.language, question.section) == (
        QuestionState.ANSWERED,
        Visibility.PUBLIC,
        "en",
        shelf,
    )
    assert question.last_answer().html == "<p>The fund.</p><p>For &amp; three months.</p>"
    assert (kept.made_by, kept.is_changed_since) == (trainer, False)
    line = ModelLogEntry.objects.for_instance(over).get(action="cohorts.make_pages")
    assert (line.user, line.data) == (trainer, {"page": page.pk, "outcome": "created", "published": True})
    assert not Message.objects.exists()


@pytest.mark.parametrize(("kind", "answer", "widths"), [("one", [1], {"100.00", "0.00"}), ("scored", {"1": 2}, {"50.00", None})])
def test_a_vote_is_drawn_on_the_page_over_its_numbers(over, shelf, trainer, visitor_client, strict_templates, kind, answer, widths):
    """Of marks, a bar across is the highest one that could be given."""
    poll = PollFactory(session=over, is_open=True, kind=kind)
    BallotFactory(poll=poll, answer=answer)
    actions.close_poll(poll, by=trainer)
    write(over, trainer, shelf)
    page = WikiPage.objects.get(pk=make(over, trainer, publish=True).page_id)
    found = BeautifulSoup(visitor_client.get(page.url).content, "html.parser").select_one(".wiki-body")
    assert {one.rect and one.rect["width"] for one in found.select("figure.bars li")} == widths
    names = [one.text for one in found.select("figure.bars .bar-label")]
    assert names == [one.text for one in found.select("tbody th")]
    assert not found.select("figure [style], figure script")


def test_a_vote_of_nobody_is_a_table_alone(over, shelf, trainer):
    poll = PollFactory(session=over, is_open=True)
    actions.close_poll(poll, by=trainer)
    write(over, trainer, shelf)
    page = WikiPage.objects.get(pk=make(over, trainer, publish=True).page_id)
    assert next(block.value for block in page.body if block.block_type == "table").bars is None


def test_done_twice_it_doubles_nothing_and_done_again_it_brings_the_same_page_up_to_date(over, shelf, trainer):
    write(over, trainer, shelf)
    actions.add_answer(over, by=trainer, text="Who pays?", answer="The fund.")
    photograph(over, trainer)
    first = make(over, trainer, publish=True).page_id
    before = (Page.objects.count(), Question.objects.count(), AcademyImage.objects.count(), bodies(Page.objects.get(pk=first)))
    revision = Page.objects.get(pk=first).latest_revision_id
    again = make(over, trainer, publish=True)
    assert (again.page_id, again.outcome, Page.objects.get(pk=first).latest_revision_id) == (first, "unchanged", revision)
    assert before == (Page.objects.count(), Question.objects.count(), AcademyImage.objects.count(), bodies(Page.objects.get(pk=first)))
    write(over, trainer, None, decisions="We meet in Rabat.")
    assert Afterwards.objects.get().is_changed_since
    assert make(over, trainer, publish=True).outcome == "updated"
    assert (Page.objects.count(), Question.objects.count()) == before[:2]
    assert "We meet in Rabat." in str(bodies(Page.objects.get(pk=first)))
    assert ImportSource.objects.get().key == f"session-{over.pk}"


def test_drafts_first_are_published_by_the_second_step(over, shelf, trainer):
    write(over, trainer, shelf)
    actions.add_answer(over, by=trainer, text="Who pays?", answer="The fund.", wants_page=True)
    page = make(over, trainer).page
    question = Question.objects.get()
    assert (page.live, question.page.live, question.page_published_at) == (False, False, None)
    assert (question.page.title, question.page.get_parent().pk) == ("Who pays?", shelf.pk)
    make(over, trainer, publish=True)
    question.refresh_from_db()
    assert (Page.objects.get(pk=page.pk).live, question.page.live, question.page_published_at is not None) == (True, True, True)
    assert WikiPage.objects.count() == 2


def test_what_somebody_has_edited_on_the_page_is_not_overwritten(over, shelf, trainer, coordinator):
    write(over, trainer, shelf)
    page = make(over, trainer, publish=True).page.specific
    page.body.append(("text", "<p>By hand.</p>"))
    page.save_revision(user=coordinator, changed=True).publish(user=coordinator)
    write(over, trainer, None, decisions="We meet in Rabat.")
    kept = make(over, trainer, publish=True)
    page = WikiPage.objects.get(pk=page.pk)
    assert (kept.outcome, page.live, page.has_unpublished_changes) == ("draft", True, True)
    assert ("By hand." in str(bodies(page)), "Rabat" in str(bodies(page))) == (True, False)


def test_a_file_and_what_is_typed_stand_one_after_the_other(over, shelf, trainer):
    file = SourceFile("any", "Minutes.docx", docx("<w:p><w:r><w:t>From the minutes.</w:t></w:r></w:p>"))
    write(over, trainer, shelf, notes="Typed first.", notes_file=file, decisions="")
    page = make(over, trainer).page.specific.get_latest_revision_as_object()
    words = "".join(block.value.source for block in page.body)
    assert words.index("Typed first.") < words.index("From the minutes.")
    write(over, trainer, None, notes="Typed anew.", decisions="")
    assert make(over, trainer).outcome == "updated"
    assert Afterwards.objects.get().notes_file.filename.startswith("Minutes")
    write(over, trainer, None, notes="Typed anew.", drop_file=True, decisions="")
    assert Afterwards.objects.get().notes_file is None


def test_nobody_who_came_is_named_by_it(over, shelf, trainer):
    Session.objects.filter(pk=over.pk).update(ends_at=timezone.now() - timedelta(minutes=1))
    rows = came(over, trainer, number=2)
    write(over, trainer, shelf)
    photograph(over, trainer)
    actions.add_answer(over, by=trainer, text="Who pays?", answer="The fund.")
    page = make(over, trainer, publish=True).page
    said = f"{bodies(page)} {page.title} {page.specific.summary}"
    for name in [trainer.name, *(row.person.name for row in rows), *(row.project.name for row in rows)]:
        assert name not in said


def test_where_not_everybody_reads_the_questions_stay_as_closed_as_the_page(over, shelf, trainer):
    PageViewRestriction.objects.create(page=shelf, restriction_type=PageViewRestriction.LOGIN)
    write(over, trainer, shelf)
    actions.add_answer(over, by=trainer, text="Who pays?", answer="The fund.")
    photograph(over, trainer)
    page = make(over, trainer, publish=True).page.specific
    assert Question.objects.get().visibility == Visibility.PRIVATE
    assert not Question.objects.public().exists()
    details = [block.value for block in page.body if block.block_type == "details"]
    assert [(one["summary"], one["text"].source) for one in details] == [("Who pays?", "<p>The fund.</p>")]
    assert AcademyImage.objects.get().collection.view_restrictions.exists()


def test_a_question_that_the_wiki_answers_already_is_that_one(over, shelf, trainer):
    known = answered(text="Who pays?", language="en")
    write(over, trainer, shelf)
    actions.add_answer(over, by=trainer, text="who PAYS?", answer="Somebody else.")
    make(over, trainer, publish=True)
    known.refresh_from_db()
    assert (Question.objects.count(), known.asked_again, known.answers.count()) == (1, 1, 1)
    assert AfterwardsAnswer.objects.get().question == known


def test_the_page_is_in_the_language_of_its_section(over, trainer):
    shelf = shelf_in("fr", "Rencontres")
    write(over, trainer, shelf)
    actions.add_answer(over, by=trainer, text="Qui paie ?", answer="Le fonds.")
    page = make(over, trainer).page.specific.get_latest_revision_as_object()
    assert [block.value["text"] for block in page.body if block.block_type == "heading"][1:] == ["Décisions", "Demandé et répondu"]
    assert Question.objects.get().language == "fr"


# What is refused


@pytest.mark.parametrize("verb", ["write", "photo", "answer"])
def test_nothing_is_gathered_before_the_session_nor_of_one_that_is_cancelled(verb, session, shelf, trainer):
    verbs = {
        "write": lambda: write(session, trainer, shelf),
        "photo": lambda: photograph(session, trainer),
        "answer": lambda: actions.add_answer(session, by=trainer, text="Who?", answer="You."),
    }
    assert code_of(verbs[verb]) == "early"
    begun(session)
    Session.objects.filter(pk=session.pk).update(cancelled_at=timezone.now(), cancelled_by=trainer)
    session.refresh_from_db()
    assert code_of(verbs[verb]) == "early"
    assert not Afterwards.objects.exists()


def test_nothing_is_made_of_nothing_nor_nowhere(over, shelf, trainer):
    assert code_of(lambda: actions.make_pages(over, by=trainer, version=0)) == "empty"
    write(over, trainer, None)
    assert code_of(lambda: make(over, trainer)) == "place"
    write(over, trainer, shelf, notes="", decisions="")
    assert code_of(lambda: make(over, trainer)) == "empty"


def test_what_was_not_looked_at_is_not_made_and_nobody_is_overwritten(over, shelf, trainer, coordinator):
    write(over, trainer, shelf)
    seen = Afterwards.objects.get().version
    actions.add_answer(over, by=coordinator, text="Who pays?", answer="The fund.")
    assert code_of(lambda: actions.make_pages(over, by=trainer, version=seen)) == "stale"
    assert code_of(lambda: actions.write_afterwards(over, by=trainer, version=seen, section=shelf, notes="Mine.")) == "stale"
    assert Afterwards.objects.get().notes == PAD.strip()
    assert not WikiPage.objects.exists()


def test_who_may_not_write_or_publish_there_does_not(over, shelf, trainer, promoter):
    assert code_of(lambda: write(over, promoter, shelf)) == "place"
    write(over, trainer, shelf)
    GroupPagePermission.objects.filter(permission__codename="publish_page", group__name="Trainers").delete()
    trainer = type(trainer).objects.get(pk=trainer.pk)
    assert code_of(lambda: make(over, trainer, publish=True)) == "publish"
    assert (make(over, trainer).page.live, code_of(lambda: make(over, promoter))) == (False, "place")


def test_a_file_that_cannot_be_read_is_refused_in_words_and_nothing_is_made(over, shelf, trainer):
    write(over, trainer, shelf, notes_file=SourceFile("any", "Minutes.docx", b"PK\x03\x04 broken"))
    assert code_of(lambda: make(over, trainer)) == "notes"
    assert not WikiPage.objects.exists()


@pytest.mark.parametrize(
    ("said", "code"),
    [({"agreed": False}, "agreed"), ({"alt_text": "  "}, "alt"), ({"content": b"no picture"}, "picture"), ({}, "twice")],
)
def test_a_photo_that_may_not_be_shown_is_refused(said, code, over, trainer):
    if code == "twice":
        photograph(over, trainer)
    assert code_of(lambda: photograph(over, trainer, **said)) == code
    assert AfterwardsPhoto.objects.count() == (code == "twice")


def test_a_photo_does_not_say_where_nor_with_whose_telephone_it_was_taken(over, trainer):
    said, out = Image.Exif(), BytesIO()
    said[0x0112], said[0x010F] = 6, "Telephone of Ada"  # to be turned to the right
    said.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (60, 40), "red").save(out, "JPEG", exif=said)
    image = photograph(over, trainer, content=out.getvalue(), name="chairs.jpg").image
    assert (image.width, image.height) == (40, 60)
    for file in (image.file, image.get_rendition("max-30x30").file, image.get_rendition("width-30|format-jpeg").file):
        with file.open("rb") as opened:
            content = opened.read()
        assert (b"Ada" in content, dict(Image.open(BytesIO(content)).getexif())) == (False, {})


def test_nor_does_one_of_a_telephone_that_keeps_two_in_a_file(over, trainer):
    said, out = Image.Exif(), BytesIO()
    said[0x010F] = "Telephone of Ada"
    second = Image.new("RGB", (60, 40), "blue")
    Image.new("RGB", (60, 40), "red").save(out, "MPO", save_all=True, append_images=[second], exif=said)
    image = photograph(over, trainer, content=out.getvalue(), name="chairs.jpg").image
    with image.file.open("rb") as opened:
        content = opened.read()
    assert (b"Ada" in content, Image.open(BytesIO(content)).format) == (False, "JPEG")


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "AVIF"])
def test_photos_of_other_kinds_are_kept_bare_too(kind, over, trainer):
    out = BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, kind)
    image = photograph(over, trainer, content=out.getvalue(), name=f"chairs.{kind.lower()}").image
    assert (image.width, image.height) == (60, 40)


def test_a_photo_says_who_vouched_for_it_and_goes_with_its_picture(over, shelf, trainer):
    photo = photograph(over, trainer)
    assert (photo.agreed_by, photo.image.alt_text, photo.image.collection.name) == (trainer, "A circle of chairs", "Imports")
    actions.remove_photo(photo, by=trainer)
    assert not AcademyImage.objects.exists()
    write(over, trainer, shelf)
    photo = photograph(over, trainer)
    make(over, trainer, publish=True)
    actions.remove_photo(photo, by=trainer)
    assert AcademyImage.objects.count() == 1  # a page shows it
    make(over, trainer, publish=True)
    assert "image" not in [kind for kind, _value in bodies(Afterwards.objects.get().page)]


def test_a_question_is_removed_as_long_as_it_is_not_in_the_wiki(over, shelf, trainer):
    row = actions.add_answer(over, by=trainer, text="Who pays?", answer="The fund.")
    assert code_of(lambda: actions.add_answer(over, by=trainer, text="who pays?", answer="You.")) == "twice"
    assert code_of(lambda: actions.add_answer(over, by=trainer, text=" ", answer="You.")) == "empty"
    assert code_of(lambda: actions.add_answer(over, by=trainer, text="Why?", answer=" ")) == "empty"
    actions.remove_answer(row, by=trainer)
    assert not AfterwardsAnswer.objects.exists()
    row = actions.add_answer(over, by=trainer, text="Who pays?", answer="The fund.")
    write(over, trainer, shelf)
    make(over, trainer)
    assert code_of(lambda: actions.remove_answer(row, by=trainer)) == "made"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: AfterwardsPhotoFactory(alt_text=""),
        lambda: AfterwardsAnswerFactory(answer=""),
        lambda: AfterwardsFactory(made_at=timezone.now()),
    ],
)
def test_the_database_refuses_what_is_not_whole(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        wrong()


def test_a_deleted_page_is_made_anew(over, shelf, trainer):
    write(over, trainer, shelf)
    first = make(over, trainer, publish=True).page
    first.delete()
    assert Afterwards.objects.get().page is None
    assert make(over, trainer, publish=True).page.live
    assert WikiPage.objects.count() == 1


# --- two at once, and what changes meanwhile


def test_what_somebody_else_took_away_a_moment_ago_is_gone_and_that_is_all(over, shelf, trainer, coordinator):
    write(over, trainer, shelf)
    photo = photograph(over, trainer)
    row = actions.add_answer(over, by=trainer, text="Who pays?", answer="The fund.")
    actions.remove_photo(AfterwardsPhoto.objects.get(pk=photo.pk), by=trainer)
    actions.remove_answer(AfterwardsAnswer.objects.get(pk=row.pk), by=trainer)
    before = (Afterwards.objects.get().version, ModelLogEntry.objects.count())
    actions.remove_photo(photo, by=coordinator)
    actions.remove_answer(row, by=coordinator)
    assert (Afterwards.objects.get().version, ModelLogEntry.objects.count()) == before


def test_a_photo_that_is_on_the_page_already_is_not_added_twice_and_leaves_no_file(over, shelf, trainer, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    write(over, trainer, shelf)
    photograph(over, trainer)
    make(over, trainer, publish=True)  # the picture moves to where the section keeps its own
    files = sorted(tmp_path.rglob("*.*"))
    assert code_of(lambda: photograph(over, trainer)) == "twice"
    assert (AfterwardsPhoto.objects.count(), AcademyImage.objects.count(), sorted(tmp_path.rglob("*.*"))) == (1, 1, files)


def test_a_vote_that_was_closed_after_the_look_is_not_on_the_page_that_is_made(over, shelf, trainer):
    """The version of what was gathered says nothing of votes, nor of the title and the days of the session."""
    poll = PollFactory(session=over, is_open=True)
    BallotFactory(poll=poll)
    write(over, trainer, shelf)
    seen = afterwards.look_of(Afterwards.objects.get())
    actions.close_poll(poll, by=trainer)
    assert code_of(lambda: make(over, trainer, seen=seen)) == "stale"
    assert not WikiPage.objects.filter(title="Spring session").exists()
    make(over, trainer, seen=afterwards.look_of(Afterwards.objects.get()))


def test_nobody_is_led_from_a_page_to_what_people_wrote_themselves_in_a_vote(over, shelf, trainer):
    poll = PollFactory(session=over, is_open=True, allows_other=True)
    BallotFactory(poll=poll, answer=[], other="Ask Ada Long about it")
    actions.close_poll(poll, by=trainer)
    write(over, trainer, shelf)
    page = WikiPage.objects.get(pk=make(over, trainer, publish=True).page_id)
    assert (poll.code in str(page.body.raw_data), "Ada" in str(page.body.raw_data)) == (False, False)
