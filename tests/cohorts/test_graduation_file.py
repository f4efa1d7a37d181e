"""The graduation file: who opens it, what it shows and does, what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts import actions
from cohorts.graduation_file import graduation_file
from cohorts.models import Application, Criterion, Determination, Dossier, Moment, PartComment, Project, Requirement
from cohorts.over_time import assessments_over_time, outlines
from tests.factories import cohorts as make
from tests.factories import courses as learn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def entered(participation, submitted, promoter):
    """The project with the application by which it came in, and what it said then."""
    Application.objects.filter(pk=submitted.pk).update(state="admitted")
    participation.application = submitted
    participation.save()
    said = {"project": {"name": "Coopérative du Nord"}, "dossier": {"publics": "We asked forty workers."}}
    make.ApplicationSnapshotFactory(application=submitted, content=said, submitted_by=promoter)
    return participation


def page_of(participation, verb=""):
    if verb:
        return reverse("cohorts_cms_graduation_verb", args=[participation.pk, verb])
    return reverse("cohorts_cms_graduation", args=[participation.pk])


def settle(participation):
    for requirement in Requirement.objects.filter(stage__pathway=participation.cohort.pathway, mandatory=True):
        make.RequirementRecordFactory(participation=participation, requirement=requirement, outcome="waived", reason="Known elsewhere.")


def assess(participation, value, *, by, moment, own=False):
    start = actions.start_self_assessment if own else actions.start_team_assessment
    assessment = start(participation.project, by=by, cohort=participation.cohort, moment=moment)
    criteria = Criterion.objects.filter(part__rubric=participation.cohort.rubric_id)
    actions.save_scores(
        assessment, by=by, scores={row.pk: actions.ScoreInput(value) for row in criteria}, summary="" if own else "Well walked."
    )
    return actions.submit_assessment(assessment, by=by)


def html(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


# who opens it


def test_it_opens_for_coordinators_and_trainers_without_an_interest(
    entered, english_client_for, visitor_client, promoter, other_promoter, reviewer, trainer, coordinator
):
    address = page_of(entered)
    assert visitor_client.get(address).headers["Location"].startswith("/accounts/login/")
    answers = {who.name.split()[0]: english_client_for(who).get(address).status_code for who in (promoter, other_promoter, reviewer)}
    assert answers == {"Paula": 302, "Oscar": 302, "Rita": 302}
    assert [english_client_for(who).get(address).status_code for who in (trainer, coordinator)] == [200, 200]


@pytest.mark.parametrize("interest", ["declared", "member"])
def test_an_interest_closes_it_with_its_verbs_and_its_links(interest, entered, english_client_for, coordinator, trainer):
    for person in (coordinator, trainer):
        if interest == "declared":
            make.ConflictDeclarationFactory(application=entered.application, person=person)
        else:
            make.ProjectMemberFactory(project=entered.project, person=person, role="viewer")
        client = english_client_for(person)
        assert client.get(page_of(entered)).status_code == 404
        assert client.post(page_of(entered, "eligible")).status_code == 404
        for name, pk in (("cohorts_cms_participation", entered.pk), ("cohorts_cms_cohort", entered.cohort_id)):
            assert page_of(entered) not in html(client, reverse(name, args=[pk]))


def test_it_is_linked_from_the_matrix_and_from_the_participation(entered, english_client_for, coordinator):
    client = english_client_for(coordinator)
    for name, pk in (("cohorts_cms_participation", entered.pk), ("cohorts_cms_cohort", entered.cohort_id)):
        assert page_of(entered) in html(client, reverse(name, args=[pk]))


def test_a_trainer_reads_no_word_of_the_application(entered, english_client_for, trainer, coordinator):
    assert "forty workers" not in html(english_client_for(trainer), page_of(entered))
    assert "forty workers" in html(english_client_for(coordinator), page_of(entered))


def test_a_trainer_signs_and_drafts_the_monograph_and_does_nothing_else(entered, english_client_for, trainer, coordinator):
    settle(entered)
    actions.mark_eligible(entered, by=coordinator)
    client = english_client_for(trainer)
    assert client.post(page_of(entered, "sign")).status_code == 404
    decision = actions.decide_graduation(entered, by=coordinator, outcome="graduated", typology=make.TypologyFactory())
    assert [one.verb.name for one in client.get(page_of(entered)).context["verbs"]] == ["sign", "monograph"]
    seen = {"sign-seen": str(decision.pk)}
    assert client.post(page_of(entered, "release"), {"release-seen": str(decision.pk)}).status_code == 404
    assert client.post(page_of(entered, "sign"), seen).status_code == 302
    assert [row.signed_by for row in decision.signatures.all()] == [trainer]
    make.MentorAssignmentFactory(project=entered.project, mentor=trainer)
    assert client.post(page_of(entered, "sign")).status_code == 404


# what it shows


def test_requirements_say_who_waived_and_why(entered, coordinator):
    settle(entered)
    found = graduation_file(entered, reader=coordinator)
    assert found.owed == []
    assert [(row.requirement.key, row.state) for row in found.asked] == [
        ("application", "waived"),
        ("self", "waived"),
        ("review", "waived"),
        ("session", "waived"),
        ("plan", "waived"),
        ("charter", "open"),
    ]
    assert {row.record.reason for row in found.asked if row.record} == {"Known elsewhere."}


def test_three_moments_stand_on_one_radar(entered, promoter, coordinator, trainer):
    assess(entered, 1, by=promoter, moment="midway", own=True)
    assess(entered, 2, by=coordinator, moment="midway")
    assess(entered, 4, by=promoter, moment="graduation", own=True)
    assess(entered, 2, by=coordinator, moment="graduation")
    assess(entered, 3, by=trainer, moment="graduation")
    found = assessments_over_time(entered.project, cohort=entered.cohort, reader=coordinator)
    assert [(one.moment, bool(one.own), len(one.reviews)) for one in found] == [
        (Moment.ENTRY, False, 0),
        (Moment.MIDWAY, True, 1),
        (Moment.GRADUATION, True, 2),
    ]
    drawn = [(one.name, one.dashed, one.tone, list(one.values.values())) for one in outlines(found, kind="pillar")]
    assert drawn == [
        ("Midway: Smart", False, "accent", [0.5]),
        ("Midway: the project", True, "accent", [0.25]),
        ("At graduation: Smart", False, "ink", [0.625]),
        ("At graduation: the project", True, "ink", [1.0]),
    ]


def test_entry_reviews_are_not_drawn_for_who_may_not_read_them(entered, coordinator, trainer, reviewer):
    assignment = make.ReviewAssignmentFactory(
        application=entered.application, reviewer=reviewer, state="submitted", submitted_at=timezone.now()
    )
    review = make.AssessmentFactory(
        application=entered.application,
        assignment=assignment,
        kind="reviewer",
        assessor=reviewer,
        state="submitted",
        submitted_at=timezone.now(),
        submitted_by=reviewer,
    )
    PartComment.objects.create(assessment=review, part=entered.cohort.rubric.parts.first(), for_project="Count them again.")
    for reader, seen in ((coordinator, 1), (trainer, 0)):
        found = graduation_file(entered, reader=reader)
        assert [len(one.reviews) for one in found.moments] == [seen, 0, 0]
        assert [words for _part, words in found.comments] == ["Count them again."] * seen


def test_the_dossier_says_what_changed_since_entry(entered, coordinator, english_client_for):
    Dossier.objects.filter(project=entered.project).update(publics="We asked ninety workers.", legal_organisation="A cooperative.")
    Project.objects.filter(pk=entered.project_id).update(summary="")
    entered.refresh_from_db()
    found = graduation_file(entered, reader=coordinator)
    changed = {one.section: "".join(piece.words for piece in one.pieces if piece.kind == "new") for one in found.changed}
    assert (changed["Publics served"], changed["Legal organisation"]) == ("ninety", "A cooperative.")
    page = html(english_client_for(coordinator), page_of(entered))
    assert "<ins>" in page
    assert "Compared with version 1" in page


def test_without_an_application_there_is_nothing_to_compare(participation, english_client_for, coordinator):
    page = html(english_client_for(coordinator), page_of(participation))
    assert "What the project writes is read by coordinators" in page
    for words in ("No assessment is submitted yet.", "Nobody has written to the project", "No status is written yet.", "No decision yet."):
        assert words in page


def test_each_typology_is_checked_with_its_why(entered, coordinator, english_client_for):
    make.TypologyConditionFactory(rule="started")
    make.TypologyFactory(key="open_smart", label=make.words("Open Smart"))
    found = graduation_file(entered, reader=coordinator)
    assert [(one.typology.key, one.is_met, [row.why for row in one.conditions]) for one in found.typologies] == [
        ("open_smart", True, []),
        ("social_franchise", False, ["The project says: An idea."]),
    ]
    page = html(english_client_for(coordinator), page_of(entered))
    assert "1 condition open" in page
    assert "The project says: An idea." in page


def test_a_work_is_shown_with_its_last_answer(entered, coordinator):
    page = learn.make_assignment(learn.make_module(language="en"), belongs_to="project")
    work = learn.SubmissionFactory(user=None, group_key=str(entered.project_id), activity_key=page.translation_key, waiting=True)
    version = learn.SubmissionVersionFactory(submission=work)
    for days, verdict in ((2, "to_improve"), (1, "accepted")):
        learn.FeedbackFactory(version=version, verdict=verdict, comment="Read.", given_at=timezone.now() - timedelta(days=days))
    [found] = graduation_file(entered, reader=coordinator).works
    assert (found.title, found.feedback.verdict) == (page.title, "accepted")


# what it does


def test_from_ready_to_released_with_its_letter(entered, english_client_for, coordinator, trainer, admin_user):
    settle(entered)
    typology = make.TypologyConditionFactory().typology
    client = english_client_for(coordinator)
    confirm = {"confirm-condition-condition": typology.conditions.get().pk, "confirm-condition-note": "Article 3."}
    for verb, data in (
        ("confirm-condition", confirm),
        ("eligible", {}),
        ("decide", {"decide-outcome": "graduated", "decide-typology": typology.pk, "decide-reasons": "The whole way."}),
    ):
        assert client.post(page_of(entered, verb), data).status_code == 302
    pending = str(Determination.objects.get().pk)
    assert client.post(page_of(entered, "sign"), {"sign-seen": pending}).status_code == 302
    page = html(client, page_of(entered))
    assert "Congratulations: your project has graduated." in page
    assert "The whole way." in page
    refused = client.post(page_of(entered, "release"), {"release-seen": pending})
    assert "1 of 2 signatures" in refused.content.decode()
    english_client_for(admin_user).post(page_of(entered, "sign"), {"sign-seen": pending})
    first = client.post(page_of(entered, "release"), {"release-seen": pending})
    assert "Congratulations: your project has graduated." in first.context["first"].letters[0].body_text
    sent = client.post(page_of(entered, "release"), {"release-seen": pending, "letters": first.context["stamp"]})
    assert sent.status_code == 302
    entered.refresh_from_db()
    assert (entered.state, Determination.objects.get().typology) == ("graduated", typology)
    assert client.get(page_of(entered)).context["letter"] is None


def test_an_open_condition_is_said_beside_the_question(entered, english_client_for, coordinator):
    settle(entered)
    actions.mark_eligible(entered, by=coordinator)
    typology = make.TypologyConditionFactory().typology
    data = {"decide-outcome": "graduated", "decide-typology": typology.pk, "decide-reasons": "The whole way."}
    answer = english_client_for(coordinator).post(page_of(entered, "decide"), data)
    assert "Wanted: It is not for profit" in answer.content.decode()
    assert Determination.objects.count() == 0


# what it costs


def test_the_file_costs_the_same_for_one_and_three_of_everything(
    entered, english_client_for, coordinator, promoter, reviewer, trainer, pathway, session
):
    """One and three of: records, conditions, answers to them, terms, seats, assessments, comments, works, mentors, decisions, signatures."""
    keys = iter(("open_smart", "social_franchise", "european_group"))
    stage, people = pathway.stages.last(), iter((coordinator, trainer, reviewer))

    def another():
        requirement = make.RequirementFactory.build(stage=stage, kind="manual")
        Requirement.objects.bulk_create([requirement])
        make.RequirementRecordFactory(participation=entered, requirement=Requirement.objects.order_by("pk").last())
        typology = make.TypologyFactory(key=next(keys))
        make.TypologyTermFactory(typology=typology)
        make.TypologyPaperFactory(typology=typology)
        make.TypologyConditionFactory(typology=typology, rule="started")
        make.ConditionRecordFactory(participation=entered, condition__typology=typology)
        make.RegistrationFactory(session=make.SessionFactory(cohorts=[entered.cohort]), project=entered.project)
        make.MentorAssignmentFactory(project=entered.project)
        assess(entered, 3, by=next(people), moment="graduation")
        other = make.ReviewAssignmentFactory(application=entered.application, state="submitted", submitted_at=timezone.now())
        review = make.AssessmentFactory(
            application=entered.application,
            assignment=other,
            kind="reviewer",
            state="submitted",
            submitted_at=timezone.now(),
            submitted_by=other.reviewer,
        )
        PartComment.objects.create(assessment=review, part=entered.cohort.rubric.parts.first(), for_project="Count them again.")
        page = learn.make_assignment(learn.make_module(language="en"), belongs_to="project")
        work = learn.SubmissionFactory(user=None, group_key=str(entered.project_id), activity_key=page.translation_key, waiting=True)
        learn.FeedbackFactory(version=learn.SubmissionVersionFactory(submission=work), comment="Read.")
        Determination.objects.pending().update(superseded_at=timezone.now())
        for _signature in range(2):
            make.SignatureFactory(
                determination=make.GraduationFactory(participation=entered, typology=typology, superseded_at=timezone.now())
            )
        make.SignatureFactory(determination=make.GraduationFactory(participation=entered, typology=typology))

    client, address = english_client_for(coordinator), page_of(entered)
    another()
    client.get(address)
    with CaptureQueriesContext(connection) as once:
        assert "Count them again." in html(client, address)
    another()
    another()
    with CaptureQueriesContext(connection) as thrice:
        html(client, address)
    assert len(thrice) == len(once)
    assert len(once) <= 70
