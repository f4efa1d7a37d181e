"""What the page of a session says of the trip of whoever reads it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from academy.models import User
from cohorts.funding import Funding, funding_of
from cohorts.funding_help import funding_pages
from cohorts.models import FundingSource, Session, Visa
from cohorts.places import Place
from cohorts.travel_forms import FundingForm, prefix_of


def travel_context(session: Session, place: Place | None, user: User, forms: dict[str, Any]) -> dict[str, Any]:
    """What the page of a session says of the person's own trip. Nothing for whoever has no place there and waits for none."""
    if place is None:
        return {"funding": None}
    sources = list(place.registration.funding.all())
    funding = funding_of(place.registration, sources, session.estimated_cost)
    changed = forms.get("source_form")
    return {
        "funding": funding,
        "sources": [(one, _form_of(one, changed) if _may_change(one, place, funding) else None) for one in sources],
        "funding_form": forms.get("funding_form") or (FundingForm() if place.asks_funding else None),
        "letter": place.registration.letters.first() if place.registration.visa != Visa.UNSAID else None,
        "funding_pages": funding_pages(user) if funding.is_missing and place.asks_funding else [],
    }


def _may_change(source: FundingSource, place: Place, funding: Funding) -> bool:
    return place.asks_funding and source.verified_at is None and not funding.is_settled


def _form_of(source: FundingSource, changed: tuple[UUID, FundingForm] | None) -> FundingForm:
    if changed and changed[0] == source.pk:
        return changed[1]
    return FundingForm(source=source, prefix=prefix_of(source))
