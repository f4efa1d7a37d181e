"""The search page, what it proposes as one types, and that a hit was opened."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from wagtail.models import Page

from academy.privacy import hidden_for
from academy.search import engine, log
from academy.search.query import Query, cleaned_text, parsed
from academy.search.reader import reader_for
from academy.search.registry import kinds, name_of
from academy.search.results import CHANGED, Asked, address_of, entries_with_what_they_need, languages_of_the_index, search, sections_for
from academy.search.words import folded, tokens

SUGGESTIONS = 8
FRESHNESS = ("verified", *CHANGED)


def asked_in(request: HttpRequest, sections: tuple[tuple[int, str, str], ...]) -> tuple[Asked, str]:
    """The search that an address says, and the number of its section; what makes no sense there is left out."""

    def one(name: str) -> str:
        return cleaned_text(request.GET.get(name, ""))

    section, path = one("section"), ""
    if section.isdecimal() and len(section) < 12:
        path = next((path for pk, _title, path in sections if pk == int(section)), "") or _path_of(request, int(section))
    language, kind, fresh = one("language"), one("kind"), one("fresh")
    asked = Asked(
        text=one("q"),
        language=get_language()[:2],
        kind=kind if kind in kinds() else "",
        of_language=language if language == "all" or language in dict(settings.LANGUAGES) or language in languages_of_the_index() else "",
        section=path,
        fresh=fresh if fresh in FRESHNESS else "",
        page=one("page") or "1",
    )
    return asked, section if path else ""


def _path_of(request: HttpRequest, pk: int) -> str:
    """Any page can be a section to search in, for those who may read it."""
    return hidden_for(request).exclude_from(Page.objects.live().filter(pk=pk)).values_list("path", flat=True).first() or ""


@require_GET
def results(request: HttpRequest) -> HttpResponse:
    reader = reader_for(request)
    sections = sections_for(request, reader, get_language()[:2])
    asked, section = asked_in(request, sections)
    found = search(asked, reader)
    token = ""
    if found.query and asked.page == "1" and not asked.is_narrowed:
        token = log.note(found.query.text, language=asked.language, results=0 if found.has_some_words else found.total)
    context = {
        "asked": asked,
        "found": found,
        "token": token,
        "sections": sections,
        "section": section,
        "languages": tuple((code, label) for code, label in settings.LANGUAGES if code != asked.language),
        "facets": [
            (label, count, _with(request, kind="" if key == asked.kind else key), key == asked.kind) for key, label, count in found.facets
        ],
        "without_kind": _with(request, kind=""),
        "everywhere": _with(request, language="all"),
        "unfiltered": "?" + urlencode({"q": asked.text}),
        "nearest": [(text, "?" + urlencode({"q": text})) for text in found.nearest],
        "ask": _ask(asked.text),
    }
    return render(request, "search/search.html", context)


def _with(request: HttpRequest, **changes: str) -> str:
    """This search with one filter changed, from its first page."""
    parts = {**{name: value for name, value in request.GET.items() if value}, **changes}
    parts.pop("page", None)
    return "?" + urlencode({name: cleaned_text(value) for name, value in parts.items() if value})


def _ask(text: str) -> str:
    """Where a question is asked, with these words in it."""
    return f"{reverse('question_ask')}?{urlencode({'q': text})}"


@require_GET
def suggest(request: HttpRequest) -> JsonResponse:
    """Titles that what is typed may become; the last word may not be finished. Not logged: these are keystrokes."""
    text = cleaned_text(request.GET.get("q", ""))
    typed = [folded(token.word) for token in tokens(text)]
    found = []
    if typed and len("".join(typed)) > 1:
        language = get_language()[:2]
        ends = text[-1:].isalnum()
        whole, last = (typed[:-1], typed[-1]) if ends else (typed, "")
        query = parsed(" ".join(whole), tuple(dict.fromkeys([language, *languages_of_the_index()])), small_words_of=language)
        query = Query(text, query.must, (), " ".join(typed)[:120])
        keys = engine.begun(query, last, reader_for(request), first=language, most=SUGGESTIONS)
        rows = entries_with_what_they_need(keys) if keys else {}
        found = [
            {"title": row.title, "language": row.language, "href": address_of(row), "kind": str(name_of(row.owner))}
            for row in (rows[key] for key in keys if key in rows)
        ]
    response = JsonResponse({"suggestions": found})
    response.headers["Cache-Control"] = "private, max-age=60"
    response.headers["Vary"] = "Cookie"
    return response


@csrf_exempt
@require_POST
def opened(request: HttpRequest) -> HttpResponse:
    """A hit was opened: said by the script of the page with the token of its search. It changes nothing else, and tells nothing."""
    place = request.POST.get("place", "")
    log.opened(request.POST.get("token", "")[:200], int(place) if place.isdecimal() and len(place) < 5 else 0)
    return HttpResponse(status=204)
