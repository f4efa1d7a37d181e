"""Item analysis of a quiz in the CMS: over the first attempt of each person, what each question says of who knows."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from wagtail.models import Page

from academy.cms_verbs import crumbs
from academy.sheets import FORMATS, sheet
from courses.analysis import FEW, Analysis, Item, Sitting, analyse
from courses.cms import specific_activity_page
from courses.cms_progress import require_follower
from courses.grading import mark
from courses.models import QuizAttempt, QuizPage
from courses.reports import in_words
from courses.syllabus import in_reading_order

MOST = 2000  # the last so many first attempts: more would say the same
HINTS = {
    "few": gettext_lazy("Too few answers to say anything sure."),
    "against": gettext_lazy(
        "Those who do well elsewhere miss it more than the others: look at its wording, and at the answer that counts."
    ),
    "easy": gettext_lazy("Almost everybody finds it: it confirms, but does not tell who has understood."),
    "hard": gettext_lazy("Few find it: is it taught, and is the answer that counts the right one?"),
    "weak": gettext_lazy("It hardly tells who has understood from who has not."),
    "fair": gettext_lazy("It helps to tell who has understood."),
    "good": gettext_lazy("It tells well who has understood."),
}


def _first_attempts():
    """Of each person the first, handed in; of those who were erased too: nothing in it names them."""
    return QuizAttempt.objects.filter(number=1).exclude(state=QuizAttempt.State.OPEN)


def _sittings(key: UUID) -> list[Sitting]:
    rows = _first_attempts().filter(quiz_key=key).order_by("-submitted_at")
    values = rows.values_list("questions", "answers", "marks", "language", "started_at", "submitted_at")[:MOST]
    return [
        Sitting(mark(questions, answers, marks), language, (submitted_at - started_at).total_seconds())
        for questions, answers, marks, language, started_at, submitted_at in reversed(values)
    ]


def _percent(share: float | None) -> str:
    return "" if share is None else f"{round(share * 100)} %"


def language_name(code: str) -> str:
    return get_language_info(code)["name_local"] if code else ""


@require_GET
def quizzes(request: HttpRequest) -> HttpResponse:
    """Every quiz that somebody has handed in."""
    require_follower(request)
    counts = dict(_first_attempts().order_by().values("quiz_key").annotate(n=Count("pk")).values_list("quiz_key", "n"))
    titles: dict[UUID, str] = {}
    for key, words in in_reading_order(Page.objects.filter(translation_key__in=counts)).values_list("translation_key", "title"):
        titles.setdefault(key, words)
    lines = sorted(((titles[key], key, counts[key]) for key in counts if key in titles), key=lambda line: line[0].casefold())
    title = _("Analysis of quizzes")
    context = {"lines": lines, "header_title": title, "header_icon": "help", "breadcrumbs_items": crumbs((title, ""))}
    return render(request, "courses/cms/quizzes.html", context)


@require_GET
def analysis(request: HttpRequest, key: UUID) -> HttpResponse:
    require_follower(request)
    quiz = specific_activity_page(key)
    if not isinstance(quiz, QuizPage):
        raise Http404
    found = analyse(_sittings(key))
    kind = request.GET.get("export")
    if kind in FORMATS:
        return sheet(kind, f"{quiz.title} analysis", _table(found))
    context = {
        "quiz": quiz,
        "analysis": found,
        "few": FEW,
        "most": MOST,
        "mean": _percent(found.mean),
        "median": in_words(found.median_seconds or 0),
        "items": [_shown(item) for item in found.items],
        "exports": [(name.upper(), f"?export={name}") for name in FORMATS],
        "header_title": quiz.title,
        "header_icon": "help",
        "breadcrumbs_items": crumbs((_("Analysis of quizzes"), reverse("courses_cms_quizzes")), (quiz.title, "")),
    }
    return render(request, "courses/cms/analysis.html", context)


def _shown(item: Item) -> dict:
    return {
        "item": item,
        "language": language_name(item.language),
        "facility": _percent(item.facility),
        "discrimination": "" if item.discrimination is None else f"{item.discrimination:.2f}",
        "hint": HINTS[item.hint],
        "choices": [(one, _percent(one.count / item.asked)) for one in item.choices],
    }


def _table(found: Analysis) -> Iterator[list]:
    yield [
        _("Question"), _("Kind"), _("Language"), _("Wording"), _("Asked"), _("Not answered"), _("Facility"), _("Discrimination"),
        _("What it means"), _("Answers"),
    ]  # fmt: skip
    for item in found.items:
        yield [
            strip_tags(item.question["prompt"]), item.question["kind"], item.language, _("asked now") if item.is_current else _("earlier"),
            item.asked, item.unanswered, item.facility if item.facility is None else round(item.facility, 3),
            None if item.discrimination is None else round(item.discrimination, 3), str(HINTS[item.hint]),
            "; ".join(f"{one.text}{' ✓' if one.right else ''} ({one.count})" for one in item.choices),
        ]  # fmt: skip
