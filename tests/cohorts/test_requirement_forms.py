"""A form of the pathway: kept as it is typed, sent, sent again; met by having been sent; read by its people and by the team."""

import json
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy import actions as people
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.call_answers import name_of
from cohorts.matrix import cohort_matrix
from cohorts.merging import mark_of
from cohorts.models import Cohort, FormFile, FormQuestion, FormReply, FormSending, Requirement
from cohorts.pathway_state import pathway_state
from cohorts.requirements import MET, OPEN, WAIVED
from courses.uploads import taken
from tests.cohorts.test_attachments import PDF
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.forms import FormQuestionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def form(pathway):
    """Asked before the cohort of the other fixtures opens."""
    return make.RequirementFactory(
        stage=pathway.stages.get(key="walk"), kind="form", key="needs", title=make.words("What you need"), offset_days=20
    )


@pytest.fixture
def asked(form):
    lines = {"en": "Alone\nTogether", "fr": "Seul\nEnsemble"}
    kinds = ("text", "number", "choice", "country", "money", "file")
    return {
        kind: FormQuestionFactory(requirement=form, kind=kind, choices=lines if kind == "choice" else {}, is_required=kind == "text")
        for kind in kinds
    }


@pytest.fixture
def names(asked):
    return {kind: name_of(row.pk) for kind, row in asked.items()}


@pytest.fixture
def place(asked, participation):
    return participation


@pytest.fixture
def page(place, project, form, strict_templates):
    return reverse("cohorts_form", args=[project.pk, form.pk])


def standing(project, requirement):
    return next(row for stage in pathway_state(project).stages for row in stage.items if row.requirement == requirement)


def write(project, form, by, **answers):
    return actions.merge_form(project, by=by, requirement=form, answers=answers, since={})


def upload(name="plan.pdf"):
    return SimpleUploadedFile(name, PDF)


# --- writing and sending


def test_it_is_met_by_having_been_sent_and_by_nothing_else(place, project, form, names, promoter, coordinator):
    assert (standing(project, form).state, standing(project, form).owed_by_promoter) == (OPEN, True)
    write(project, form, promoter, **{names["text"]: "Two desks."})
    assert standing(project, form).state == OPEN
    with pytest.raises(RuleViolation):
        actions.record_met(place, by=coordinator, requirement=form)
    row = actions.send_form(project, by=promoter, requirement=form)
    assert (row.number, row.sent_by, standing(project, form).state) == (1, promoter, MET)
    assert next((one["kind"], one["value"]) for one in row.content["answers"]) == ("text", "Two desks.")
    line = ModelLogEntry.objects.get(action="cohorts.send_form")
    assert (line.object_id, line.data) == (str(project.pk), {"requirement": form.pk, "number": 1})


def test_every_sending_is_kept_and_the_same_again_is_none(place, project, form, names, promoter):
    other = make.ProjectMemberFactory(project=project, role="member").person
    write(project, form, promoter, **{names["text"]: "Two desks."})
    first = actions.send_form(project, by=promoter, requirement=form)
    assert actions.send_form(project, by=other, requirement=form) == first
    write(project, form, other, **{names["text"]: "Three desks."})
    actions.send_form(project, by=other, requirement=form)
    rows = FormSending.objects.order_by("number").values_list("number", "sent_by")
    assert list(rows) == [(1, promoter.pk), (2, other.pk)]


def test_what_must_be_answered_is_wanted(place, project, form, names, promoter):
    write(project, form, promoter, **{names["number"]: "3.00"})
    with pytest.raises(RuleViolation) as refusal:
        actions.send_form(project, by=promoter, requirement=form)
    assert (refusal.value.code, str(refusal.value), FormSending.objects.count()) == ("missing", "Answer: What about text?", 0)


@pytest.mark.parametrize("state", ["withdrawn", "dismissed", "graduated"])
def test_who_is_asked_no_more_sends_no_more(place, project, form, names, promoter, coordinator, client_for, page, state):
    write(project, form, promoter, **{names["text"]: "Two desks."})
    ended = {"graduated_at": timezone.now()} if state == "graduated" else {"ended_at": timezone.now(), "ended_by": coordinator}
    type(place).objects.update(state=state, **ended)
    with pytest.raises(RuleViolation) as refusal:
        actions.send_form(project, by=promoter, requirement=form)
    assert refusal.value.code == "closed"
    client = client_for(promoter)
    assert client.get(page).templates[0].name == "cohorts/requirement_form_read.html"
    assert client.post(page, {"intent": "send"}).status_code == 404


def test_a_waived_form_is_waived_for_one_project(place, project, form, coordinator):
    actions.waive(place, by=coordinator, requirement=form, reason="They told us.")
    assert standing(project, form).state == WAIVED


def test_a_file_stays_in_what_it_was_sent_with(place, project, form, names, asked, promoter):
    write(project, form, promoter, **{names["text"]: "Two desks."})
    kept, gone = (
        actions.attach_to_form(project, by=promoter, question=asked["file"], brought=taken(upload(name))) for name in ("a.pdf", "a.pdf")
    )
    assert kept == gone
    sent = actions.send_form(project, by=promoter, requirement=form)
    actions.remove_from_form(kept, by=promoter)
    assert (FormFile.objects.get().in_draft, list(sent.files.all())) == (False, [kept])
    fresh = actions.attach_to_form(project, by=promoter, question=asked["file"], brought=taken(SimpleUploadedFile("b.pdf", PDF + b"%")))
    actions.remove_from_form(fresh, by=promoter)
    assert list(FormFile.objects.all()) == [kept]
    actions.send_form(project, by=promoter, requirement=form)
    assert FormSending.objects.get(number=2).content["files"] == []


def test_only_a_question_for_a_file_takes_one(place, project, asked, promoter):
    with pytest.raises(ValueError, match="not a question"):
        actions.attach_to_form(project, by=promoter, question=asked["text"], brought=taken(upload()))


# --- what the database and the forms refuse


def test_the_database_refuses_a_second_reply_and_a_question_with_words(place, project, form, asked, promoter):
    FormReply.objects.create(project=project, requirement=form)
    with pytest.raises(IntegrityError), transaction.atomic():
        FormReply.objects.create(project=project, requirement=form)
    with pytest.raises(IntegrityError), transaction.atomic():
        FormQuestion.objects.filter(pk=asked["number"].pk).update(most_words=10)


def test_questions_are_frozen_with_the_pathway_and_belong_to_forms(pathway, form, asked, coordinator):
    with pytest.raises(ValidationError):
        FormQuestionFactory.build(requirement=pathway.stages.get(key="walk").requirements.get(key="plan")).clean()
    form.kind = "manual"
    with pytest.raises(ValidationError):
        form.clean()
    cohort = make.open_now(make.CohortFactory(pathway=pathway))
    row = FormQuestion.objects.get(pk=asked["text"].pk)
    with pytest.raises(RuleViolation):
        row.save()
    Cohort.objects.filter(pk=cohort.pk).update(state="planned")
    FormQuestion.objects.get(pk=asked["text"].pk).save()


def test_no_call_opens_with_a_form_that_asks_nothing(pathway, form, rubric, coordinator):
    cohort = make.CohortFactory(pathway=pathway, rubric=rubric, coordinator=coordinator)
    with pytest.raises(RuleViolation) as refusal:
        actions.open_cohort(cohort, by=coordinator)
    assert refusal.value.code == "empty_form"
    FormQuestionFactory(requirement=form)
    actions.open_cohort(cohort, by=coordinator)


def test_the_next_version_has_the_questions_too(place, pathway, asked, coordinator):
    copy = actions.new_pathway_version(pathway, by=coordinator)
    form = Requirement.objects.get(stage__pathway=copy, kind="form")
    assert [row.kind for row in form.questions.order_by("sort_order")] == list(asked)
    assert FormQuestion.objects.count() == 12


# --- the page


def test_every_kind_is_kept_and_sent_from_the_page(client_for, promoter, project, form, names, page):
    typed = {
        names["text"]: "Two desks.", names["number"]: "12 000,5", names["choice"]: "2", names["country"]: "PT",
        names["money"]: "1 200", f"{names['money']}_currency": "EUR", f"file_{names['file']}": upload(), "intent": "save",
    }  # fmt: skip
    client = client_for(promoter)
    assert client.post(page, typed).headers["Location"] == page
    assert FormReply.objects.get().answers == {
        names["text"]: "Two desks.", names["number"]: "12000.50", names["choice"]: "2", names["country"]: "PT", names["money"]: "1200.00 EUR"
    }  # fmt: skip
    content = client.get(page).content.decode()
    assert "plan.pdf" in content
    sent = client.post(page, {"intent": "send"})
    assert sent.headers["Location"] == reverse("cohorts_my_pathway")
    assert standing(project, form).state == MET
    answers = {answer.question: answer.words for answer in client.get(page).context["sendings"][0][1]}
    assert answers == {
        "What about text?": "Two desks.", "What about number?": "12,000.50", "What about choice?": "Together",
        "What about country?": "Portugal", "What about money?": "€1,200", "What about file?": "",
    }  # fmt: skip


def test_what_is_missing_is_said_and_nothing_is_lost(client_for, promoter, page, names):
    answer = client_for(promoter).post(page, {names["number"]: "many", names["choice"]: "2", "intent": "send"})
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {names["number"]}
    assert FormReply.objects.get().answers == {names["choice"]: "2"}
    answer = client_for(promoter).post(page, {names["number"]: "", "intent": "send"})
    assert set(answer.context["form"].errors) == {names["text"]}
    assert [one.field for one in answer.context["missing"]] == [names["text"]]


def test_a_file_that_is_wanted_is_said_too(client_for, promoter, page, names, asked):
    FormQuestion.objects.filter(pk=asked["file"].pk).update(is_required=True)
    answer = client_for(promoter).post(page, {names["text"]: "Two.", "intent": "send"})
    assert answer.context["form"].non_field_errors() == ["Answer: What about file?"]


def test_a_script_keeps_it_and_two_people_lose_nothing(client_for, promoter, project, form, names, page):
    write(project, form, promoter, **{names["text"]: "Theirs."})
    told = {names["text"]: "Mine.", f"from_{names['text']}": mark_of(""), names["number"]: "3", f"from_{names['number']}": mark_of("")}
    answer = client_for(promoter).post(page, told, HTTP_ACCEPT="application/json")
    said = json.loads(answer.content)
    assert (list(said["both"]), said["marks"][names["number"]]) == ([names["text"]], mark_of("3.00"))
    assert FormReply.objects.get().answers == {names["text"]: "Theirs.", names["number"]: "3.00"}
    assert not FormSending.objects.exists()


def test_nobody_sends_what_somebody_else_has_written_since_their_page_was_opened(client_for, promoter, project, form, names, page):
    other = make.ProjectMemberFactory(project=project, role="member").person
    write(project, form, promoter, **{names["text"]: "Two desks."})
    client = client_for(promoter)
    opened = {names["text"]: "Two desks.", f"from_{names['text']}": mark_of("Two desks."), "intent": "send"}
    write(project, form, other, **{names["text"]: "Two desks, and a lawyer."})
    shown = client.post(page, opened)
    assert (shown.status_code, FormSending.objects.count()) == (200, 0)
    assert "Changed by somebody else meanwhile: read it, then send." in shown.content.decode()
    [row] = [row for _section, rows in shown.context["sections"] for row in rows if row.name == names["text"]]
    assert (row.bound.value(), row.mark) == ("Two desks, and a lawyer.", mark_of("Two desks, and a lawyer."))
    client.post(page, {names["text"]: row.bound.value(), f"from_{names['text']}": row.mark, "intent": "send"})
    assert FormSending.objects.get().content["answers"][0]["value"] == "Two desks, and a lawyer."


def test_what_says_nothing_is_no_sign_of_life(client_for, promoter, page):
    client_for(promoter).post(page, {"intent": "save"})
    client_for(promoter).post(page, {}, HTTP_ACCEPT="application/json")
    assert not FormReply.objects.exists()


def test_my_pathway_leads_to_it_before_and_after(client_for, promoter, project, form, names, page):
    client = client_for(promoter)
    step = reverse("cohorts_step", args=[project.pk, form.pk])
    assert client.get(step).headers["Location"] == page
    place = reverse("cohorts_my_pathway")
    assert step in client.get(place).content.decode()
    write(project, form, promoter, **{names["text"]: "Two desks."})
    actions.send_form(project, by=promoter, requirement=form)
    assert step in client.get(place).content.decode()


def test_who_only_looks_reads_what_was_sent_and_writes_nothing(client_for, promoter, project, form, names, page):
    onlooker = make.ProjectMemberFactory(project=project, role="viewer").person
    write(project, form, promoter, **{names["text"]: "Two desks."})
    client = client_for(onlooker)
    assert "Two desks." not in client.get(page).content.decode()
    actions.send_form(project, by=promoter, requirement=form)
    assert "Two desks." in client.get(page).content.decode()
    assert client.post(page, {names["text"]: "Mine."}).status_code == 404
    assert FormReply.objects.get().answers[names["text"]] == "Two desks."


def test_an_erased_person_is_named_no_more(place, project, form, names, promoter):
    author = UserFactory(name="Ada Long", email="ada.long@example.org")
    make.ProjectMemberFactory(project=project, person=author, role="member")
    write(project, form, author, **{names["text"]: "Two desks."})
    row = actions.send_form(project, by=author, requirement=form)
    people.erase_person(author, by=author)
    row = FormSending.objects.select_related("sent_by", "reply").get(pk=row.pk)
    assert (row.reply.saved_by, "Ada" in f"{row.sent_by}", standing(project, form).state) == (None, False, MET)


# --- the team


def test_the_team_reads_it_and_who_has_an_interest_does_not(
    client_for, promoter, other_promoter, coordinator, trainer, reviewer, project, place, form, names, asked, submitted
):
    write(project, form, promoter, **{names["text"]: "Two desks.", names["money"]: "1200.00 EUR"})
    draft = actions.attach_to_form(project, by=promoter, question=asked["file"], brought=taken(upload()))
    one, everybody = (
        reverse(name, args=[pk, form.pk]) for name, pk in (("cohorts_cms_form", place.pk), ("cohorts_cms_forms", place.cohort_id))
    )
    file = reverse("cohorts_form_file", args=[draft.pk])
    assert [client_for(person).get(file).status_code for person in (promoter, other_promoter, coordinator, reviewer)] == [
        200,
        404,
        404,
        404,
    ]
    assert "Two desks." not in client_for(coordinator).get(one).content.decode()
    actions.send_form(project, by=promoter, requirement=form)
    for person in (coordinator, trainer):
        assert "Two desks." in client_for(person).get(one).content.decode()
        assert "Two desks." in client_for(person).get(everybody).content.decode()
        assert client_for(person).get(file).status_code == 200
    assert [client_for(person).get(one).status_code for person in (promoter, reviewer)] == [302, 302]
    make.ConflictDeclarationFactory(application=submitted, person=coordinator)
    assert client_for(coordinator).get(one).status_code == 404
    assert client_for(coordinator).get(file).status_code == 404
    page = client_for(coordinator).get(everybody)
    assert (page.status_code, page.context["replies"]) == (200, [])


def test_it_leaves_as_a_file(client_for, promoter, coordinator, project, place, form, names):
    write(project, form, promoter, **{names["text"]: "Two desks.", names["money"]: "1200.00 EUR", names["number"]: "3.00"})
    actions.send_form(project, by=promoter, requirement=form)
    client = client_for(coordinator)
    client.cookies["django_language"] = "en"
    answer = client.get(reverse("cohorts_cms_forms", args=[place.cohort_id, form.pk]) + "?export=csv")
    head, line = b"".join(answer.streaming_content).decode().removeprefix("\ufeff").splitlines()
    assert head == "Project,Country,Sent,Text,Number,Choice,Country,Money,Money (currency),File"
    cells = line.split(",")
    assert (cells[0], cells[3], Decimal(cells[4]), Decimal(cells[7]), cells[8]) == ("Coopérative du Nord", "Two desks.", 3, 1200, "EUR")


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_of_a_cohort_costs_the_same_for_one_and_three(
    client_for, coordinator, form, asked, names, cohort, crowd, number, django_assert_max_num_queries
):
    for one in crowd(number):
        write(one.project, form, one.person, **{names["text"]: "Two desks."})
        actions.send_form(one.project, by=one.person, requirement=form)
    client, page = client_for(coordinator), reverse("cohorts_cms_forms", args=[cohort.pk, form.pk])
    client.get(page)
    with django_assert_max_num_queries(14):
        client.get(page)


def test_the_matrix_asks_once_whatever_the_number_of_projects(
    client_for, coordinator, form, asked, names, cohort, crowd, django_assert_max_num_queries
):
    for one in crowd(3):
        write(one.project, form, one.person, **{names["text"]: "Two desks."})
        actions.send_form(one.project, by=one.person, requirement=form)
    with django_assert_max_num_queries(12):
        matrix = cohort_matrix(cohort)
    assert matrix.settled(form) == 3
    page = client_for(coordinator).get(reverse("cohorts_cms_cohort", args=[cohort.pk])).content.decode()
    row = matrix.rows[0].participation
    assert reverse("cohorts_cms_form", args=[row.pk, form.pk]) in page
    assert reverse("cohorts_cms_forms", args=[cohort.pk, form.pk]) in page


def test_a_pathway_with_a_form_stays_within_its_budget(client_for, promoter, place, form, session, django_assert_max_num_queries):
    client = client_for(promoter)
    client.get(reverse("cohorts_my_pathway"))
    with django_assert_max_num_queries(15):
        client.get(reverse("cohorts_my_pathway"))


def test_the_form_itself_costs_the_same_for_one_sending_and_three(
    client_for, promoter, project, form, names, page, django_assert_max_num_queries
):
    client = client_for(promoter)
    counts = []
    for number in (1, 2, 3):
        write(project, form, promoter, **{names["text"]: f"{number} desks."})
        actions.send_form(project, by=promoter, requirement=form)
        client.get(page)
        with django_assert_max_num_queries(20) as asked_now:
            client.get(page)
        counts.append(len(asked_now.captured_queries))
    assert counts[0] == counts[2]
