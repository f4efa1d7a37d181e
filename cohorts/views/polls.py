"""Voting on a phone, and the wall of the room.

Guessing a code. A room of sixty sits behind one address, so nothing that an address did may close an open vote to it: **the right code of
an open vote always opens**. Then a limit cannot stop who guesses, only the number of codes can: eight letters of eighteen are eleven
thousand million. A server that does nothing but refuse 200 wrong codes a second tries 720,000 in an hour, so that in an hour without pause
there is one chance in 15,000 to fall upon a vote that is open for that hour, and what one wins is one ballot more in a poll.

What is left to guess are the votes that are over (hundreds, after some years; codes of five letters among them, from before): there the
limit holds. Whoever has opened a vote while it was open has a signed cookie, and whoever signed in an account, with a budget of their own;
all others share that of their address. It counts each wrong code once: a room that types the same mistake is not a guesser.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from academy.http import refuse_politely
from academy.limits import has_tried_too_often, tries_too_often
from academy.rules import RuleViolation
from cohorts.actions import cast_ballot, close_poll, open_poll
from cohorts.models import Ballot, Poll
from cohorts.permissions import can_run_polls
from cohorts.poll_form import BallotForm
from cohorts.polls import plain_code, tell, voter_of, wall_size

COOKIE = "vote_device"  # tells a visitor's second ballot from a first one; says nothing of who it is
COOKIE_SECONDS = 7 * 24 * 3600
WRONG_CODES, WRONG_SECONDS = 60, 10 * 60  # different ones
_signer = TimestampSigner(salt=COOKIE)


def _ask_code(request: HttpRequest, *, code: str = "", refusal: str = "", status: int = 200) -> HttpResponse:
    return render(request, "cohorts/vote.html", {"code": code, "refusal": refusal}, status=status)


def _device(request: HttpRequest) -> str:
    """The cookie of a visitor who has opened a vote while it was open; empty for who has none, or one that we did not sign."""
    cookie = request.COOKIES.get(COOKIE, "")
    try:
        _signer.unsign(cookie, max_age=COOKIE_SECONDS)
    except BadSignature:
        return ""
    return cookie


def _by_code(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Finds the poll that a code opens. A draft, a wrong code and a code that never was get the same answer; wrong ones are counted."""

    @wraps(view)
    def wrapped(request: HttpRequest, code: str) -> HttpResponse:
        code, who = plain_code(code), _device(request)
        poll = Poll.objects.shown().filter(code=code).select_related("session").first()
        if poll is not None and poll.is_open:
            return view(request, poll)
        if has_tried_too_often(request, "cohorts.vote", most=WRONG_CODES, who=who):
            words = _("Too many wrong codes came from here. The code of a vote that is open still opens it; wait some minutes for others.")
            return _ask_code(request, code=code, refusal=words, status=429)
        if poll is None:
            tries_too_often(request, "cohorts.vote", most=WRONG_CODES, seconds=WRONG_SECONDS, who=who, what=code)
            refusal = _("No vote has this code now. Look at the wall again: it is eight letters.")
            return _ask_code(request, code=code, refusal=refusal, status=404)
        return view(request, poll)

    return wrapped


@never_cache
@require_safe
def vote(request: HttpRequest) -> HttpResponse:
    """Where the wall sends people who type."""
    if "code" not in request.GET:
        return _ask_code(request)
    if not plain_code(request.GET["code"]):
        return _ask_code(request, refusal=_("Type the eight letters that the wall shows."))
    return _open(request, request.GET["code"])


@_by_code
def _open(request: HttpRequest, poll: Poll) -> HttpResponse:
    return redirect("cohorts_vote_on", code=poll.code)


def _own_ballot(request: HttpRequest, poll: Poll) -> Ballot | None:
    voter = voter_of(request.user, _device(request))
    return poll.ballots.filter(mark=poll.mark_of(voter)).first() if voter else None


def _show_results(request: HttpRequest, poll: Poll, refusal: str = "") -> HttpResponse:
    return render(request, "cohorts/vote_results.html", {"poll": poll, "results": tell(poll), "refusal": refusal})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@_by_code
def vote_on(request: HttpRequest, poll: Poll) -> HttpResponse:
    """The ballot while the poll is open, with what this device answered before; its results once it is closed."""
    if poll.is_closed:
        refusal = _("The vote was closed before your answer came: it is not counted.") if request.method == "POST" else ""
        return _show_results(request, poll, refusal)
    if request.method == "POST":
        form = BallotForm(request.POST, poll=poll)
        if form.is_valid():
            try:
                cast_ballot(poll, by=request.user, device=_device(request), answer=form.answer, other=form.other)
            except RuleViolation as refusal:
                if poll.is_closed:
                    return _show_results(request, poll, str(refusal))
                form.add_error(None, str(refusal))
            else:
                return redirect("cohorts_vote_thanks", code=poll.code)
    else:
        form = BallotForm(poll=poll, ballot=_own_ballot(request, poll))
    return _with_device(request, render(request, "cohorts/vote_on.html", {"poll": poll, "form": form}))


def _with_device(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if not request.user.is_authenticated and not _device(request):
        signed = _signer.sign(secrets.token_urlsafe(24))
        response.set_cookie(COOKIE, signed, max_age=COOKIE_SECONDS, secure=settings.HTTPS, httponly=True, samesite="Lax")
    return response


@never_cache
@require_safe
@_by_code
def vote_thanks(request: HttpRequest, poll: Poll) -> HttpResponse:
    """The answer is in; it may still be changed. Whoever has not voted votes, and after the close there are results."""
    if poll.is_closed or _own_ballot(request, poll) is None:
        return redirect("cohorts_vote_on", code=poll.code)
    return render(request, "cohorts/vote_thanks.html", {"poll": poll})


@login_required
@never_cache
@refuse_politely
@require_http_methods(["GET", "HEAD", "POST"])
def poll_wall(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the projector shows: the question, then the code and how many have voted, then the results. Its one button goes to the next."""
    poll = get_object_or_404(Poll.objects.select_related("session"), pk=pk)
    if not can_run_polls(request.user):
        raise Http404
    if request.method == "POST":
        verb = {"open": open_poll, "close": close_poll}.get(request.POST.get("verb", ""))
        if verb is None:
            raise Http404
        verb(poll, by=request.user)
        messages.success(request, _("The vote is open.") if poll.is_open else _("The vote is closed."))
        return redirect("cohorts_poll_wall", pk=poll.pk)
    address = settings.BASE_URL.rstrip("/") + reverse("cohorts_vote_short", args=[poll.code])
    results = tell(poll)
    context = {
        "poll": poll,
        "results": results,
        "size": wall_size(str(poll.question), results.lines) if results else 0,
        "count": poll.ballots.count() if poll.is_open else 0,
        "address": address,
        "typed": address.partition("://")[2].removesuffix(f"{poll.code}/").rstrip("/"),
    }
    return render(request, "cohorts/poll_wall.html", context)


def vote_short(request: HttpRequest, code: str = "") -> HttpResponse:
    """The address on the wall says no language: the phone's own decides."""
    return redirect("cohorts_vote_on", code=code) if code else redirect("cohorts_vote")
