"""Acting on many applications of the list: the same verbs as on the page of one, and a letter to their projects.

Three steps, all posted and all without script: which (the list), what and why (the form), then what will happen, to how many, and what is
refused and why. For that the verb is rehearsed on each row and taken back, so that its own words refuse. Then each row is a transaction
of its own: what is refused is said, and the others are done.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.forms import BoundField, ChoiceField, Form, ModelChoiceField
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages

from academy.cms_verbs import NothingForm
from academy.models import User
from academy.rules import RuleViolation
from academy.wall_clock import set_clocks
from cohorts.cms_verbs import key_of
from cohorts.letters import people_of
from cohorts.listing.access import require_coordinator
from cohorts.listing.acts import ACTS, Act
from cohorts.listing.cms import frame
from cohorts.listing.shown import kept_part, listing_of
from cohorts.models import Application
from courses.cms_selection import NAMED

MOST = 300  # at once: each is rehearsed, and a person waits for the answer


class _TakenBack(Exception):
    """Ends a rehearsal."""


def chosen_rows(request: HttpRequest, query: str) -> list[Application]:
    """The rows ticked, or everything that the filters list; nothing that this person may not read. In the order of the list."""
    listing = listing_of(request.user, QueryDict(query))
    rows = listing.in_order.select_related("project", "cohort")
    if "every" not in request.POST:
        ticked = {key_of(one) for one in ",".join(request.POST.getlist("row")).split(",")} - {None}
        rows = (
            Application.objects.for_staff(request.user).filter(pk__in=ticked).select_related("project", "cohort").order_by("project__name")
        )
    return list(rows[: MOST + 1])


def rehearse(act: Act, rows: list[Application], *, by: User, said: dict[str, Any]) -> tuple[list[Application], dict[str, list[str]]]:
    """For whom it would be done, and for whom refused, by reason. Nothing stays of it, and no mail leaves."""
    good, refused = [], defaultdict(list)
    for row in rows:
        try:
            with transaction.atomic():
                act.do(row, by=by, **said)
                raise _TakenBack
        except _TakenBack:
            good.append(row)
        except RuleViolation as refusal:
            refused[str(refusal)].append(row.project.name)
    return good, dict(refused)


def perform(act: Act, rows: list[Application], *, by: User, said: dict[str, Any]) -> tuple[int, dict[str, list[str]]]:
    done, refused = 0, defaultdict(list)
    for row in rows:
        try:
            act.do(row, by=by, **said)
        except RuleViolation as refusal:
            refused[str(refusal)].append(row.project.name)
        else:
            done += 1
    return done, dict(refused)


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest) -> HttpResponse:
    require_coordinator(request)
    if request.method == "GET":  # somebody reloads the address: the choice is made on the list
        return redirect("applications:index")
    chosen = ACTS.get(request.POST.get("verb", ""))
    if chosen is None:
        raise Http404
    query = kept_part(QueryDict(request.POST.get("query", "")))
    back = f"{reverse('applications:index')}?{query}"
    rows = chosen_rows(request, query)
    if not rows or len(rows) > MOST:
        sentence = (
            _("At most %(most)d applications at once: narrow the list first.")
            if rows
            else _("Choose the applications first: tick them, or all in the list.")
        )
        messages.error(request, sentence % {"most": MOST})
        return redirect(back)
    step = request.POST.get("step", "" if chosen.form is not NothingForm else "preview")
    initial = {"letter": uuid4()} if chosen.is_letter else {}
    form = chosen.form(request.POST if step else None, initial=initial)
    set_clocks(form, clock_of(rows))
    good, refused, is_preview = [], {}, False
    if step and step != "change" and form.is_valid():
        if step == "do":
            _report(request, *perform(chosen, rows, by=request.user, said=form.cleaned_data))
            return redirect(back)
        good, refused = rehearse(chosen, rows, by=request.user, said=form.cleaned_data)
        is_preview = True
    context = {
        "verb": request.POST["verb"],
        "act": chosen,
        "rows": rows,
        "keys": ",".join(str(row.pk) for row in rows),
        "query": query,
        "back": back,
        "form": form,
        "said": answers_in_words(form) if is_preview else [],
        "is_preview": is_preview,
        "good": good,
        "refused": [(reason, len(who), named(who)) for reason, who in refused.items()],
        "people": _people(good) if is_preview and chosen.is_letter else [],
        **frame((str(chosen.label), "")),
    }
    return render(request, "cohorts/cms/applications_act.html", context)


def clock_of(rows: list[Application]) -> str:
    """Where moments are typed: the place of the cohort, or of the Academy when there are several."""
    zones = {row.cohort.time_zone for row in rows}
    return zones.pop() if len(zones) == 1 else settings.TIME_ZONE


def answers_in_words(form: Form) -> list[tuple[str, str]]:
    """What was typed, as one reads it: the words of a choice, the name of a person, a moment as it was typed."""
    found = [(field.label, _in_words(field, form.cleaned_data[field.name])) for field in form.visible_fields()]
    return [(label, words) for label, words in found if words]


def _in_words(field: BoundField, value: Any) -> str:
    if isinstance(field.field, ChoiceField) and not isinstance(field.field, ModelChoiceField):
        return str(dict(field.field.choices).get(value, ""))
    return str(field.value() if isinstance(value, date) else value or "")


def named(projects: list[str]) -> str:
    """The first of them, and how many others."""
    listed, others = ", ".join(projects[:NAMED]), len(projects) - NAMED
    if others <= 0:
        return listed
    return ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", others) % {"names": listed, "n": others}


def _people(rows: list[Application]) -> list[str]:
    """To whom a letter goes, each once."""
    return list(dict.fromkeys(f"{person} · {person.email}" for row in rows for person in people_of(row.project)))


def _report(request: HttpRequest, done: int, refused: dict[str, list[str]]) -> None:
    if done:
        messages.success(request, ngettext("Done for %(n)d application.", "Done for %(n)d applications.", done) % {"n": done})
    for reason, who in refused.items():
        messages.warning(request, _("Not done for %(names)s: %(reason)s") % {"names": named(who), "reason": reason})
