"""Words of the glossary and links to the wiki inside a lesson: explained on the page, told how fresh, and never more than the reader may know."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.models import Locale, PageViewRestriction, ReferenceIndex

from academy.extraction import extract
from academy.html import clean
from tests.factories.courses import home_page, make_lesson, make_module, question, translated
from tests.factories.wiki import GlossaryTermFactory, WikiPageFactory, WikiSectionFactory
from wiki.actions import verify_page
from wiki.models import GlossaryTerm

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def english():
    return home_page("en").locale


@pytest.fixture
def term(english):
    return GlossaryTermFactory(term="Cooperative", definition="<p>Owned by <b>those who use it</b>.</p>", locale=english)


@pytest.fixture
def section(english):
    return WikiSectionFactory(parent=home_page("en"), title="Rules", locale=english)


@pytest.fixture
def page(section):
    return WikiPageFactory(parent=section, title="The one rule", locale=section.locale)


@pytest.fixture
def at_once(django_capture_on_commit_callbacks):
    """A block; when it ends, what waits for its commit is done: kept pages are forgotten."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def text(*parts):
    return [{"type": "text", "value": f"<p>{' '.join(parts)}</p>"}]


def word(term, words="cooperative"):
    return f'<a linktype="term" id="{term.pk}">{words}</a>'


def link(page, words="the rule"):
    return f'<a linktype="page" id="{page.pk}">{words}</a>'


@pytest.fixture
def module():
    return make_module("Forms")


# --- words of the glossary


def test_a_word_leads_to_its_explanation_on_the_page_itself(client, module, term):
    lesson = make_lesson(module, body=text("A", word(term), "is not a", word(term, "co-op"), "."))
    html = client.get(lesson.url).text
    assert '<a class="term" href="#term-cooperative" id="word-cooperative">cooperative</a>' in html
    assert '<a class="term" href="#term-cooperative">co-op</a>' in html
    assert html.count('id="term-cooperative"') == 1
    assert "<p>Owned by <b>those who use it</b>.</p>" in html
    assert "Words used here" in html


def test_a_word_that_changed_is_shown_as_it_is_now_and_of_one_that_is_gone_the_words_stay(client, module, term, at_once):
    lesson = make_lesson(module, body=text("A", word(term), "."))
    client.get(lesson.url)
    term.term, term.definition = "Co-operative", "<p>Otherwise said.</p>"
    with at_once():
        term.save()
    html = client.get(lesson.url).text
    assert ">Co-operative</dt>" in html
    assert "Otherwise said." in html
    assert ">cooperative</a>" in html
    with at_once():
        term.delete()
    html = client.get(lesson.url).text
    assert "A <a>cooperative</a> ." in html
    assert "Words used here" not in html


def test_explained_in_the_readers_language_else_in_another_and_said(client, module, term, at_once):
    french = Locale.objects.get_or_create(language_code="fr")[0]
    lesson = make_lesson(module, body=text("A", word(term), "."))
    other = translated(lesson, "fr")
    assert "in English" in client.get(other.url).text or "anglais" in client.get(other.url).text
    words = {"term": "Coopérative", "definition": "<p>À celles et ceux qui s’en servent.</p>"}
    with at_once():
        GlossaryTerm.objects.create(locale=french, translation_key=term.translation_key, **words)
    html = client.get(other.url).text
    assert "À celles et ceux" in html
    assert "Owned by" not in html


def test_outside_lessons_a_word_leads_to_the_glossary(client, section, term):
    page = WikiPageFactory(parent=section, locale=section.locale, body=text("A", word(term), "."))
    assert f'<a class="term" data-term="{term.pk}" href="/en/glossary/#cooperative">cooperative</a>' in client.get(page.url).text


def test_a_booklet_explains_each_lesson_once_without_the_same_name_twice(client, module, term):
    for number in range(2):
        make_lesson(module, f"Lesson {number}", body=text("A", word(term), "."))
    html = client.get(reverse("courses_module_print", args=[module.translation_key])).text
    names = [part.split('"')[0] for part in html.split(' id="')[1:]]
    assert len(names) == len(set(names))
    assert html.count("Words used here") == 2
    book = ZipFile(BytesIO(client.get(reverse("courses_module_epub", args=[module.translation_key])).content))
    chapter = book.read("book/chapter-2.xhtml").decode()
    assert "Words used here" in chapter
    assert "Owned by those who use it." in chapter
    pdf = client.get(reverse("courses_module_pdf", args=[module.translation_key])).content
    assert "Owned by those who use it." in " ".join(" ".join(one.text for one in extract(pdf, "book.pdf").passages).split())


def test_the_editor_keeps_a_word_and_proposes_it(client_for, trainer, term):
    html = f"<p>A {word(term)}.</p>"
    converter = ContentstateConverter(features=["link"])
    assert converter.to_database_format(converter.from_database_format(html)).count(f'<a linktype="term" id="{term.pk}">') == 1
    assert clean(html) == f'<p>A <a linktype="term" id="{term.pk}" rel="noopener noreferrer">cooperative</a>.</p>'
    found = client_for(trainer).get(reverse("wiki_suggest"), {"q": "coop"}).json()["pages"]
    assert [(one["term"], one["title"]) for one in found] == [(term.pk, "Cooperative")]


def test_the_cms_knows_where_a_word_is_used(module, term):
    lesson = make_lesson(module, body=text("A", word(term), "."))
    assert [found.object_id for found in ReferenceIndex.get_references_to(term)] == [str(lesson.pk)]


# --- links to the wiki


def test_a_link_says_how_fresh_its_page_is_as_soon_as_that_changes(client, module, page, trainer, at_once):
    lesson = make_lesson(module, body=text("See", link(page), "."))
    assert (
        f'<a href="{page.url}">the rule</a> <span class="fresh" data-state="never">(not verified yet)</span>' in client.get(lesson.url).text
    )
    with at_once():
        verify_page(page, by=trainer)
    day = timezone.localdate()
    assert f"(verified on {date_format(day, 'DATE_FORMAT')})" in client.get(lesson.url).text


def test_a_link_says_that_its_page_is_due(client, module, page, trainer):
    verify_page(page, by=trainer, at=timezone.now() - timedelta(days=800))
    lesson = make_lesson(module, body=text("See", link(page), "."))
    assert 'data-state="due">(to be verified again: last verified on ' in client.get(lesson.url).text


def test_nothing_is_said_of_a_page_that_the_reader_may_not_open(client, client_for, promoter, module, section, page):
    lesson = make_lesson(module, body=text("See", link(page), "."))
    PageViewRestriction.objects.create(page=section, restriction_type="login")
    closed = client.get(lesson.url).text
    assert "the rule" in closed
    assert "not verified yet" not in closed
    assert "not verified yet" in client_for(promoter).get(lesson.url).text
    for form in ("print", "epub"):
        answer = client.get(reverse(f"courses_module_{form}", args=[module.translation_key]))
        content = (
            answer.content
            if form == "print"
            else b"".join(ZipFile(BytesIO(answer.content)).read(name) for name in ZipFile(BytesIO(answer.content)).namelist())
        )
        assert b"not verified yet" not in content


def test_a_section_or_a_lesson_is_no_page_that_is_verified(client, module, section):
    other = make_lesson(module, "Other")
    html = client.get(make_lesson(module, body=text("See", link(section), link(other), ".")).url).text
    assert 'class="fresh"' not in html
    assert "data-page" not in html


def test_said_on_paper_too(client, module, page):
    make_lesson(module, "Rules", body=text("See", link(page), "."))
    book = ZipFile(BytesIO(client.get(reverse("courses_module_epub", args=[module.translation_key])).content))
    assert "the rule</a> (not verified yet)" in book.read("book/chapter-1.xhtml").decode()
    assert "(not verified yet)" in client.get(reverse("courses_module_print", args=[module.translation_key])).text


def test_costs_the_same_for_one_and_three(client_for, promoter, module, section, english):
    client = client_for(promoter)

    def count(number):
        terms = [GlossaryTermFactory(locale=english) for _one in range(number)]
        pages = [WikiPageFactory(parent=section, locale=english) for _one in range(number)]
        lesson = make_lesson(module, body=text(*(word(one) for one in terms), *(link(one) for one in pages)))
        client.get(lesson.url)
        with CaptureQueriesContext(connection) as captured:
            html = client.get(lesson.url).text
        assert html.count('class="fresh"') == html.count("<dt id=") == number
        return len(captured)

    found = [count(1), count(3)]
    assert found[0] == found[1] <= 12, found


# --- a whole module on one page


@pytest.mark.django_db(transaction=True)
def test_printing_a_module_costs_the_same_for_one_lesson_with_words_and_links_and_four(client, module, term, section):
    def lesson(number):
        other = GlossaryTermFactory(term=f"Word {number}", definition="<p>Said.</p>", locale=term.locale)
        page = WikiPageFactory(parent=section, title=f"Rule {number}", locale=section.locale)
        check = {"type": "check", "id": str(uuid4()), "value": [question("Which one?", ("This", True), ("That", False))]}
        make_lesson(module, f"Lesson {number}", body=[*text(word(term), word(other), link(page)), check])

    def printed():
        address = reverse("courses_module_print", args=[module.translation_key])
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            html = client.get(address).text
        return len(captured), html

    lesson(1)
    one, _html = printed()
    for number in (2, 3, 4):
        lesson(number)
    four, html = printed()
    assert four == one
    assert [f"Word {number}" in html and "Which one?" in html for number in (1, 2, 3, 4)] == [True] * 4
    assert html.count("(not verified yet)") == 4
    assert html.count('class="term"') == 8
