"""Pathways and rubrics are written in the CMS; what is used is shown, and a change makes the next version."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import ModelLogEntry
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from cohorts.models import Cohort, Criterion, Level, Pathway, Requirement, RubricPart
from tests.factories import cohorts as make
from tests.factories.courses import make_course
from tests.factories.forms import FormQuestionFactory

pytestmark = pytest.mark.django_db


def said(name, french="", english=""):
    """As the form sends a text in each language."""
    return {f"{name}_fr": french, f"{name}_en": english}


def requirement(kind="manual", **more):
    row = {
        "kind": kind,
        "owed_by": "promoter",
        "offset_days": "",
        "mandatory": "on",
        "moment": "",
        "course_key": "",
        "activity_key": "",
        "page_key": "",
    }
    return {**row, **said("title", "Une chose", "One thing"), **said("explanation"), **more}


def stage(*requirements, title=("Départ", "Start"), **more):
    return {**said("title", *title), **said("explanation"), "requirements": inline_formset(list(requirements)), **more}


def pathway_form(*stages):
    return nested_form_data({**said("title", "Un parcours", "A pathway"), **said("summary"), "stages": inline_formset(list(stages))})


def test_a_pathway_is_written_with_its_stages_and_what_is_owed(client_for, coordinator):
    course = make_course()
    owed = [
        requirement(),
        requirement("course", course_key=str(course.pk), offset_days="30"),
        requirement("self_assessment", moment="midway", owed_by="smart"),
    ]
    answer = client_for(coordinator).post(reverse("pathways:add"), pathway_form(stage(*owed), stage(title=("Départ", "Start"))))
    assert answer.status_code == 302, answer.context["form"].formsets["stages"].errors
    made = Pathway.objects.get(title__en="A pathway")
    assert (made.key, made.version) == ("a-pathway", 1)
    assert list(made.stages.order_by("sort_order").values_list("key", flat=True)) == ["start", "start-2"]
    rows = Requirement.objects.filter(stage__pathway=made).order_by("sort_order")
    assert [(row.key, row.kind, row.course_key, row.moment, row.offset_days) for row in rows] == [
        ("one-thing", "manual", None, "", None),
        ("one-thing-2", "course", course.translation_key, "", 30),
        ("one-thing-3", "self_assessment", None, "midway", None),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        requirement("course"),
        requirement("form", owed_by="smart"),
        requirement("manual", moment="entry"),
        requirement("reading", moment="midway"),
        requirement(""),
    ],
)
def test_what_cannot_be_met_is_refused_and_kept(wrong, client_for, coordinator):
    answer = client_for(coordinator).post(reverse("pathways:add"), pathway_form(stage(wrong)))
    assert answer.status_code == 200
    assert answer.context["form"].formsets["stages"].forms[0].formsets["requirements"].total_error_count() > 0
    assert not Pathway.objects.filter(title__en="A pathway").exists()
    assert "One thing" in answer.content.decode()


def test_what_is_used_is_shown_and_not_asked(client_for, coordinator, cohort):
    Cohort.objects.filter(pk=cohort.pk).update(state="planned")
    step = make.RequirementFactory(stage__pathway=cohort.pathway, title=make.words("Meet us"))
    client = client_for(coordinator)
    assert client.get(reverse("pathways:edit", args=[cohort.pathway_id])).context["form"] is not None
    Cohort.objects.filter(pk=cohort.pk).update(state="open")
    page = client.get(reverse("pathways:edit", args=[cohort.pathway_id]))
    assert (page.templates[0].name, "Meet us" in page.content.decode()) == ("cohorts/cms/programme.html", True)
    assert client.post(reverse("pathways:edit", args=[cohort.pathway_id]), pathway_form(stage())).status_code == 422
    assert Requirement.objects.get(pk=step.pk).title["en"] == "Meet us"
    client.post(reverse("pathways:delete", args=[cohort.pathway_id]))
    assert Pathway.objects.filter(pk=cohort.pathway_id).exists()


@pytest.mark.parametrize("name", ["pathways", "rubrics"])
def test_a_change_makes_the_next_version(name, client_for, coordinator, trainer, cohort):
    row = cohort.pathway if name == "pathways" else cohort.rubric
    model = type(row)
    assert client_for(trainer).post(reverse(f"{name}:new_version", args=[row.pk])).status_code == 302
    assert model.objects.count() == 1
    answer = client_for(coordinator).post(reverse(f"{name}:new_version", args=[row.pk]))
    made = model.objects.get(version=2)
    assert answer.headers["Location"] == reverse(f"{name}:edit", args=[made.pk])
    assert (made.key, made.is_frozen) == (row.key, False)
    assert ModelLogEntry.objects.get(action="cohorts.new_version").object_id == str(made.pk)
    assert client_for(coordinator).get(answer.headers["Location"]).context["form"] is not None


def part_form(*levels):
    criterion = {**said("label", "Un critère", "A criterion"), **said("description"), "levels": inline_formset(list(levels))}
    return nested_form_data({**said("label", "Impact", "Impact"), **said("description"), "criteria": inline_formset([criterion])})


def level(value, words="It works"):
    return {"value": value, **said("label", "Cela marche", words), **said("description", "Des faits", "Facts")}


def test_a_rubric_is_written_part_by_part(client_for, coordinator):
    client = client_for(coordinator)
    part = {"kind": "pillar", "key": "impact", **said("label", "Impact", "Impact"), **said("description")}
    form = nested_form_data({**said("title", "Une grille", "A rubric"), **said("introduction"), "parts": inline_formset([part])})
    assert client.post(reverse("rubrics:add"), form).status_code == 302
    row = RubricPart.objects.get(rubric__title__en="A rubric")
    page = client.get(reverse("rubrics:edit", args=[row.rubric_id])).content.decode()
    address = reverse("rubric_parts:edit", args=[row.pk])
    assert f'href="{address}"' in page
    assert client.get(address).status_code == 200
    answer = client.post(address, part_form(level(0), level(1)))
    assert answer.status_code == 302, answer.context["form"].formsets["criteria"].errors
    assert answer.headers["Location"] == reverse("rubrics:edit", args=[row.rubric_id])
    criterion = Criterion.objects.get(part=row)
    assert (criterion.key, list(criterion.levels.values_list("value", flat=True))) == ("a-criterion", [0, 1])


@pytest.mark.parametrize("levels", [[level(0)], [level(0), level(0)], [level(0), level(5)], [level(0), {**level(1), "description_en": ""}]])
def test_levels_that_two_people_would_read_otherwise_are_refused(levels, client_for, coordinator):
    row = make.RubricPartFactory()
    answer = client_for(coordinator).post(reverse("rubric_parts:edit", args=[row.pk]), part_form(*levels))
    assert answer.status_code == 200
    assert not Level.objects.exists()


def test_the_part_of_a_rubric_that_is_used_leads_to_the_rubric(client_for, coordinator, cohort):
    Cohort.objects.filter(pk=cohort.pk).update(state="open")
    row = cohort.rubric.parts.first()
    for answer in (
        client_for(coordinator).get(reverse("rubric_parts:edit", args=[row.pk])),
        client_for(coordinator).post(reverse("rubric_parts:edit", args=[row.pk]), part_form(level(0), level(1))),
    ):
        assert answer.headers["Location"] == reverse("rubrics:edit", args=[cohort.rubric_id])


@pytest.mark.parametrize("name", ["pathways", "rubrics"])
def test_the_list_costs_the_same_for_one_and_three(name, client_for, coordinator, cohort):
    client, factory = client_for(coordinator), make.PathwayFactory if name == "pathways" else make.RubricFactory
    client.get(reverse(f"{name}:index"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse(f"{name}:index"))
    factory(key="second"), factory(key="third")
    with CaptureQueriesContext(connection) as three:
        answer = client.get(reverse(f"{name}:index"))
    assert answer.context["object_list"].count() == 3
    assert len(three) == len(one)


def test_a_form_is_written_on_a_page_of_its_own(client_for, coordinator, trainer):
    client = client_for(coordinator)
    client.cookies["django_language"] = "en"
    assert client.post(reverse("pathways:add"), pathway_form(stage(requirement("form")))).status_code == 302
    row = Requirement.objects.get(kind="form")
    edit = reverse("pathway_forms:edit", args=[row.pk])
    pathway = reverse("pathways:edit", args=[row.stage.pathway_id])
    assert f'href="{edit}"' in client.get(pathway).content.decode()
    asked = {
        "kind": "choice",
        "is_required": "on",
        "most_words": "",
        **said("label", "Combien ?", "How many?"),
        **said("public_name", "Combien", "How many"),
    }
    asked |= {**said("help"), **said("choices", "Un\nDeux", "One\nTwo")}
    form = nested_form_data({**said("title", "Vos besoins", "Your needs"), **said("explanation"), "questions": inline_formset([asked])})
    assert client_for(trainer).post(edit, form).status_code in (302, 403)
    assert not row.questions.exists()
    answer = client.post(edit, form)
    assert (answer.status_code, answer.headers.get("Location")) == (302, pathway), answer.context["form"].formsets["questions"].errors
    assert [(one.kind, one.options) for one in Requirement.objects.get(pk=row.pk).questions.all()] == [
        ("choice", [("1", "One"), ("2", "Two")])
    ]
    cohort = make.open_now(make.CohortFactory(pathway=row.stage.pathway))
    assert client.get(edit).headers["Location"] == pathway
    assert "How many?" in client.get(pathway).content.decode()
    assert client.post(edit, form).status_code == 302
    assert (cohort.pathway.is_frozen, row.questions.count()) == (True, 1)


def test_only_a_form_has_a_page_of_questions(client_for, coordinator, pathway):
    row = pathway.stages.first().requirements.first()
    assert client_for(coordinator).get(reverse("pathway_forms:edit", args=[row.pk])).status_code == 404


def test_questions_stay_when_the_pathway_is_saved_again(client_for, coordinator):
    client = client_for(coordinator)
    client.post(reverse("pathways:add"), pathway_form(stage(requirement("form"))))
    row = Requirement.objects.get(kind="form")
    asked = FormQuestionFactory(requirement=row)
    again = stage({**requirement("form", offset_days="12"), "id": row.pk}, id=row.stage_id)
    form = pathway_form(again) | {"stages-INITIAL_FORMS": "1", "stages-0-requirements-INITIAL_FORMS": "1"}
    answer = client.post(reverse("pathways:edit", args=[row.stage.pathway_id]), form)
    assert answer.status_code == 302, answer.context["form"].formsets["stages"].errors
    row.refresh_from_db()
    assert (row.offset_days, list(row.questions.all())) == (12, [asked])
    other = form | {"stages-0-requirements-0-kind": "manual"}
    assert client.post(reverse("pathways:edit", args=[row.stage.pathway_id]), other).status_code == 200
    assert Requirement.objects.get(pk=row.pk).kind == "form"
