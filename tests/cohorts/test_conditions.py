"""Minimum conditions of a typology: one rule per kind, a person's word, and what stands between a project and a status."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.conditions import all_typologies, check, check_typologies, facts_on
from cohorts.models import Criterion, Dossier, Project, Requirement, Typology, TypologyCondition
from tests.factories import cohorts as make
from tests.test_house import strict_templates  # noqa: F401 (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def condition(rule="confirmed", **values):
    return make.TypologyConditionFactory(rule=rule, **values)


def checked(row, participation):
    found = check(row, facts_on(participation))
    return found.state, found.why


def settle(participation, *, except_for=()):
    for requirement in Requirement.objects.filter(stage__pathway=participation.cohort.pathway, mandatory=True).exclude(key__in=except_for):
        make.RequirementRecordFactory(participation=participation, requirement=requirement, outcome="waived", reason="Known.")


def team_assesses(participation, value, *, by, moment="graduation"):
    assessment = actions.start_team_assessment(participation.project, by=by, cohort=participation.cohort, moment=moment)
    criteria = Criterion.objects.filter(part__rubric=participation.cohort.rubric_id)
    actions.save_scores(assessment, by=by, scores={row.pk: actions.ScoreInput(value) for row in criteria})
    return actions.submit_assessment(assessment, by=by)


def test_requirements_are_settled_by_being_met_or_waived(participation):
    row = condition("requirements")
    assert checked(row, participation) == ("open", "5 are open, the first: application")
    settle(participation, except_for=["plan"])
    assert checked(row, participation) == ("open", "1 is open: plan")
    make.RequirementRecordFactory(participation=participation, requirement=Requirement.objects.get(key="plan"))
    assert checked(row, participation) == ("met", "All 5 are settled, 4 of them waived.")


def test_sessions_attended_and_waived_count_together(participation, session, promoter):
    row = condition("sessions", number=2)
    assert checked(row, participation) == ("open", "0 sessions attended")
    settle(participation, except_for=["plan"])
    assert checked(row, participation) == ("open", "0 sessions attended, 1 waived")
    assert checked(condition("sessions", number=1), participation)[0] == "met"


@pytest.mark.parametrize(("value", "state"), [(2, "open"), (3, "met"), (4, "met")])
def test_a_pillar_is_at_a_level_in_the_last_assessment_on_the_pathway(value, state, participation, coordinator):
    row = condition("pillar", pillar="impact", number=3)
    assert checked(row, participation) == ("open", "Smart has not assessed the project on its pathway yet.")
    team_assesses(participation, 4 - value, by=coordinator, moment="midway")
    team_assesses(participation, value, by=coordinator)
    assert checked(row, participation) == (state, f"At graduation: level {value}, where 3 is wanted.")
    other = condition("pillar", pillar="craft", number=1)
    assert checked(other, participation) == ("open", "At graduation: nobody could judge this pillar.")


def test_legal_form_is_what_the_dossier_says(participation):
    row = condition("legal_form")
    assert checked(row, participation) == ("open", "The dossier says nothing under “Legal organisation” yet.")
    Dossier.objects.update_or_create(project=participation.project, defaults={"legal_organisation": "A cooperative."})
    assert checked(row, participation) == ("met", "The dossier says it, under “Legal organisation”.")


@pytest.mark.parametrize(("status", "state"), [("idea", "open"), ("starting", "met"), ("running", "met"), ("stopped", "open")])
def test_a_project_has_started(status, state, participation):
    Project.objects.filter(pk=participation.project_id).update(status=status)
    assert checked(condition("started"), participation)[0] == state


def test_a_person_confirms_with_a_note_and_takes_it_back(participation, coordinator):
    row = condition()
    assert checked(row, participation) == ("open", "Nobody has confirmed it yet.")
    with pytest.raises(RuleViolation, match="what shows it"):
        actions.confirm_condition(participation, by=coordinator, condition=row, note=" ")
    record = actions.confirm_condition(participation, by=coordinator, condition=row, note="Article 3.")
    assert checked(row, participation) == ("met", "Article 3.")
    with pytest.raises(RuleViolation, match="already"):
        actions.confirm_condition(participation, by=coordinator, condition=row, note="Again.")
    actions.take_back_condition(record, by=coordinator, reason="Another article.")
    assert checked(row, participation)[0] == "open"
    with pytest.raises(RuleViolation, match="annulled already"):
        actions.take_back_condition(record, by=coordinator, reason="Twice.")


def test_what_a_rule_checks_is_waived_and_never_confirmed(participation, coordinator):
    row = condition("started")
    with pytest.raises(RuleViolation, match="A rule checks"):
        actions.confirm_condition(participation, by=coordinator, condition=row, note="I know it.")
    actions.waive_condition(participation, by=coordinator, condition=row, reason="It starts the day it graduates.")
    assert checked(row, participation) == ("waived", "It starts the day it graduates.")


def test_an_answer_outlives_its_condition(participation, coordinator):
    row = condition()
    record = actions.confirm_condition(participation, by=coordinator, condition=row, note="Article 3.")
    row.delete()
    record.refresh_from_db()
    assert (record.condition, str(record.words)) == (None, "It is not for profit")
    assert facts_on(participation).records == {}


def test_graduation_to_a_typology_waits_for_its_conditions(participation, coordinator, reviewer, trainer):
    settle(participation)
    actions.mark_eligible(participation, by=coordinator)
    row = condition()
    with pytest.raises(RuleViolation, match=r"Wanted: It is not for profit\. Nobody has confirmed it yet\."):
        actions.decide_graduation(participation, by=coordinator, outcome="graduated", typology=row.typology)
    record = actions.confirm_condition(participation, by=coordinator, condition=row, note="Article 3.")
    decision = actions.decide_graduation(participation, by=coordinator, outcome="graduated", typology=row.typology)
    actions.sign(decision, by=reviewer)
    actions.sign(decision, by=trainer)
    actions.take_back_condition(record, by=coordinator, reason="It was another project.")
    with pytest.raises(RuleViolation, match="not open to this project yet"):
        actions.release(decision, by=coordinator)
    actions.confirm_condition(participation, by=coordinator, condition=row, note="Article 4.")
    actions.release(decision, by=coordinator)
    participation.refresh_from_db()
    assert participation.state == "graduated"
    with pytest.raises(RuleViolation, match="on its way"):
        actions.waive_condition(participation, by=coordinator, condition=condition("started"), reason="Late.")


def test_another_typology_is_not_asked_the_same(participation, coordinator):
    condition()
    free = make.TypologyFactory(key="open_smart", label=make.words("Open Smart"))
    found = check_typologies(all_typologies(), facts_on(participation))
    assert [(one.typology.key, one.is_met) for one in found] == [("open_smart", True), ("social_franchise", False)]
    settle(participation)
    actions.mark_eligible(participation, by=coordinator)
    assert actions.decide_graduation(participation, by=coordinator, outcome="graduated", typology=free).typology == free


# what a typology may ask


@pytest.mark.parametrize(
    "values",
    [
        {"rule": "pillar", "number": 3},
        {"rule": "pillar", "pillar": "impact"},
        {"rule": "pillar", "pillar": "impact", "number": 5},
        {"rule": "sessions"},
        {"rule": "sessions", "number": 0},
        {"rule": "started", "number": 1},
        {"rule": "confirmed", "pillar": "impact"},
    ],
)
def test_a_rule_has_what_it_needs_and_nothing_else(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        make.TypologyConditionFactory(**values)


def test_what_a_person_confirms_is_written():
    with pytest.raises(ValidationError, match="Write what a person confirms"):
        TypologyCondition(typology=make.TypologyFactory(), rule="confirmed").full_clean()


def test_a_rule_says_itself_in_both_languages():
    row = condition("pillar", pillar="impact", number=3)
    assert dict(row.sentence) == {
        "fr": "«\u00a0Impact social\u00a0» au niveau 3 ou plus dans la dernière évaluation de Smart",
        "en": "“Social impact” at level 3 or higher in the last assessment by Smart",
    }


# as data: the page for everybody, and the form in the CMS


def whole_typology(key="social_franchise", label="Social franchise"):
    typology = make.TypologyFactory(key=key, label=make.words(label))
    make.TypologyTermFactory(typology=typology, text=make.words("A week a year."))
    make.TypologyTermFactory(typology=typology, kind="return", text=make.words("A yearly fee."))
    make.TypologyConditionFactory(typology=typology)
    make.TypologyPaperFactory(typology=typology)
    return typology


@pytest.mark.usefixtures("strict_templates")
def test_everybody_reads_the_statuses(visitor_client, django_assert_num_queries):
    address = reverse("cohorts_statuses")
    assert "The statuses are not written yet" in visitor_client.get(address).content.decode()
    whole_typology()
    page = visitor_client.get(address).content.decode()
    french = visitor_client.get(address.replace("/en/", "/fr/")).content.decode()
    assert ("A week a year. (fr)" in french, "A week a year. (fr)" in page) == (True, False)
    assert [words for words in ("A week a year.", "A yearly fee.", "It is not for profit", "Contract") if words not in page] == []
    with django_assert_num_queries(4) as one:
        all_typologies()
    whole_typology("open_smart", "Open Smart")
    whole_typology("european_group", "European group")
    with django_assert_num_queries(len(one.captured_queries)):
        assert len(all_typologies()) == 3


def form_of(typology, **changes):
    data = {"key": typology.key, "sort_order": 1}
    for name in ("label", "who", "meaning"):
        data |= {f"{name}_fr": "Franchise", f"{name}_en": "Franchise"}
    for name in ("terms", "conditions", "papers"):
        rows = list(getattr(typology, name).all())
        data |= {
            f"{name}-TOTAL_FORMS": len(rows),
            f"{name}-INITIAL_FORMS": len(rows),
            f"{name}-MIN_NUM_FORMS": 0,
            f"{name}-MAX_NUM_FORMS": 1000,
        }
        for place, row in enumerate(rows):
            data |= {f"{name}-{place}-id": row.pk, f"{name}-{place}-ORDER": place + 1, f"{name}-{place}-DELETE": ""}
            for words in {"terms": ["text"], "conditions": ["words"], "papers": ["title", "text"]}[name]:
                data |= {f"{name}-{place}-{words}_{code}": text for code, text in getattr(row, words).items()}
    data |= {"terms-0-kind": "people", "terms-0-due_in_days": "", "terms-1-kind": "return", "terms-1-due_in_days": "365"}
    return data | {"conditions-0-rule": "confirmed", "conditions-0-number": "", "conditions-0-pillar": ""} | changes


def test_a_coordinator_edits_a_typology(client_for, coordinator):
    typology = whole_typology()
    address = reverse("typologies:edit", args=[typology.pk])
    client = client_for(coordinator)
    assert client.get(address).status_code == 200
    answer = client.post(address, form_of(typology, **{"terms-1-text_en": "A fee each year."}))
    assert answer.status_code == 302, answer.context["form"].errors
    term = typology.terms.get(kind="return")
    assert (str(term.text["en"]), term.due_in_days, term.owed_by) == ("A fee each year.", 365, "promoter")
    answer = client.post(address, form_of(typology, **{"conditions-0-rule": "sessions"}))
    assert answer.status_code == 200
    assert Typology.objects.get(pk=typology.pk).conditions.get().rule == "confirmed"


def test_a_condition_that_was_answered_can_leave_the_form(client_for, coordinator, participation):
    typology = whole_typology()
    record = make.ConditionRecordFactory(participation=participation, condition=typology.conditions.get())
    answer = client_for(coordinator).post(
        reverse("typologies:edit", args=[typology.pk]), form_of(typology, **{"conditions-0-DELETE": "on"})
    )
    assert answer.status_code == 302
    record.refresh_from_db()
    assert (typology.conditions.count(), record.condition) == (0, None)


def test_a_trainer_reads_the_list_and_changes_nothing(client_for, trainer):
    typology = whole_typology()
    assert client_for(trainer).get(reverse("typologies:index")).status_code == 200
    assert client_for(trainer).post(reverse("typologies:edit", args=[typology.pk]), form_of(typology)).status_code == 302
    assert str(Typology.objects.get(pk=typology.pk).label["en"]) == "Social franchise"


def test_conditions_are_answered_in_the_cms(client_for, coordinator, participation):
    row, rule = condition(), condition("started")
    client = client_for(coordinator)
    for name, data in (
        ("confirm-condition", {"condition": row.pk, "note": "Article 3."}),
        ("waive-condition", {"condition": rule.pk, "reason": "It starts next month."}),
    ):
        address = reverse("cohorts_cms_graduation_verb", args=[participation.pk, name])
        assert client.post(address, {f"{name}-{key}": value for key, value in data.items()}).status_code == 302
    assert [one.outcome for one in participation.condition_records.order_by("pk")] == ["confirmed", "waived"]
    address = reverse("cohorts_cms_graduation_verb", args=[participation.pk, "take-back-condition"])
    record = participation.condition_records.get(outcome="waived")
    client.post(address, {"take-back-condition-record": record.pk, "take-back-condition-reason": "It has started."})
    record.refresh_from_db()
    assert (record.annulled_by, record.annulled_reason) == (coordinator, "It has started.")
