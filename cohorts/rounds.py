"""The round of an application, and whether its reviews are taken now."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.rules import RuleViolation
from cohorts.models import Application, ApplicationState, Cohort, ReviewAssignment, ReviewRound


def ensure_first_round(cohort: Cohort) -> ReviewRound:
    """The round that comes with a call: from its opening to the start of the cohort, three readers, names shown."""
    found = ReviewRound.objects.filter(cohort=cohort).order_by("number").first()
    return found or ReviewRound.objects.create(cohort=cohort, opens_at=cohort.intake_opens_at, closes_at=cohort.starts_at)


def current_round(application: Application) -> ReviewRound:
    """The round in which an application is read now."""
    return ReviewRound.objects.current(application.cohort) or ensure_first_round(application.cohort)


def check_reviews_are_taken(assignment: ReviewAssignment) -> None:
    """Reviews are given and taken back while the application is under review and the round is open, by the clock of the server."""
    if assignment.application.state != ApplicationState.UNDER_REVIEW:
        raise RuleViolation(_("This application is not under review now."), code="round_closed")
    round = assignment.round
    if round.is_open:
        return
    if round.is_over:
        raise RuleViolation(_("The reading is closed. Write to the coordinator if your review is still wanted."), code="round_closed")
    day = date_format(timezone.localtime(round.opens_at), "DATE_FORMAT")
    raise RuleViolation(_("The reading opens on %(day)s. Read now, assess then.") % {"day": day}, code="round_closed")
