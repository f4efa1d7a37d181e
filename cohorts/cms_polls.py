"""Polls of a session inside the CMS: written, opened, closed and kept by trainers and coordinators."""

from __future__ import annotations

from django import forms
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from academy.cms_verbs import LettersFirst, Verb, crumbs, history, in_state, offered, perform, words
from academy.fields import LocalizedTextFormField, LocalizedTextWidget
from academy.models import User
from academy.sheets import FORMATS, sheet
from cohorts import actions
from cohorts.models import Ballot, Poll, Session
from cohorts.permissions import can_run_polls
from cohorts.polls import table_of, tell


class PollForm(forms.Form):
    question = LocalizedTextFormField(label=_("Question"), max_length=300)
    kind = forms.ChoiceField(label=_("How people answer"), choices=Poll.Kind.choices)
    choices = LocalizedTextFormField(
        label=_("Choices"), widget=LocalizedTextWidget(rows=5), help_text=_("One per line, in the same order in both languages.")
    )
    allows_other = forms.BooleanField(
        label=_("People may write another answer"),
        required=False,
        help_text=_("Where one chooses. What they write is shown after the close; you may hide it."),
    )


class ChangePollForm(PollForm):
    """Begins with what is written."""

    def __init__(self, *args, row: Poll, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.initial = getattr(row, name)


class HideForm(forms.Form):
    ballot = forms.ModelChoiceField(label=_("Which words"), queryset=Ballot.objects.none())
    reason = forms.CharField(label=_("Reason, kept with the file"), widget=words(2), max_length=1000)

    def __init__(self, *args, row: Poll, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["ballot"].queryset = row.ballots.exclude(other="").filter(hidden_at__isnull=True).order_by("other", "pk")
        self.fields["ballot"].label_from_instance = lambda one: one.other


def _hide(row: Poll, *, by: User, ballot: Ballot, reason: str) -> Ballot:
    return actions.hide_words(ballot, by=by, reason=reason)


def _has_words(row: Poll, user: User) -> bool:
    return row.is_closed and row.allows_other and row.ballots.exclude(other="").filter(hidden_at__isnull=True).exists()


SESSION_POLL_VERBS = {
    "add": Verb(
        "add",
        _("Write a poll"),
        actions.add_poll,
        lambda row, user: not row.is_cancelled,
        form=PollForm,
        explanation=_("A draft first: nobody else sees it before you open the vote."),
    )
}

POLL_VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "open",
            _("Open the vote"),
            actions.open_poll,
            lambda row, user: row.is_draft and not row.session.is_cancelled,
            explanation=_("Its words are then fixed. Whoever has the code votes; nobody sees a result before you close."),
        ),
        Verb("change", _("Change the poll"), actions.change_poll, in_state(Poll.State.DRAFT), form=ChangePollForm, takes_row=True),
        Verb(
            "close",
            _("Close the vote"),
            actions.close_poll,
            in_state(Poll.State.OPEN),
            explanation=_("For good: the results are told, and the link between a device and its ballot is destroyed."),
            is_grave=True,
        ),
        Verb(
            "hide",
            _("Hide what somebody wrote"),
            _hide,
            _has_words,
            form=HideForm,
            takes_row=True,
            explanation=_("The words are shown nowhere any more; the vote still counts."),
        ),
    )
}


def _session(request: HttpRequest, pk) -> Session:
    if not can_run_polls(request.user):
        raise Http404
    return get_object_or_404(Session.objects.for_user(request.user), pk=pk)


def _trail(session: Session, *more: tuple[str, str]) -> list[dict]:
    return crumbs(
        (gettext("Sessions"), reverse("sessions:index")), (str(session), reverse("cohorts_cms_session", args=[session.pk])), *more
    )


@require_http_methods(["GET", "POST"])
def polls(request: HttpRequest, pk, verb: str = "") -> HttpResponse:
    """The polls of one session, and a new one."""
    session = _session(request, pk)
    refused = None
    if request.method == "POST":
        refused = perform(request, SESSION_POLL_VERBS, session, verb)
        if isinstance(refused, LettersFirst):
            return refused.page(request, back=reverse("cohorts_cms_polls", args=[session.pk]))
        if refused is None:
            return redirect("cohorts_cms_polls", pk=session.pk)
    context = {
        "session": session,
        "polls": list(session.polls.annotate(voted=Count("ballots"))),
        "verbs": offered(SESSION_POLL_VERBS, session, request.user, refused),
        "header_title": gettext("Polls"),
        "header_icon": "list-ul",
        "breadcrumbs_items": _trail(session, (gettext("Polls"), "")),
    }
    return render(request, "cohorts/cms/polls.html", context)


@require_http_methods(["GET", "POST"])
def poll(request: HttpRequest, pk, verb: str = "") -> HttpResponse:
    """One poll: what it asks, how many voted, its results once closed (`?export=csv`, `?export=xlsx`)."""
    row = get_object_or_404(Poll.objects.select_related("session", "opened_by", "closed_by"), pk=pk)
    session = _session(request, row.session_id)
    refused = None
    if request.method == "POST":
        refused = perform(request, POLL_VERBS, row, verb)
        if isinstance(refused, LettersFirst):
            return refused.page(request, back=reverse("cohorts_cms_poll", args=[row.pk]))
        if refused is None:
            return redirect("cohorts_cms_poll", pk=row.pk)
    results = tell(row)
    kind = request.GET.get("export")
    if kind in FORMATS and results:
        return sheet(kind, f"{session} {row}"[:80], table_of(row, results))
    context = {
        "poll": row,
        "session": session,
        "count": row.ballots.count(),
        "results": results,
        "hidden": list(row.ballots.filter(hidden_at__isnull=False).select_related("hidden_by")) if row.is_closed else [],
        "exports": [(name.upper(), f"?export={name}") for name in FORMATS] if results else [],
        "history": history(row),
        "verbs": offered(POLL_VERBS, row, request.user, refused),
        "header_title": str(row),
        "header_icon": "list-ul",
        "breadcrumbs_items": _trail(session, (gettext("Polls"), reverse("cohorts_cms_polls", args=[session.pk])), (str(row), "")),
    }
    return render(request, "cohorts/cms/poll.html", context)
