"""Keeping a review while it is written: in several windows, on several devices, over a bad network. Nobody's words are lost in silence.

A window says for each place (`cohorts.review_places`) what it writes and the marks of what it knew to be kept there; what somebody
wrote elsewhere meanwhile is left alone, and told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from academy.audit import record
from academy.locking import lock
from academy.models import User
from academy.rules import RuleViolation
from cohorts.actions.assessments import ScoreInput, save_scores
from cohorts.models import Assessment, PartComment
from cohorts.review_places import CANNOT_JUDGE, FOR_PROJECT, PRIVATE, SUMMARY, Kept, Words, Written, comment_place, kept_now, mark_of
from cohorts.rounds import check_can_be_written, check_judges_freely, check_reviews_are_taken


@transaction.atomic
def save_review(assessment: Assessment, *, by: User, written: Iterable[Written]) -> Kept:
    """Keeps what is new in each place, and tells of the places that were written elsewhere since this window saw them."""
    lock(assessment)
    check_can_be_written(assessment)
    now = kept_now(assessment)
    mine: dict[str, Words] = {}
    elsewhere: dict[str, Words] = {}
    for one in written:
        if one.place not in now:
            raise RuleViolation(_("This answer does not belong to this assessment's criteria. Load the page again."), code="rubric")
        here = now[one.place]
        if one.value == here or one.is_untouched:
            continue
        if mark_of(here) in one.was:
            mine[one.place] = one.value
        else:
            elsewhere[one.place] = here
    _keep_comments(assessment, mine, {**now, **mine})
    _keep_answers(assessment, mine, by)
    return Kept(frozenset(mine), elsewhere)


def _keep_comments(assessment: Assessment, mine: Mapping[str, Words], after: Mapping[str, Words]) -> None:
    parts = {int(place[1:].split("-")[0]) for place in mine if place.startswith("p")}
    rows = [
        PartComment(
            assessment=assessment,
            part_id=pk,
            private=after[comment_place(pk, PRIVATE)][0],
            for_project=after[comment_place(pk, FOR_PROJECT)][0],
        )
        for pk in sorted(parts)
    ]
    PartComment.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["assessment", "part"], update_fields=["private", "for_project"]
    )


def _keep_answers(assessment: Assessment, mine: Mapping[str, Words], by: User) -> None:
    """A level makes a score; what is written beside a criterion without one waits until there is one."""
    scores, loose, taken_back = {}, dict(assessment.loose_notes), []
    for place, value in mine.items():
        if not place.startswith("c"):
            continue
        level, confidence, evidence = value
        loose.pop(place[1:], None)
        if level:
            judged = None if level == CANNOT_JUDGE else int(level)
            scores[int(place[1:])] = ScoreInput(judged, int(confidence) if confidence else None, evidence)
            continue
        taken_back.append(int(place[1:]))
        if confidence or evidence:
            loose[place[1:]] = [confidence, evidence]
    assessment.scores.filter(criterion__in=taken_back).delete()
    assessment.loose_notes = loose
    assessment.save(update_fields=["loose_notes"])
    save_scores(assessment, by=by, scores=scores, summary=mine[SUMMARY][0] if SUMMARY in mine else None)


@transaction.atomic
def confirm_version(assessment: Assessment, *, by: User, number: int) -> Assessment:
    """The reviewer has read version `number` of the application, which came after they began; their answers stand, or are changed next."""
    lock(assessment.application)
    lock(assessment)
    check_judges_freely(assessment.project_id, assessment.assessor_id)
    check_reviews_are_taken(assessment.assignment)
    snapshot = assessment.application.snapshots.filter(number=number).first()
    if snapshot is None or (assessment.version_read and assessment.version_read.number >= number):
        raise RuleViolation(_("There is no newer version to read."), code="no_newer_version")
    assessment.version_read = snapshot
    assessment.save(update_fields=["version_read"])
    record(assessment, "cohorts.confirm_version", by=by, data={"version": number})
    return assessment
