"""Whether a trip is paid for: what is said, what is checked, what is missing. No query: the rows or the sums are read before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from cohorts.models import FundingSource, Registration

NOTHING = Decimal(0)
NOTICE = timedelta(days=7)  # between the letter that names the last day and that day, at least
CAUSE = "place-papers"  # then the registration: attention finds by it what was written about a seat


def funding_cause(registration: Registration, which: str) -> str:
    """`which` of the letters about one last day: the first, the last before it, or that there is more time."""
    return f"{CAUSE}:{registration.pk}:fund-{registration.funding_due_at:%Y%m%d%H%M}-{which}"


@dataclass(frozen=True)
class Funding:
    """The sums of one registration. `rest_said`, `rest_checked`: somebody pays whatever is left. NULL `estimate`: nobody has said what it costs.

    `waits_since`: since when the team has had something to look at; None when it has nothing.
    """

    estimate: Decimal | None
    declared: Decimal = NOTHING
    checked: Decimal = NOTHING
    rest_said: bool = False
    rest_checked: bool = False
    waits_since: datetime | None = None
    is_settled: bool = False
    is_said: bool = False

    @property
    def gap(self) -> Decimal | None:
        """What nobody has said to pay. Nought: nothing is missing. None: something is, but what it costs is not estimated."""
        if self.is_settled or self.rest_said:
            return NOTHING
        if self.estimate is None:
            return NOTHING if self.is_said else None
        return max(self.estimate - self.declared, NOTHING)

    @property
    def is_missing(self) -> bool:
        return self.gap != NOTHING

    @property
    def is_covered_by_checked(self) -> bool:
        """What the team has looked at is enough."""
        if self.rest_checked:
            return True
        if self.estimate is None:
            return self.is_said and self.waits_since is None
        return self.is_said and self.checked >= self.estimate

    @property
    def word(self) -> str:
        """One word for lists and filters: settled, missing, waits (for the team), said (partly checked, nothing waits)."""
        if self.is_settled:
            return "settled"
        if self.is_missing:
            return "missing"
        return "waits"

    @property
    def seen_as(self) -> tuple:
        return (self.word, self.gap, self.declared, self.checked, self.waits_since)


def funding_of(registration: Registration, sources: Iterable[FundingSource], estimate: Decimal | None) -> Funding:
    """From the sources as they were read."""
    standing = [one for one in sources if one.refused_at is None]
    checked = [one for one in standing if one.verified_at]
    return Funding(
        estimate,
        sum((one.amount for one in standing if one.amount is not None), NOTHING),
        sum((one.amount for one in checked if one.amount is not None), NOTHING),
        any(one.amount is None for one in standing),
        any(one.amount is None for one in checked),
        min((one.sent_at for one in standing if one.is_waiting), default=None),
        registration.funding_verified_at is not None,
        bool(standing),
    )


def funding_in(registration: Registration, estimate: Decimal | None) -> Funding:
    """From the sums that `Registration.objects.with_funding()` adds: one query for a whole list."""
    return Funding(
        estimate,
        Decimal(registration.declared or 0),
        Decimal(registration.checked or 0),
        bool(registration.rest_said),
        bool(registration.rest_checked),
        registration.waits_since,
        registration.funding_verified_at is not None,
        bool(registration.sources_said),
    )
