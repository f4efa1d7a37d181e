"""Questions into a quiz and out of it, in the CMS: bring a file, look at what it holds, choose, import; and the quiz as a GIFT file."""

from base64 import b64encode
from dataclasses import dataclass, replace

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods
from wagtail import hooks
from wagtail.admin import messages, widgets
from wagtail.rich_text import expand_db_html

from academy.files import picture_type
from academy.http import accepted
from academy.pictures import picture_size
from academy.rules import RuleViolation
from courses import actions
from courses.exchange import csv_table, gift_writer, stream
from courses.exchange.plain import MOST_QUESTIONS, Note, Picture, PlainQuestion
from courses.exchange.reading import LARGEST
from courses.forms import BringQuestionsForm, TakeQuestionsForm
from courses.grading import QuestionResult, mark
from courses.kinds import KINDS
from courses.models import QuestionImport, QuizPage
from courses.permissions import can_add_pictures, can_exchange_questions
from courses.questions import frozen_blocks

RECENT = 10
KIND_NAMES = {
    "single": gettext_lazy("One right answer"),
    "multiple": gettext_lazy("Several right answers"),
    "true_false": gettext_lazy("True or false"),
    "numeric": gettext_lazy("A number"),
    "short": gettext_lazy("A few words"),
    "match": gettext_lazy("Pairs to match"),
    "order": gettext_lazy("Steps to put in order"),
    "long": gettext_lazy("A text, marked by a trainer"),
}
WHAT_BECAME = {
    "added": gettext_lazy("added to the draft"),
    "here": gettext_lazy("already here, left out"),
    "not_chosen": gettext_lazy("not chosen"),
}
WHAT_NOTED = {"changed": gettext_lazy("changed"), "lost": gettext_lazy("not kept"), "left": gettext_lazy("not understood")}


@dataclass(frozen=True)
class Shown:
    """One question of the preview: as a learner has it, with the right answers in it, and what its author should know."""

    place: int
    question: PlainQuestion
    result: QuestionResult
    is_here: bool
    is_chosen: bool

    @property
    def kind(self) -> str:
        return KIND_NAMES[self.question.kind]

    @property
    def notes(self) -> list[dict]:
        return _noted(self.question.notes)


def _quiz(request: HttpRequest, page_id: int) -> QuizPage:
    quiz = get_object_or_404(QuizPage, pk=page_id)
    if not can_exchange_questions(request.user, quiz):
        raise Http404
    return quiz


def _context(quiz: QuizPage, title: str, icon: str) -> dict:
    edit = reverse("wagtailadmin_pages:edit", args=[quiz.pk])
    home = {"url": reverse("wagtailadmin_home"), "label": _("Home")}
    return {
        "quiz": quiz,
        "header_title": title,
        "header_icon": icon,
        "breadcrumbs_items": [home, {"url": edit, "label": quiz.get_admin_display_title()}, {"url": "", "label": title}],
    }


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, page_id: int) -> HttpResponse:
    """A file, or text that is pasted."""
    quiz = _quiz(request, page_id)
    form = BringQuestionsForm(request.POST, request.FILES) if request.method == "POST" else BringQuestionsForm()
    if request.method == "POST" and form.is_valid():
        name, content = form.brought()
        try:
            row = actions.bring_questions(quiz, content=content, name=name, by=request.user)
        except RuleViolation as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("courses_cms_questions", pk=row.pk)
    recent = QuestionImport.objects.for_user(request.user).filter(quiz=quiz).defer("content", "report").select_related("created_by")
    return render(
        request,
        "courses/cms/questions_start.html",
        {
            **_context(quiz, _("Import questions"), "upload"),
            "form": form,
            "recent": list(recent[:RECENT]),
            "most": {"size": LARGEST // 1024**2, "questions": MOST_QUESTIONS},
        },
    )


def _row(request: HttpRequest, pk) -> QuestionImport:
    rows = QuestionImport.objects.for_user(request.user).select_related("quiz", "quiz__locale", "created_by")
    row = get_object_or_404(rows, pk=pk)
    if not can_exchange_questions(request.user, row.quiz):
        raise Http404
    return row


@require_http_methods(["GET", "POST"])
def questions(request: HttpRequest, pk) -> HttpResponse:
    """What was brought, to choose from; once it is imported, its report."""
    row = _row(request, pk)
    if row.imported_at is not None:
        return _report(request, row)
    found = row.was_read
    here = stream.words_in(row.quiz.get_latest_revision_as_object().questions.raw_data)
    known = _known(found.questions, here)
    form = TakeQuestionsForm(request.POST if request.method == "POST" else None, **_asked(found.questions, known))
    may_add = can_add_pictures(request.user)
    if taken := accepted(form, lambda: actions.take_questions(row, **form.choices(), by=request.user, pictures=may_add)):
        return _to_the_editor(request, taken)
    if form.errors:
        messages.error(request, _("Not done. What is wrong is written beside the question."))
    chosen = form.chosen()
    context = {
        **_context(row.quiz, _("Import questions"), "upload"),
        "row": row,
        "form": form,
        "shown": _shown(found.questions, known, chosen, row.quiz.locale.language_code),
        "notes": _noted(found.notes),
        "here": len(known),
        "language": row.quiz.locale.language_code,
    }
    return render(request, "courses/cms/questions_preview.html", context)


def _known(found: tuple[PlainQuestion, ...], here: set[tuple]) -> frozenset[int]:
    """The places of those that are in the quiz, or that came before in the same file."""
    seen, known = set(here), set()
    for place, question in enumerate(found):
        if question.words in seen:
            known.add(place)
        seen.add(question.words)
    return frozenset(known)


def _asked(found: tuple[PlainQuestion, ...], known: frozenset[int]) -> dict:
    """What the form has to know of the file."""
    return {"known": known, "count": len(found), "categories": list(dict.fromkeys(question.category for question in found))}


def _shown(found: tuple[PlainQuestion, ...], known: frozenset[int], chosen: frozenset[int], language: str) -> list[Shown]:
    frozen = frozen_blocks([stream.as_block(question) for question in found], language=language)
    shown = []
    for place, (question, one) in enumerate(zip(found, frozen, strict=True)):
        if question.picture:
            one = {**one, "image": _inside(question.picture)}
        right = KINDS[one["kind"]].right(one)
        if "decimal" in one:
            question, right = _with_decimals(question, one["decimal"]), [text.replace(".", one["decimal"]) for text in right]
        result = mark([one], {one["id"]: right})[0]
        shown.append(Shown(place, question, result, place in known, place in chosen))
    return shown


def _with_decimals(question: PlainQuestion, sign: str) -> PlainQuestion:
    """Numbers as the language of the quiz writes them."""
    rows = [{**row, **{name: row[name].replace(".", sign) for name in ("value", "tolerance")}} for row in question.values["accepted"]]
    return replace(question, values={**question.values, "accepted": rows})


def _inside(picture: Picture) -> dict:
    """A picture that is not in the library yet, within the page."""
    kind = picture_type(picture.content)
    width, height = picture_size(picture.content, kind) or (0, 0)
    source = f"data:image/{'jpeg' if kind == 'jpg' else kind};base64,{b64encode(picture.content).decode('ascii')}"
    return {"src": source, "width": width, "height": height, "alt": picture.alt}


def _noted(notes: tuple[Note, ...] | list[Note]) -> list[dict]:
    return [{"line": note.line, "what": note.what, "word": WHAT_NOTED[note.what], "said": str(note.said)} for note in notes]


def _to_the_editor(request: HttpRequest, row: QuestionImport) -> HttpResponse:
    outcomes = [line["outcome"] for line in row.report["questions"]]
    told = _("Added to the draft: %(added)d. Already here: %(here)d. Left out: %(left)d. Look at the questions, then publish.") % {
        "added": outcomes.count("added"),
        "here": outcomes.count("here"),
        "left": outcomes.count("not_chosen") + sum(1 for note in row.report["notes"] if note["what"] == "left"),
    }
    messages.success(request, told, buttons=[messages.button(reverse("courses_cms_questions", args=[row.pk]), _("Report"))])
    return redirect("wagtailadmin_pages:edit", row.quiz_id)


def _told(row: QuestionImport) -> dict:
    lines = [
        {
            **line,
            "kind": KIND_NAMES[line["kind"]],
            "became": WHAT_BECAME[line["outcome"]],
            "notes": _noted([Note.from_json(note) for note in line["notes"]]),
        }
        for line in row.report["questions"]
    ]
    counts = [(WHAT_BECAME[outcome], sum(1 for line in lines if line["outcome"] == outcome)) for outcome in WHAT_BECAME]
    notes = _noted([Note.from_json(note) for note in row.report["notes"]])
    left = sum(1 for note in notes if note["what"] == "left")
    return {"lines": lines, "notes": notes, "counts": [*counts, (WHAT_NOTED["left"], left)]}


def _report(request: HttpRequest, row: QuestionImport) -> HttpResponse:
    context = {**_context(row.quiz, _("Import report"), "upload"), "row": row, **_told(row)}
    return render(request, "courses/cms/questions_report.html", context)


@require_GET
def report_file(request: HttpRequest, pk) -> HttpResponse:
    """The report as text, for a mail or for the folder of the file."""
    row = _row(request, pk)
    if row.imported_at is None:
        raise Http404
    response = render(request, "courses/cms/questions_report.txt", {"row": row, **_told(row)}, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{row.created_at:%Y-%m-%d-%H%M}.txt"'
    return response


@require_GET
def example_file(request: HttpRequest, language: str) -> HttpResponse:
    """A table with an example of each kind. The mark at its beginning tells a spreadsheet that it is UTF-8."""
    response = HttpResponse("\ufeff" + csv_table.template(language), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="questions-{"fr" if language == "fr" else "en"}.csv"'
    return response


def _written(quiz: QuizPage, which: str) -> gift_writer.Written:
    """The quiz as GIFT, `live` or its latest `draft`; links to our pages lead to the site."""
    page = quiz if which == "live" else quiz.get_latest_revision_as_object()
    raw = page.questions.raw_data
    pools = {block["value"].get("name") or "": block["value"].get("draw") or 1 for block in raw if block["type"] == "pool"}
    found = [(_with_whole_links(question), block) for question, block in stream.plain_of(raw)]
    return gift_writer.write(found, title=page.title, pools=pools)


def _with_whole_links(question: PlainQuestion) -> PlainQuestion:
    def whole(html: str) -> str:
        return expand_db_html(html).replace('href="/', f'href="{settings.BASE_URL.rstrip("/")}/') if "linktype" in html else html

    return stream.with_texts(question, prompt=whole(question.prompt), feedback=whole(question.feedback))


@require_GET
def export(request: HttpRequest, page_id: int) -> HttpResponse:
    """What the file will hold and what it cannot, before it is taken."""
    quiz = _quiz(request, page_id)
    which = [*(["live"] if quiz.live else []), *(["draft"] if quiz.has_unpublished_changes or not quiz.live else [])]
    names = {"live": _("The published quiz"), "draft": _("The draft")}
    versions = []
    for one in which:
        written = _written(quiz, one)
        address = reverse("courses_cms_questions_gift", args=[quiz.pk, one])
        versions.append({"name": names[one], "address": address, "count": written.count, "notes": _noted(written.notes)})
    return render(request, "courses/cms/questions_export.html", {**_context(quiz, _("Export as GIFT"), "download"), "versions": versions})


@require_GET
def export_file(request: HttpRequest, page_id: int, which: str) -> HttpResponse:
    quiz = _quiz(request, page_id)
    if which not in ("live", "draft") or (which == "live" and not quiz.live):
        raise Http404
    response = HttpResponse(_written(quiz, which).text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{quiz.slug}.gift.txt"'
    return response


@hooks.register("register_admin_urls")
def urls():
    return [
        path("learning/quizzes/<int:page_id>/import/", start, name="courses_cms_questions_start"),
        path("learning/quizzes/<int:page_id>/export/", export, name="courses_cms_questions_export"),
        path("learning/quizzes/<int:page_id>/export/<slug:which>.gift", export_file, name="courses_cms_questions_gift"),
        path("learning/questions/<uuid:pk>/", questions, name="courses_cms_questions"),
        path("learning/questions/<uuid:pk>/report.txt", report_file, name="courses_cms_questions_report"),
        path("learning/questions/example-<slug:language>.csv", example_file, name="courses_cms_questions_example"),
    ]


def _buttons(page, user) -> list[widgets.Button]:
    if not isinstance(page, QuizPage) or not can_exchange_questions(user, page):
        return []
    return [
        widgets.Button(_("Import questions"), reverse("courses_cms_questions_start", args=[page.pk]), icon_name="upload", priority=42),
        widgets.Button(_("Export as GIFT"), reverse("courses_cms_questions_export", args=[page.pk]), icon_name="download", priority=43),
    ]


@hooks.register("register_page_header_buttons")
def header_buttons(page, user, view_name, next_url=None):
    yield from _buttons(page, user)


@hooks.register("register_page_listing_more_buttons")
def listing_buttons(page, user, next_url=None):
    yield from _buttons(page, user)
