"""The report of a cohort for the board: a page that prints, the same as PDF, and the rows behind each of its figures."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import floatformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from academy.charts import radar, share_words
from academy.cldr import reader_language
from academy.privacy import hidden_for
from academy.sheets import FORMATS, sheet
from cohorts.board_report import Chapter, Figure, PillarLine, Report, report_of
from cohorts.cms_results import cohort_crumbs, cohort_or_404
from cohorts.models import Cohort, Level
from cohorts.world_map import VIEWS
from wiki.exports import Elsewhere
from wiki.printing import Printer, pdf_from

WORLD = Path(settings.PROJECT_DIR) / "static" / "img" / "world.svg"
PAPER_LAND, PAPER_ASKED, PAPER_HERE = "#d8dbd7", "#9aa0aa", "#191b20"


@require_safe
def report(request: HttpRequest, pk) -> HttpResponse:
    """The whole report; `?export=pdf` is the same on paper."""
    cohort = cohort_or_404(request, pk)
    found = report_of(cohort, reader=request.user)
    if request.GET.get("export") == "pdf":
        response = HttpResponse(_pdf(request, found), content_type="application/pdf")
        response.headers["Content-Disposition"] = f'attachment; filename="{slugify(str(cohort)) or "cohort"}.pdf"'
        return response
    context = {
        "cohort": cohort,
        "report": found,
        "view": VIEWS["world"],
        "pillar_rows": [(line, *_pillar_words(line)) for line in found.pillars],
        "top": Level.HIGHEST,
        "today": timezone.localdate(),
        "header_title": _("Report to the board"),
        "header_icon": "doc-full",
        "breadcrumbs_items": cohort_crumbs(cohort, (_("Report to the board"), "")),
    }
    return render(request, "cohorts/cms/board_report.html", context)


@require_safe
def rows(request: HttpRequest, pk, figure: str) -> HttpResponse:
    """Exactly what one figure counts; as a file too."""
    cohort = cohort_or_404(request, pk)
    found = report_of(cohort, reader=request.user).figure(figure)
    if found is None:
        raise Http404
    if request.GET.get("export") in FORMATS:
        table = [[found.label, _("Details"), _("Amount")], *([row.label, row.detail, row.amount] for row in found.rows)]
        return sheet(request.GET["export"], f"{cohort} {found.label}", table)
    context = {
        "cohort": cohort,
        "figure": found,
        "has_amounts": any(row.amount is not None for row in found.rows),
        "exports": [(name.upper(), f"?export={name}") for name in FORMATS],
        "header_title": found.label,
        "header_icon": "list-ul",
        "breadcrumbs_items": cohort_crumbs(
            cohort, (_("Report to the board"), reverse("cohorts_cms_report", args=[cohort.pk])), (found.label, "")
        ),
    }
    return render(request, "cohorts/cms/board_rows.html", context)


def _pillar_words(line: PillarLine) -> tuple[str, str, str]:
    before, after = (share_words(None if value is None else value / Level.HIGHEST, Level.HIGHEST) for value in (line.before, line.after))
    return before, after, "—" if line.change is None else _signed(line.change)


def _signed(change: float) -> str:
    """Rounded as what stands beside it; what rounds to nought has no sign."""
    words = floatformat(abs(change), 1)
    if words == floatformat(0, 1):
        return words
    return ("+" if change > 0 else "−") + words


# --- on paper


def _pdf(request: HttpRequest, found: Report) -> bytes:
    printer = Printer(Elsewhere(request, hidden_for(request)))
    blocks = [*printer.blocks(_words(request, found)), *_map(request, printer, found)]
    for part in (found.decisions, found.statuses):
        blocks += printer.blocks(_chapter(request, found.cohort, part))
    blocks += _pillars(request, printer, found)
    for session, chapter in found.sessions:
        blocks += printer.blocks(_chapter(request, found.cohort, chapter, f"{chapter.title} · {session.place}"))
    blocks += printer.blocks(_chapter(request, found.cohort, found.time))
    facts = [
        date_format(timezone.localdate(), "DATE_FORMAT"),
        _("Coordinator: %(name)s") % {"name": found.cohort.coordinator},
        request.build_absolute_uri(reverse("cohorts_cms_report", args=[found.cohort.pk])),
    ]
    return pdf_from(
        printer,
        title=_("Report to the board: %(cohort)s") % {"cohort": found.cohort},
        summary=_("Each number leads to the rows that it counts."),
        facts=facts,
        blocks=blocks,
        language=reader_language(),
    )


def _words(request: HttpRequest, found: Report) -> list[dict]:
    said = {"kind": "note", "title": _("Not everything is counted"), "text": f"<p>{escape(found.left_out_words)}</p>"}
    left_out = [{"type": "callout", "value": said}] if found.left_out else []
    return [*left_out, *_chapter(request, found.cohort, found.funnel)]


def _link(request: HttpRequest, cohort: Cohort, figure: Figure) -> str:
    address = request.build_absolute_uri(reverse("cohorts_cms_report_rows", args=[cohort.pk, figure.key]))
    return f'<p><a href="{escape(address)}">{escape(figure.words)}</a></p>'


def _table(heads: list[str], lines: list[list[str]], caption: str) -> dict:
    """The first column is plain, the others are rich text."""
    columns = [{"type": "text" if place == 0 else "rich", "heading": head} for place, head in enumerate(heads)]
    rows = [{"values": line} for line in lines]
    return {"type": "table", "value": {"table": {"columns": columns, "rows": rows, "caption": caption}, "first_column_is_header": True}}


def _chapter(request: HttpRequest, cohort: Cohort, chapter: Chapter, title: str = "") -> list[dict]:
    head = {"type": "heading", "value": {"level": 2, "text": title or chapter.title}}
    if not chapter.figures:
        return [head, {"type": "text", "value": f"<p>{escape(_('None yet.'))}</p>"}]
    lines = [[figure.label, _link(request, cohort, figure)] for figure in chapter.figures]
    note = [{"type": "text", "value": f"<p>{escape(chapter.note)}</p>"}] if chapter.note else []
    return [head, _table([_("What is counted"), _("How many")], lines, ""), *note]


def _pillars(request: HttpRequest, printer: Printer, found: Report) -> list[dict]:
    """The radar of the screen as a picture that paper can hold, then the same as a table."""
    head = {"type": "heading", "value": {"level": 2, "text": _("The three pillars, before and after")}}
    lines = [[line.label, *(f"<p>{escape(words)}</p>" for words in _pillar_words(line))] for line in found.pillars]
    lines.append([found.compared.label, _link(request, found.cohort, found.compared), "", ""])
    table = _table([_("Pillar"), _("At entry"), _("Since"), _("Change")], lines, "")
    if not found.compared.rows:
        return printer.blocks([head, table])
    drawn = radar(found.series, top=Level.HIGHEST)
    printer.pictures["pillars.svg"] = render_to_string("cohorts/cms/board_radar.svg", {"radar": drawn}).encode()
    said = "; ".join(f"{label}: {before} → {after}" for label, (before, after) in drawn.rows)
    picture = {
        "kind": "image",
        "file": "pillars.svg",
        "alt": _("Radar of the three pillars, at entry and since. %(numbers)s") % {"numbers": said},
        "caption": _("Dashed: at entry. Full line: since. From 0 in the middle to %(top)s.") % {"top": Level.HIGHEST},
        "wide": False,
    }
    return [*printer.blocks([head]), picture, *printer.blocks([table])]


def _map(request: HttpRequest, printer: Printer, found: Report) -> list[dict]:
    """The map as a picture that paper can hold: the drawing of the site, with the countries shaded; then the same as a table."""
    drawing = WORLD.read_text(encoding="utf-8").replace(
        '<g id="world">', f'<g id="world" fill="{PAPER_LAND}" stroke="#fff" stroke-width="1">'
    )
    for colour, codes in ((PAPER_ASKED, found.asked), (PAPER_HERE, found.here)):
        for code in codes:
            drawing = re.sub(rf'<path id="{re.escape(code)}"', f'<path id="{code}" fill="{colour}"', drawing)
    printer.pictures["map.svg"] = drawing.encode()
    lines = [
        [one.name, *(_link(request, found.cohort, each) for each in (one.sent, one.admitted, one.graduated))] for one in found.countries
    ]
    said = ", ".join(one.name for one in found.countries if one.admitted.rows)
    heads = [_("Country"), _("Applications sent"), _("Admitted"), _("Graduated")]
    return [
        *printer.blocks([{"type": "heading", "value": {"level": 2, "text": _("Where the projects are")}}]),
        {
            "kind": "image",
            "file": "map.svg",
            "alt": _("Map of the world. Admitted: %(countries)s") % {"countries": said or "—"},
            "caption": _("Dark: projects that were admitted. Grey: projects that applied. Map: Natural Earth."),
            "wide": True,
        },
        *printer.blocks([_table(heads, lines, "")] if lines else []),
    ]
