"""Acting on many applications of the list: the same verbs as on the page of one, and a letter to their projects.

Three steps, all posted and all without script: which (the list), what and why (the form), then what will happen, to how many, and what is
refused and why. For that the verb is rehearsed on each row and taken back, so that its own words refuse, and what it writes is shown
before it leaves. Then each row is a transaction of its own: what is refused is said, and the others are done.

Any number of rows: they are taken a `PARCEL` at a time, each an answer of its own that says how far it is (a browser with script goes on
by itself). The first parcel is rehearsed; each of the others is refused or done in its turn.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

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
from academy.http import as_uuid
from academy.messages import noted, some_at_once
from academy.models import Message, User
from academy.rules import RuleViolation
from academy.wall_clock import set_clocks
from cohorts.letters import people_of
from cohorts.listing.access import require_coordinator
from cohorts.listing.acts import ACTS, Act
from cohorts.listing.cms import frame
from cohorts.listing.shown import kept_part, listing_of
from cohorts.models import Application, CallLetter, Cohort
from courses.cms_selection import NAMED

PARCEL = 100  # at once: a person waits for the answer
SO_FAR = "so_far"  # the field that carries the outcome from parcel to parcel
LETTERS_SHOWN = 10
SHOWN = 300  # named on a page; of the others it says how many


class _TakenBack(Exception):
    """Ends a rehearsal."""


def chosen_keys(request: HttpRequest, query: str) -> list[UUID]:
    """The rows ticked, or everything that the filters list; nothing that this person may not read. By name. One query."""
    if "every" in request.POST:
        rows = listing_of(request.user, QueryDict(query)).all_rows
    else:
        ticked = {as_uuid(one) for one in ",".join(request.POST.getlist("row")).split(",")} - {None}
        rows = Application.objects.for_staff(request.user).filter(pk__in=ticked)
    return list(rows.order_by("project__name", "pk").values_list("pk", flat=True))


def rows_of(keys: list[UUID], reader: User) -> list[Application]:
    rows = Application.objects.for_staff(reader).filter(pk__in=keys).select_related("project", "cohort")
    return list(rows.order_by("project__name", "pk"))


@dataclass
class Outcome:
    """What became of the rows so far: how many were done, and of the others whose and why. Carried from parcel to parcel by the page."""

    done: int = 0
    refused: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, request: HttpRequest) -> Outcome:
        """As the page brings it back; of anything else, nothing."""
        found = cls()
        with suppress(ValueError, TypeError, AttributeError, OverflowError):
            said = json.loads(request.POST.get(SO_FAR, "{}"))
            found.done = int(said.get("done", 0))
            for reason, names in said.get("refused", {}).items():
                found.refused[str(reason)] += [str(name) for name in names]
        return found

    @property
    def said(self) -> str:
        return json.dumps({"done": self.done, "refused": self.refused})

    @property
    def lines(self) -> list[tuple[str, int, list[str]]]:
        return [(reason, len(who), who) for reason, who in self.refused.items()]


def rehearse(
    act: Act, rows: list[Application], *, by: User, said: dict[str, Any]
) -> tuple[list[Application], dict[str, list[str]], list[Message]]:
    """For whom it would be done, for whom refused, by reason, and what would be written. Nothing stays of it, and no mail leaves."""
    good, refused, written = [], defaultdict(list), []
    for row in rows:
        try:
            with transaction.atomic(), noted() as letters:
                act.do(row, by=by, **said)
                raise _TakenBack
        except _TakenBack:
            good.append(row)
            written += letters
        except RuleViolation as refusal:
            refused[str(refusal)].append(row.project.name)
    return good, dict(refused), written


def perform(act: Act, rows: list[Application], outcome: Outcome, *, by: User, said: dict[str, Any]) -> None:
    """Of the letters that it writes the first leave with the answer, the others with the clock: no parcel waits for a hundred mails."""
    with some_at_once():
        for row in rows:
            try:
                act.do(row, by=by, **said)
            except RuleViolation as refusal:
                outcome.refused[str(refusal)].append(row.project.name)
            else:
                outcome.done += 1


def words_stamp(keys: list[UUID]) -> str:
    """Changes when a call of one of them changes the words of its letters."""
    own = CallLetter.objects.filter(cohort__in=Application.objects.filter(pk__in=keys).values("cohort")).order_by("pk")
    return hashlib.sha256(json.dumps(list(own.values_list("pk", "occasion", "subject", "body"))).encode()).hexdigest()


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
    keys = chosen_keys(request, query)
    if not keys:
        messages.error(request, _("Choose the applications first: tick them, or all in the list."))
        return redirect(back)
    step = request.POST.get("step", "" if chosen.form is not NothingForm else "preview")
    form = chosen.form(request.POST if step else None, initial={"letter": uuid4()} if chosen.is_letter else {})
    clock = clock_of(keys, request.POST.get("clock", ""))
    set_clocks(form, clock)
    stamp = words_stamp(keys) if chosen.writes else ""
    is_sure = step in ("do", "preview") and form.is_valid()
    is_changed = is_sure and step == "do" and request.POST.get("stamp", "") != stamp
    context = {"verb": request.POST["verb"], "act": chosen, "query": query, "back": back, "form": form, "stamp": stamp, "clock": clock}
    context |= frame((str(chosen.label), ""))
    if is_sure and step == "do" and not is_changed:
        return _next_parcel(request, chosen, keys, form.cleaned_data, context)
    rows = rows_of(keys[:SHOWN], request.user)
    context |= {"rows": rows, "number": len(keys), "unnamed": len(keys) - len(rows), "keys": _joined(keys), "is_changed": is_changed}
    return render(request, "cohorts/cms/applications_act.html", context | _preview(request, chosen, rows, form, len(keys), is_sure))


def _preview(request: HttpRequest, chosen: Act, rows: list[Application], form: Form, number: int, is_sure: bool) -> dict[str, Any]:
    """What will happen, of the first parcel; nothing before the form says enough."""
    if not is_sure:
        return {"is_preview": False, "good": [], "refused": []}
    good, refused, written = rehearse(chosen, rows[:PARCEL], by=request.user, said=form.cleaned_data)
    return {
        "is_preview": True,
        "good": good,
        "tried": len(good) + sum(len(who) for who in refused.values()),
        "later": max(0, number - PARCEL),
        "refused": [(reason, len(who), named(who)) for reason, who in refused.items()],
        "letters": written[:LETTERS_SHOWN] if chosen.writes else [],
        "unshown": max(0, len(written) - LETTERS_SHOWN) if chosen.writes else 0,
        "said": answers_in_words(form),
        "people": _people(good) if chosen.is_letter else [],
    }


def _next_parcel(request: HttpRequest, chosen: Act, keys: list[UUID], said: dict[str, Any], context: dict[str, Any]) -> HttpResponse:
    """Does one parcel. A choice of one parcel leads back to the list; of several, the page says how far it is and goes on."""
    outcome, left = Outcome.of(request), keys[PARCEL:]
    perform(chosen, rows_of(keys[:PARCEL], request.user), outcome, by=request.user, said=said)
    if SO_FAR not in request.POST and not left:
        _report(request, outcome)
        return redirect(context["back"])
    shown = {"outcome": outcome, "left": len(left), "next": min(PARCEL, len(left)), "keys": _joined(left)}
    shown["stamp"] = words_stamp(left) if chosen.writes else ""  # of the calls that are left: those that are done have no letter to come
    return render(request, "cohorts/cms/applications_progress.html", context | shown)


def _joined(keys: list[UUID]) -> str:
    return ",".join(map(str, keys))


def clock_of(keys: list[UUID], begun_on: str = "") -> str:
    """Where moments are typed: the place of the cohort, or of the Academy when there are several. What was `begun_on` one clock goes on
    there, whichever applications are left."""
    zones = set(Cohort.objects.filter(applications__in=keys).values_list("time_zone", flat=True))
    if begun_on in {*zones, settings.TIME_ZONE}:
        return begun_on
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


def _report(request: HttpRequest, outcome: Outcome) -> None:
    if done := outcome.done:
        messages.success(request, ngettext("Done for %(n)d application.", "Done for %(n)d applications.", done) % {"n": done})
    for reason, who in outcome.refused.items():
        messages.warning(request, _("Not done for %(names)s: %(reason)s") % {"names": named(who), "reason": reason})
