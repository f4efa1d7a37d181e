"""The results of a reading in the CMS: the cohort as a heat-map, two to four projects beside each other; the same numbers as files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from wagtail.admin import messages

from academy.cms_verbs import crumbs
from academy.http import render_around
from academy.permissions import is_coordinator
from academy.sheets import FORMATS, sheet
from academy.ui import Series
from cohorts.models import ApplicationState, Cohort, Level, ReviewRound, RubricPart
from cohorts.results import MEASURES, READ_STATES, SORTS, Cell, Line, Results, in_order, results_of, rounds_of

SIZES = (200, 100, 50)  # the first is the usual one
MOST_COMPARED = 4
SLIGHT = 0.5  # under half a level nobody sees a difference


class ResultsForm(forms.Form):
    """Which projects, in which colours. Unknown values are the usual ones: a saved address never fails."""

    round = forms.ChoiceField(label=gettext_lazy("Round"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    only = forms.ChoiceField(
        label=gettext_lazy("Which"),
        required=False,
        choices=[
            ("", gettext_lazy("All")),
            ("discuss", gettext_lazy("To discuss")),
            ("incomplete", gettext_lazy("Assessments missing")),
            ("complete", gettext_lazy("Assessments complete")),
        ],
    )
    shade = forms.ChoiceField(
        label=gettext_lazy("Shades show"),
        required=False,
        choices=[
            ("gap", gettext_lazy("the gap between project and reviewers")),
            ("mean", gettext_lazy("the mean of the reviewers")),
            ("spread", gettext_lazy("how far apart the reviewers are")),
        ],
    )
    size = forms.TypedChoiceField(label=gettext_lazy("Rows"), required=False, coerce=int, choices=[(n, str(n)) for n in SIZES])

    def __init__(self, data: QueryDict, results: Results):
        super().__init__(data)
        if len(results.rounds) < 2:
            del self.fields["round"]
        else:
            self.fields["round"].choices = [(row.number, str(row.number)) for row in results.rounds]
            self.initial["round"] = results.round.number
        states = [(value, label) for value, label in ApplicationState.choices if value in READ_STATES]
        countries = sorted({line.country for line in results.lines} - {""}, key=str.casefold)
        self.fields["state"].choices = [("", _("All")), *states]
        self.fields["country"].choices = [("", _("All")), *((name, name) for name in countries)]
        self.full_clean()

    def asked(self, name: str, usual: str = "") -> str:
        return self.cleaned_data.get(name) or usual

    def holds(self, line: Line, wanted: int) -> bool:
        only = self.asked("only")
        return (
            self.asked("state", line.state) == line.state
            and self.asked("country", line.country) == line.country
            and (only != "discuss" or line.apart > 0)
            and (only not in ("incomplete", "complete") or (line.reviews < wanted) == (only == "incomplete"))
        )


@dataclass(frozen=True)
class Shown:
    """What is on the page: the lines that were asked for, in the order that was asked for."""

    results: Results
    form: ResultsForm
    lines: list[Line]
    sort: str
    shade: str

    @property
    def size(self) -> int:
        return self.form.cleaned_data.get("size") or SIZES[0]


def _round(request: HttpRequest) -> int | None:
    number = request.GET.get("round", "")
    return int(number) if number.isdecimal() and len(number) < 5 else None


def _asked_for(request: HttpRequest, cohort: Cohort, rounds: list[ReviewRound]) -> Shown:
    results = results_of(cohort, reader=request.user, number=_round(request), rounds=rounds)
    form = ResultsForm(request.GET, results)
    shade = form.asked("shade", "gap")
    lines = [line for line in results.lines if form.holds(line, results.wanted)]
    sort = request.GET.get("sort", "project")
    name, down = sort.removeprefix("-"), sort.startswith("-")
    keys = dict(SORTS)
    for place, part in enumerate(results.parts):
        keys[part.key] = lambda line, place=place: MEASURES[shade](line.cells[place])
    if name in keys:
        lines = in_order(lines, keys[name], down=down)
    return Shown(results, form, lines, sort, shade)


def cohort_or_404(request: HttpRequest, pk) -> Cohort:
    """Only coordinators read what reviewers say of a whole cohort."""
    if not is_coordinator(request.user):
        raise Http404
    return get_object_or_404(Cohort.objects.for_user(request.user).select_related("rubric"), pk=pk)


def cohort_crumbs(cohort: Cohort, *more: tuple[str, str]) -> list[dict]:
    return crumbs((_("Cohorts"), reverse("cohorts:index")), (str(cohort), reverse("cohorts_cms_cohort", args=[cohort.pk])), *more)


def _read_or_404(request: HttpRequest, pk) -> tuple[Cohort, list[ReviewRound]]:
    """The cohort with its rounds: one query, two where it has none yet."""
    if is_coordinator(request.user) and (rounds := rounds_of(Cohort.objects.for_user(request.user), pk)):
        return rounds[0].cohort, rounds
    return cohort_or_404(request, pk), []


@require_GET
def results(request: HttpRequest, pk) -> HttpResponse:
    """The heat-map, or exactly the rows that it shows as a file (`?export=csv`, `?export=xlsx`)."""
    cohort, rounds = _read_or_404(request, pk)
    shown = _asked_for(request, cohort, rounds)
    kind = request.GET.get("export")
    if kind in FORMATS:
        return sheet(kind, f"{cohort} results", _table(shown))
    page = Paginator(shown.lines, shown.size).get_page(request.GET.get("page"))
    found = shown.results
    context = {
        "cohort": cohort,
        "results": found,
        "form": shown.form,
        "page": page,
        "columns": _columns(request, shown),
        "reviews_in": sum(line.reviews for line in found.lines),
        "reviews_wanted": found.wanted * len(found.lines),
        "exports": [(name.upper(), f"?{_query(request, export=name)}") for name in FORMATS],
        "most": MOST_COMPARED,
        "header_title": _("Results of the reading"),
        "header_icon": "table",
        "breadcrumbs_items": cohort_crumbs(cohort, (_("Results of the reading"), "")),
    }
    return render_around(request, "cohorts/cms/results.html", context, rows=_html_rows(shown, page.object_list))


def _query(request: HttpRequest, **more: str) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    query.pop("project", None)
    for name, value in more.items():
        query[name] = value
    return query.urlencode()


@dataclass(frozen=True)
class Column:
    """A heading that sorts: `order` is how the table stands by it now (ascending, descending, none)."""

    label: str
    address: str
    order: str
    kind: str = ""


def _columns(request: HttpRequest, shown: Shown) -> list[Column]:
    """Numbers are first sorted from the highest, names from A."""
    heads = [
        ("project", _("Project"), ""),
        ("reviews", _("Assessments"), ""),
        ("mean", _("Mean"), ""),
        ("spread", _("Range"), ""),
        ("discuss", _("To discuss"), ""),
        *((part.key, str(part.label), part.get_kind_display()) for part in shown.results.parts),
    ]
    columns = []
    for name, label, kind in heads:
        first, second = (name, f"-{name}") if name == "project" else (f"-{name}", name)
        to = second if shown.sort == first else first
        order = "none" if shown.sort not in (first, second) else "descending" if shown.sort.startswith("-") else "ascending"
        columns.append(Column(label, f"?{_query(request, sort=to)}", order, kind))
    return columns


# --- the numbers in words


@lru_cache(maxsize=1000)
def _written(value: float, _language: str) -> str:
    """As the language writes it. There are few different ones, and thousands of cells."""
    return number_format(value, 1)


def number(value: float | None) -> str:
    return "–" if value is None else _written(round(value, 1), get_language())


def signed(value: float | None) -> str:
    """`+0.8`, `−1.2`, `=` where nobody sees a difference."""
    if value is None:
        return ""
    return "=" if abs(value) < SLIGHT else f"{'+' if value > 0 else '−'}{number(abs(value))}"


def between(low: int | None, high: int | None) -> str:
    return "" if low is None or high is None else str(low) if low == high else f"{low}–{high}"


def step_of(cell: Cell, shade: str) -> str:
    """Which shade: `up-2` the project sees itself higher, `down-1` lower; `level-3` of four; empty for none."""
    value = MEASURES[shade](cell)
    if value is None:
        return ""
    if shade != "gap":
        return f"level-{round(value)}"
    return "" if abs(value) < SLIGHT else f"{'up' if value > 0 else 'down'}-{min(3, round(abs(value) + 0.01))}"


def _html_rows(shown: Shown, lines: list[Line]) -> bytes:
    """The rows as they are sent: there may be two hundred of ten cells each, so words around a cell are made once."""
    states = {value: escape(str(label)) for value, label in ApplicationState.choices}
    compare, discuss, owed = (escape(words) for words in (_("Compare"), _("to discuss"), _("after your own assessment")))
    place = reverse("cohorts_cms_reading", args=["00000000-0000-0000-0000-000000000000"])
    before, after = place.split("00000000-0000-0000-0000-000000000000")
    made: dict[Cell, str] = {}
    wanted, html = shown.results.wanted, []
    for line in lines:
        name, key = escape(line.project), line.pk
        html.append(
            f'<tr><th scope="row"><label><input type="checkbox" name="project" value="{key}" aria-label="{compare}: {name}"></label> '
            f'<a href="{before}{key}{after}">{name}</a><br><small>{escape(line.country)} · {states[line.state]}</small></th>'
        )
        short = ' class="late"' if line.reviews < wanted else ""
        html.append(f"<td{short}>{line.reviews} / {wanted}</td>")
        if line.is_hidden:
            html.append(f'<td colspan="3"><small>{owed}</small></td>')
        else:
            apart = f"<b>◆ {line.apart}</b>" if line.apart else "–"
            html.append(f"<td><b>{number(line.mean)}</b></td><td>{between(line.low, line.high) or '–'}</td><td>{apart}</td>")
        for cell in line.cells:
            if cell not in made:
                made[cell] = _html_cell(cell, shown.shade, discuss)
            html.append(made[cell])
        html.append("</tr>\n")
    return "".join(html).encode()


def _html_cell(cell: Cell, shade: str, discuss: str) -> str:
    step, gap = step_of(cell, shade), cell.gap
    html = f'<td data-step="{step}"><b>{number(cell.mean)}</b> <small>{between(cell.low, cell.high)}</small>'
    if gap is not None:
        mark = "" if abs(gap) < SLIGHT else f'<span aria-hidden="true">{"▲" if gap > 0 else "▼"}</span>'
        html += f"<br>{mark}{signed(gap)}"
    if cell.apart:
        html += f' <small class="apart"><span aria-hidden="true">◆</span><span class="w-sr-only"> {discuss}</span></small>'
    return html + "</td>"


def _table(shown: Shown) -> Iterator[list]:
    """Every line that was asked for, on however many pages; each part in the three numbers of its cell."""
    words = (_("mean of the reviewers"), _("the project itself"), _("gap"), _("lowest"), _("highest"), _("criteria to discuss"))
    yield [
        _("Project"), _("Country"), _("State"), _("Assessments"), _("Assessments needed"), _("Mean"), _("Lowest"), _("Highest"),
        _("Criteria to discuss"), _("Cannot judge"), *(f"{part.label}: {word}" for part in shown.results.parts for word in words),
    ]  # fmt: skip
    states = dict(ApplicationState.choices)
    for line in shown.lines:
        cells = [
            value
            for cell in line.cells
            for value in (_rounded(cell.mean), _rounded(cell.own), _rounded(cell.gap), cell.low, cell.high, cell.apart)
        ]
        yield [
            line.project, line.country, str(states[line.state]), line.reviews, shown.results.wanted, _rounded(line.mean), line.low, line.high,
            line.apart, line.unjudged, *cells,
        ]  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


# --- two to four projects beside each other


def outlines(parts: list[RubricPart], cells: tuple[Cell, ...], *, kind: str) -> list[Series]:
    """The two voices of one project over its pillars, or its ingredients: the reviewers drawn full, the project dashed."""
    found = []
    for name, dashed, value in ((_("Reviewers"), False, "mean"), (_("The project"), True, "own")):
        levels = {
            str(part.label): None if getattr(cell, value) is None else getattr(cell, value) / Level.HIGHEST
            for part, cell in zip(parts, cells, strict=True)
            if part.kind == kind
        }
        if any(level is not None for level in levels.values()):
            found.append(Series(name, dashed, levels))
    return found


@require_GET
def compare(request: HttpRequest, pk) -> HttpResponse:
    """The projects that were ticked on the heat-map (`?project=…&project=…`), each with its radars, and one table of all numbers."""
    cohort, rounds = _read_or_404(request, pk)
    ticked = request.GET.getlist("project")
    found = results_of(cohort, reader=request.user, number=_round(request), rounds=rounds)
    lines = [line for line in found.lines if str(line.pk) in ticked]
    if not 2 <= len(lines) <= MOST_COMPARED:
        messages.error(request, _("Tick two, three or four projects to see them beside each other."))
        return redirect(f"{reverse('cohorts_cms_results', args=[cohort.pk])}?{_query(request)}")
    kind = request.GET.get("export")
    if kind in FORMATS:
        return sheet(kind, f"{cohort} comparison", _comparison_table(found, lines))
    context = {
        "cohort": cohort,
        "results": found,
        "projects": [
            (line, outlines(found.parts, line.cells, kind="pillar"), outlines(found.parts, line.cells, kind="ingredient")) for line in lines
        ],
        "rows": [(part, [(_shown_cell(line.cells[place])) for line in lines]) for place, part in enumerate(found.parts)],
        "facts": _facts(found, lines),
        "exports": [(name.upper(), f"?{request.GET.urlencode()}&export={name}") for name in FORMATS],
        "back": f"{reverse('cohorts_cms_results', args=[cohort.pk])}?{_query(request)}",
        "header_title": _("Projects beside each other"),
        "header_icon": "table",
        "breadcrumbs_items": cohort_crumbs(
            cohort, (_("Results of the reading"), reverse("cohorts_cms_results", args=[cohort.pk])), (_("Comparison"), "")
        ),
    }
    return render(request, "cohorts/cms/results_compare.html", context)


def _shown_cell(cell: Cell) -> dict:
    return {
        "cell": cell,
        "step": step_of(cell, "gap"),
        "mean": number(cell.mean),
        "own": number(cell.own),
        "gap": signed(cell.gap),
        "range": between(cell.low, cell.high),
        "is_higher": (cell.gap or 0) > 0,
    }


def _facts(found: Results, lines: list[Line]) -> list[tuple[str, list[str]]]:
    return [
        (_("Country"), [line.country for line in lines]),
        (_("Assessments"), [f"{line.reviews} / {found.wanted}" for line in lines]),
        (_("Mean"), [number(line.mean) for line in lines]),
        (_("Range"), [between(line.low, line.high) or "–" for line in lines]),
        (_("Criteria to discuss"), [str(line.apart) for line in lines]),
        (_("Cannot judge"), [str(line.unjudged) for line in lines]),
    ]


def _comparison_table(found: Results, lines: list[Line]) -> Iterator[list]:
    heads = [
        format_lazy("{}: {}", line.project, word)
        for line in lines
        for word in (_("mean of the reviewers"), _("the project itself"), _("gap"))
    ]
    yield [_("Part of the rubric"), *heads]
    for place, part in enumerate(found.parts):
        cells = [line.cells[place] for line in lines]
        yield [str(part.label), *(_rounded(value) for cell in cells for value in (cell.mean, cell.own, cell.gap))]
