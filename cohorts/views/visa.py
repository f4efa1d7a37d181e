"""A visa: whether one is needed, the letter for the consulate, its paper. Only the person and who handles the letter come here."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from academy.http import accepted, refuse_politely
from academy.rehearsal import shows_mails
from cohorts.actions import ask_letter, say_visa, withdraw_letter
from cohorts.invitation import TextWasChanged, facts_in_words, pdf
from cohorts.models import InvitationLetter, LetterState, Registration
from cohorts.own_mails import readable_by
from cohorts.permissions import can_answer_registration
from cohorts.sealed import CannotBeOpened
from cohorts.views.sessions import other_zone
from cohorts.visa_forms import LetterForm


def _own(request: HttpRequest, pk: UUID) -> Registration:
    """One's own, and nobody else's: not that of a colleague, not that of somebody whom one coordinates."""
    rows = Registration.objects.filter(person=request.user).select_related("session", "person", "project")
    row = get_object_or_404(rows, pk=pk)
    if not can_answer_registration(request.user, row):
        raise Http404
    return row


@login_required
@require_POST
@refuse_politely
def registration_visa(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Says whether a visa is needed; who needs one is led to the letter."""
    row = _own(request, pk)
    needed = request.POST.get("needed")
    if needed not in ("yes", "no"):
        raise Http404
    say_visa(row, by=request.user, needed=needed == "yes")
    if needed == "yes":
        return redirect("cohorts_visa_letter", pk=row.pk)
    messages.success(request, _("It is noted: you need no visa."))
    return redirect("cohorts_session", pk=row.session_id)


@shows_mails(readable_by)
@login_required
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
@require_http_methods(["GET", "POST"])
@refuse_politely
def visa_letter(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where the letter stands, and the form by which it is asked for."""
    row = _own(request, pk)
    letter = row.letters.first()
    if request.POST.get("verb") == "withdraw":
        withdraw_letter(get_object_or_404(row.letters.sealed(), pk=letter.pk if letter else None), by=request.user)
        messages.success(request, _("What you typed is deleted."))
        return redirect("cohorts_visa_letter", pk=row.pk)
    form = None
    if request.method == "POST":
        form = LetterForm(request.POST)
        if accepted(
            form,
            lambda: ask_letter(row, by=request.user, facts=form.facts, language=form.cleaned_data["language"]),
            at={"passport": "expires"},
        ):
            messages.success(request, _("The letter is asked for. We write to you when it is there."))
            return redirect("cohorts_visa_letter", pk=row.pk)
    facts = facts_in_words(letter)
    asks = row.may_ask_for_letter and (letter is None or letter.state in (LetterState.REFUSED, LetterState.WITHDRAWN) or letter.is_purged)
    if asks and form is None:
        form = LetterForm(initial={"language": get_language(), **_typed_before(letter, facts)})
    context = {
        "registration": row,
        "session": row.session,
        "letter": letter,
        "facts": facts,
        "form": form if asks else None,
        "purge_on": row.session.ends_at + timedelta(days=settings.VISA_DATA_DAYS),
        "reader_zone": other_zone(row.session, request.user),
    }
    return render(request, "cohorts/visa_letter.html", context)


def _typed_before(letter: InvitationLetter | None, facts: dict[str, str] | None) -> dict[str, str]:
    """Whoever was refused corrects what they typed; they do not type it again."""
    return {**facts, "language": letter.language} if letter and facts and letter.state == LetterState.REFUSED else {}


@login_required
@never_cache
@require_GET
def invitation_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The paper: to the person once it is issued; to who handles it also before, marked as a draft. Made anew, kept nowhere."""
    known = InvitationLetter.objects.for_user(request.user).sealed().select_related("registration__session", "registration__project")
    row = get_object_or_404(known.exclude(state__in=[LetterState.REFUSED, LetterState.WITHDRAWN]), pk=pk)
    if row.state == LetterState.ASKED and row.registration.person_id == request.user.pk:
        raise Http404
    try:
        body = pdf(row, by=request.user)
    except (CannotBeOpened, TextWasChanged):
        return render(request, "cohorts/visa_unreadable.html", {"letter": row}, status=409)
    response = HttpResponse(body, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="invitation-{row.number}.pdf"'
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
