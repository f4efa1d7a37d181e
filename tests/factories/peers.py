"""Works that are shown to a cohort, and what other projects say of them."""

import factory
from django.utils import timezone

from cohorts.models import PeerFeedback, PeerOpening
from courses.models import Submission
from tests.factories.academy import UserFactory
from tests.factories.cohorts import ParticipationFactory, ProjectFactory, RequirementFactory, days
from tests.factories.courses import TERMS, SubmissionFactory, SubmissionVersionFactory

LEVELS = [{"id": "1", "name": "Thin", "text": "It claims.", "points": 1}, {"id": "2", "name": "Solid", "text": "It proves.", "points": 5}]
RUBRIC = [
    {"id": "1", "name": "The need", "help": "Who has it?", "levels": LEVELS},
    {"id": "2", "name": "The figures", "help": "", "levels": LEVELS},
]
WHOLE = {"1": {"level": "2", "comment": "Twelve names."}, "2": {"level": "none", "comment": ""}}


class PeerOpeningFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PeerOpening

    participation = factory.SubFactory(ParticipationFactory)
    requirement = factory.SubFactory(RequirementFactory, kind="deliverable")
    version = factory.LazyAttribute(
        lambda row: SubmissionVersionFactory(
            submission=SubmissionFactory(user=None, group_key=str(row.participation.project_id), waiting=True), submitted_by=None
        )
    )
    opened_at = days(-1)
    opened_by = factory.SubFactory(UserFactory)


class PeerFeedbackFactory(factory.django.DjangoModelFactory):
    """Sent; `sent_at=None` for a draft."""

    class Meta:
        model = PeerFeedback

    opening = factory.SubFactory(PeerOpeningFactory)
    owner = factory.LazyAttribute(lambda row: row.opening.participation.project)
    project = factory.SubFactory(ProjectFactory)
    comment = "Ask ten more people."
    saved_at = factory.LazyFunction(timezone.now)
    saved_by = factory.SubFactory(UserFactory)
    sent_at = factory.LazyFunction(timezone.now)


def hand_in(project, deliverable, state="handed_in", number=1, text="Forty workers were asked."):
    work, _new = Submission.objects.get_or_create(
        user=None,
        group_key=str(project.pk),
        activity_key=deliverable.activity_key,
        defaults={"state": state, "handed_in_at": timezone.now(), "terms": {**TERMS, "belongs_to": "project", "rubric": RUBRIC}},
    )
    return SubmissionVersionFactory(submission=work, number=number, text=text, submitted_by=None)
