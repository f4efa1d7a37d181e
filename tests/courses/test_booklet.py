"""A module taken along: whole, in order, without what the reader may not open, and telling no answer."""

from io import BytesIO
from re import findall
from xml.etree import ElementTree
from zipfile import ZIP_STORED, ZipFile

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image
from wagtail.models import PageViewRestriction

from academy.extraction import extract
from academy.models import AcademyImage
from courses.checks import paper_of
from courses.epub import Chapter, epub_of
from courses.questions import questions_of
from tests.factories.courses import asked, item, make_lesson, make_module, make_quiz

pytestmark = pytest.mark.django_db
XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture
def module():
    module = make_module(title="Prices & wages", summary="What an hour costs.")
    make_lesson(module, title="First <things>", body=[("heading", {"text": "Why", "level": 2}), ("text", "<p>Because <b>it pays</b>.</p>")])
    make_quiz(module, title="Check it")
    return module


def take(client, module, what):
    return client.get(reverse(f"courses_module_{what}", args=[module.translation_key]))


def test_one_page_holds_the_whole_module_in_order(module, client):
    html = take(client, module, "print").content.decode()
    places = [html.index(words) for words in ("Prices &amp; wages", "First &lt;things&gt;", "Because <b>it pays</b>.", "Check it")]
    assert places == sorted(places)


def book_of(answer) -> ZipFile:
    return ZipFile(BytesIO(answer.content))


def test_epub_is_a_book_that_readers_open(module, client):
    answer = take(client, module, "epub")
    assert answer["Content-Type"] == "application/epub+zip"
    assert answer["Content-Disposition"] == 'attachment; filename="prices-wages.epub"'
    book = book_of(answer)
    first = book.infolist()[0]
    assert (first.filename, first.compress_type, book.read("mimetype")) == ("mimetype", ZIP_STORED, b"application/epub+zip")
    package = ElementTree.fromstring(book.read("book/package.opf"))  # noqa: S314 (our own)
    named = {item.get("href") for item in package.iter("{http://www.idpf.org/2007/opf}item")}
    assert {f"book/{name}" for name in named} | {"mimetype", "META-INF/container.xml", "book/package.opf"} == set(book.namelist())
    toc = ElementTree.fromstring(book.read("book/nav.xhtml"))  # noqa: S314
    assert [link.text for link in toc.iter(f"{XHTML}a")] == ["Prices & wages", "First <things>", "Check it"]
    lesson = ElementTree.fromstring(book.read("book/chapter-1.xhtml"))  # noqa: S314
    assert "".join(lesson.find(f"{XHTML}body").itertext()).split() == ["First", "<things>", "Why", "Because", "it", "pays."]


def test_pdf_has_the_words_of_every_chapter(module, client):
    answer = take(client, module, "pdf")
    assert answer.content.startswith(b"%PDF")
    words = " ".join(passage.text for passage in extract(answer.content, "module.pdf").passages)
    assert [part in words for part in ("Prices & wages", "First <things>", "Because it pays.", "Check it")] == [True] * 4


def test_paper_tells_no_answer(module):
    steps = [("order", {"prompt": "<p>Sort</p>", "items": ["b then", "a first"]})]
    pairs = [("match", {"prompt": "<p>Pair</p>", "pairs": [{"left": "one", "right": "z"}, {"left": "two", "right": "a"}], "decoys": ["m"]})]
    quiz = make_quiz(module, title="Order", questions=[*steps, *pairs])
    found = [(one["lines"], one["options"]) for one in map(paper_of, questions_of(quiz))]
    assert found == [([], ["a first", "b then"]), (["one", "two"], ["a", "m", "z"])]


def test_question_inside_a_lesson_stands_on_paper_without_its_answer(client):
    module = make_module(title="Prices")
    answers = [item({"text": text, "correct": text == "yes", "feedback": f"about {text}"}) for text in ("yes", "no")]
    check = [{"type": "check", "id": "5", "value": [asked("single", "Does it pay?", answers=answers)]}]
    make_lesson(module, title="First", body=check)
    printed = take(client, module, "print").content.decode()
    book = book_of(take(client, module, "epub")).read("book/chapter-1.xhtml").decode()
    for words in (printed, book):
        shown = [part in words for part in ("Does it pay?", "yes", "no", "about yes", "because of")]
        assert shown == [True, True, True, False, False]
    assert "<form" not in printed[printed.index("Does it pay?") :].partition("</article>")[0]


def drawn(name: str) -> AcademyImage:
    made = BytesIO()
    Image.new("RGB", (600, 300), "#0b6a5b").save(made, "PNG")
    return AcademyImage.objects.create(title=name, file=ContentFile(made.getvalue(), name=f"{name}.png"))


def alternatives(tag) -> list[str]:
    """What a screen reader says of the figures of a PDF, in order."""
    room = (pdfium.FPDF_WCHAR * 200)()
    size = pdfium.FPDF_StructElement_GetAltText(tag, room, 400)
    found = [bytes(room)[: size - 2].decode("utf-16-le")] if size > 2 else []
    for number in range(pdfium.FPDF_StructElement_CountChildren(tag)):
        child = pdfium.FPDF_StructElement_GetChildAtIndex(tag, number)
        found += alternatives(child) if child else []
    return found


def figures(content: bytes) -> list[str]:
    found, document = [], pypdfium2.PdfDocument(content)
    for page in document:
        tree = pdfium.FPDF_StructTree_GetForPage(page)
        for number in range(pdfium.FPDF_StructTree_CountChildren(tree)):
            found += alternatives(pdfium.FPDF_StructTree_GetChildAtIndex(tree, number))
        pdfium.FPDF_StructTree_Close(tree)
    return found


def test_pictures_of_questions_are_in_every_form_and_say_what_they_show(client):
    """In a quiz and in a lesson; one that is only there to please says nothing to a screen reader."""
    chart, map_, leaf = drawn("chart"), drawn("map"), drawn("leaf")
    module = make_module(title="Prices")
    shown = {"image": chart.pk, "alt_text": "A chart that goes up", "decorative": False}
    decoration = {"image": leaf.pk, "alt_text": "", "decorative": True}
    check = asked("short", "Where?", image={"image": map_.pk, "alt_text": "A map", "decorative": False}, accepted=[item({"text": "there"})])
    make_lesson(module, title="First", body=[{"type": "check", "id": "5", "value": [check]}])
    questions = [
        asked("short", prompt, image=image, accepted=[item({"text": "up"})]) for prompt, image in (("How?", shown), ("So?", decoration))
    ]
    make_quiz(module, title="Check it", questions=questions)
    printed = take(client, module, "print").content.decode()
    assert [alt for alt in findall(r'<img [^>]*alt="([^"]*)"', printed) if alt != "Smart"][-3:] == ["A map", "A chart that goes up", ""]
    book = book_of(take(client, module, "epub"))
    pages = book.read("book/chapter-1.xhtml").decode() + book.read("book/chapter-2.xhtml").decode()
    pictures = findall(r'<img src="([^"]+)" alt="([^"]*)"/>', pages)
    assert [alt for _name, alt in pictures] == ["A map", "A chart that goes up", ""]
    assert all(book.read(f"book/{name}").startswith(b"\xff\xd8") for name, _alt in pictures)
    assert figures(take(client, module, "pdf").content) == ["A map", "A chart that goes up"]


def test_what_a_reader_may_not_open_is_in_no_form(module, client, promoter, client_for):
    secret = make_lesson(module, title="Members alone", body=[("text", "<p>inside</p>")])
    PageViewRestriction.objects.create(page=secret, restriction_type=PageViewRestriction.LOGIN)
    for what in ("print", "epub"):
        assert take(client_for(promoter), module, what).status_code == 200
    book = book_of(take(client, module, "epub"))
    assert not any(b"Members alone" in book.read(name) for name in book.namelist())
    assert "Members alone" not in take(client, module, "print").content.decode()
    assert "Members alone" in take(client_for(promoter), module, "print").content.decode()


def test_closed_module_is_for_who_may_read_it(module, client, promoter, client_for):
    PageViewRestriction.objects.create(page=module, restriction_type=PageViewRestriction.LOGIN)
    assert [take(client, module, what).status_code for what in ("print", "pdf", "epub")] == [302, 302, 302]
    assert take(client_for(promoter), module, "print").status_code == 200
    module.unpublish()
    assert [take(client, module, what).status_code for what in ("print", "pdf", "epub")] == [404, 404, 404]


def test_same_book_twice_and_nothing_typed_is_markup():
    given = {"identifier": "urn:x", "language": "en", "title": "<T>", "about": ["a & b"], "pictures": {}, "modified": None, "contents": "C"}
    words = [{"text": "<script>", "marks": ["bold"], "href": 'https://x.example/?a="b"&c'}, {"break": True}]
    table = {"kind": "table", "caption": "", "heads": ["", "h"], "numbers": [False, True], "rows": [[words, words]], "row_heads": True}
    chapter = Chapter("One", [{"kind": "paragraph", "words": words}, table, {"kind": "contents"}])
    content = epub_of(**given, chapters=[chapter])
    assert content == epub_of(**given, chapters=[chapter])
    page = ElementTree.fromstring(ZipFile(BytesIO(content)).read("book/chapter-1.xhtml"))  # noqa: S314
    assert [link.get("href") for link in page.iter(f"{XHTML}a")] == ['https://x.example/?a="b"&c'] * 3
    assert [link.find(f"{XHTML}strong").text for link in page.iter(f"{XHTML}a")] == ["<script>"] * 3


def queries(client, module, what, count):
    take(client, module, what)
    with count() as found:
        take(client, module, what)
    return len(found)


def test_constant_queries(module, client, django_assert_max_num_queries):
    few = queries(client, module, "print", lambda: django_assert_max_num_queries(30))
    for number in range(3):
        make_lesson(module, title=f"More {number}", body=[("text", "<p>x</p>")])
    assert queries(client, module, "print", lambda: django_assert_max_num_queries(30)) == few


@pytest.mark.parametrize("counted", [{"time_limit": 20}, {"attempts_allowed": 1}, {"grading": "first"}])
def test_questions_whose_time_or_attempts_are_counted_are_in_no_form(client, counted):
    """Whoever had them on paper first would have all the time that they want."""
    module = make_module(title="Prices")
    make_quiz(
        module,
        title="The exam",
        summary="Take your time.",
        questions=[asked("short", "Which form?", accepted=[item({"text": "x"})])],
        **counted,
    )
    printed = take(client, module, "print").content.decode()
    book = book_of(take(client, module, "epub")).read("book/chapter-1.xhtml").decode()
    for words in (printed, book):
        assert [part in words for part in ("The exam", "Take your time.", "Which form?")] == [True, True, False]
