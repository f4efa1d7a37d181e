"""Who pays for a trip: said by the person, looked at by the team. Every verb locks the registration, whose readiness depends on it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.audit import record
from academy.locking import lock, move, wanted
from academy.models import User
from academy.rules import RuleViolation
from cohorts.actions.travel_letters import tell_funding_settled, tell_source_checked, tell_source_refused
from cohorts.funding import NOTICE, Funding, funding_of
from cohorts.models import REGISTRATION_MOVES, FundingSource, Registration, RegistrationStatus, Visa
from courses.uploads import Brought

MOST_SOURCES = 10


def _standing_of(registration: Registration) -> Funding:
    """What is said and checked now. Ask only under the registration's lock when something depends on it."""
    return funding_of(registration, registration.funding.all(), registration.session.estimated_cost)


def _check_open(registration: Registration) -> None:
    if not registration.is_live:
        raise RuleViolation(_("You have no place at this session any more: nobody needs to pay for the trip."), code="over")
    if registration.funding_verified_at:
        raise RuleViolation(_("The funding is checked already. Write to the team to change it."), code="verified")


def _check_said(payer: str, amount: Decimal | None) -> None:
    if payer not in Registration.Payer.values:
        raise RuleViolation(_("Say who pays for the trip."), code="funding")
    if amount is not None and amount <= 0:
        raise RuleViolation(_("Write an amount above nought, or leave it empty."), code="funding")


def _drop_file(source: FundingSource) -> None:
    """The bytes go once it is sure that nothing points to them."""
    if source.proof:
        stored, name = source.proof.storage, source.proof.name
        transaction.on_commit(lambda: stored.delete(name))
        source.proof = ""


def _keep_proof(source: FundingSource, brought: Brought | None) -> None:
    if brought is None:
        return
    _drop_file(source)
    source.proof_name, source.proof_kind, source.proof_sha256 = brought.name, brought.kind, brought.sha256
    source.proof.save(brought.name, ContentFile(brought.content), save=False)


def forget_the_day(registration: Registration, *, by: User | None, now: datetime) -> None:
    """The last day to find the money that somebody was told is no longer true where it is near or over: whatever is missing from now on, they
    are told anew, and have a week. Only under the registration's lock.
    """
    if registration.funding_due_at and registration.funding_due_at <= now + NOTICE:
        registration.funding_due_at = None
        registration.save(update_fields=["funding_due_at"])
        record(registration, "cohorts.forget_funding_day", by=by)


def make_ready(registration: Registration, *, by: User | None) -> None:
    """Ready as soon as nothing is missing. Only under the registration's lock."""
    can_enter = registration.visa != Visa.NEEDED
    if registration.status == RegistrationStatus.CONFIRMED and registration.funding_verified_at and can_enter:
        move(registration, to=RegistrationStatus.READY, moves=REGISTRATION_MOVES, field="status")
        record(registration, "cohorts.make_ready", by=by)


@transaction.atomic
def declare_funding(
    registration: Registration, *, by: User, payer: str, amount: Decimal | None = None, detail: str = "", brought: Brought | None = None
) -> FundingSource:
    """Adds one of those who pay, as long as the funding is not settled. Without an amount it pays whatever is left."""
    lock(registration)
    _check_open(registration)
    _check_said(payer, amount)
    if registration.funding.count() >= MOST_SOURCES:
        raise RuleViolation(_("There are %(most)d sources already: put some together.") % {"most": MOST_SOURCES}, code="many")
    source = FundingSource(registration=registration, payer=payer, amount=amount, name=detail.strip(), sent_at=timezone.now())
    _keep_proof(source, brought)
    source.save(force_insert=True)
    record(registration, "cohorts.declare_funding", by=by, data={"payer": payer})
    return source


def _own(source: FundingSource) -> Registration:
    """The source and its registration, held; in this order everywhere."""
    registration = lock(source.registration)
    lock(source)
    _check_open(registration)
    return registration


@transaction.atomic
def change_source(
    source: FundingSource, *, by: User, payer: str, amount: Decimal | None = None, detail: str = "", brought: Brought | None = None
) -> FundingSource:
    """Says it again, as long as nobody has checked it; after a refusal this sends it to the team anew."""
    registration = _own(source)
    _check_said(payer, amount)
    if source.verified_at:
        raise RuleViolation(_("The team has checked this already. Write to it to change it."), code="verified")
    source.payer, source.amount, source.name, source.sent_at = payer, amount, detail.strip(), timezone.now()
    source.refused_at, source.refused_by, source.refused_reason = None, None, ""
    _keep_proof(source, brought)
    source.save()
    record(registration, "cohorts.change_source", by=by, data={"payer": payer})
    return source


@transaction.atomic
def remove_source(source: FundingSource, *, by: User) -> None:
    """It does not pay after all. The last one stays where the place is confirmed: a confirmed place says who pays."""
    registration = _own(source)
    if source.verified_at:
        raise RuleViolation(_("The team has checked this already. Write to it to change it."), code="verified")
    if registration.is_expected and not registration.funding.exclude(pk=source.pk).exists():
        raise RuleViolation(_("Your place is confirmed, and this is the only one who pays: change it, or add another first."), code="last")
    _drop_file(source)
    payer = source.payer
    source.delete()
    record(registration, "cohorts.remove_source", by=by, data={"payer": payer})


def _settle(registration: Registration, *, by: User, reason: str = "") -> None:
    registration.funding_verified_at, registration.funding_verified_by, registration.funding_reason = timezone.now(), by, reason
    registration.save(update_fields=["funding_verified_at", "funding_verified_by", "funding_reason"])
    make_ready(registration, by=by)
    tell_funding_settled(registration, by=by)


@transaction.atomic
def check_source(source: FundingSource, *, by: User) -> FundingSource:
    """The team has seen that this one pays. When what is checked covers the estimate, the funding is settled, and whoever is confirmed is ready."""
    registration = _own(source)
    if not source.is_waiting:
        raise RuleViolation(_("Somebody has looked at this already. Load the page again."), code="changed")
    source.verified_at, source.verified_by = timezone.now(), by
    source.save(update_fields=["verified_at", "verified_by"])
    record(registration, "cohorts.check_source", by=by, data={"payer": source.payer})
    if _standing_of(registration).is_covered_by_checked:
        _settle(registration, by=by)
    else:
        tell_source_checked(registration, source=source, by=by)
    return source


@transaction.atomic
def refuse_source(source: FundingSource, *, by: User, reason: str) -> FundingSource:
    """It does not show what it should. The person is told why, and says it again or finds another."""
    registration = _own(source)
    if source.refused_at:
        raise RuleViolation(_("Somebody has looked at this already. Load the page again."), code="changed")
    source.verified_at, source.verified_by = None, None
    source.refused_at, source.refused_by, source.refused_reason = timezone.now(), by, wanted(reason, _("Say why."))
    source.save(update_fields=["verified_at", "verified_by", "refused_at", "refused_by", "refused_reason"])
    record(registration, "cohorts.refuse_source", by=by, data={"payer": source.payer, "reason": source.refused_reason})
    forget_the_day(registration, by=by, now=timezone.now())
    tell_source_refused(registration, source=source, by=by)
    return source


@transaction.atomic
def verify_funding(registration: Registration, *, by: User, reason: str = "") -> Registration:
    """The team has seen that the trip is paid for: all that waits is checked with it. `reason`: why it is enough where it does not cover
    the estimate.
    """
    lock(registration)
    if registration.status != RegistrationStatus.CONFIRMED:  # attended → ready is `annul_check_in`
        raise RuleViolation(_("Only a confirmed place is made ready."), code="wrong_state")
    if not registration.funding_verified_at:
        now = timezone.now()
        registration.funding.waiting().update(verified_at=now, verified_by=by)
        enough = _standing_of(registration).is_covered_by_checked
        if not enough and not reason.strip():
            raise RuleViolation(_("What is checked does not cover the estimated cost: write why it is enough all the same."), code="gap")
        record(registration, "cohorts.verify_funding", by=by, data={} if enough else {"reason": reason.strip()})
        _settle(registration, by=by, reason="" if enough else reason.strip())
    make_ready(registration, by=by)
    return registration


def purge_proofs(registrations: QuerySet[Registration], *, by: User | None) -> int:
    """What banks and employers wrote is deleted once it is no longer needed; that it was checked, by whom and when stays."""
    purged = 0
    for source in FundingSource.objects.filter(registration__in=registrations).exclude(proof="").select_related("registration"):
        with transaction.atomic():
            lock(source)
            if not source.proof:
                continue
            _drop_file(source)
            source.proof_name = source.proof_kind = source.proof_sha256 = ""
            source.save(update_fields=["proof", "proof_name", "proof_kind", "proof_sha256"])
            record(source.registration, "cohorts.purge_proof", by=by)
            purged += 1
    return purged


def forget_papers(person: User, *, by: User | None = None) -> None:
    """What they said of who pays, and what shows it. That something was said, how much and that it was checked, is kept."""
    purge_proofs(Registration.objects.filter(person=person), by=by)
    FundingSource.objects.filter(registration__person=person).exclude(refused_reason="").update(refused_reason="—")
    FundingSource.objects.filter(registration__person=person).update(name="")
