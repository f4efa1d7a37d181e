"""Answers of every kind to the questions of a call, and files."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from cohorts import actions
from cohorts.actions.drafts import MOST_FILES
from cohorts.answers import answers_of
from cohorts.application_form import MoneyField, plain_number
from cohorts.call_answers import as_asked, choices_of, name_of
from cohorts.call_page import questions_of
from cohorts.models import Application, ApplicationFile, Cohort
from courses.uploads import taken
from tests.factories import cohorts as make

pytestmark = pytest.mark.usefixtures("strict_templates")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def upload(name="plan.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def asked(cohort):
    Cohort.objects.filter(pk=cohort.pk).update(state="planned")
    lines = {"en": "Alone\nTogether", "fr": "Seul\nEnsemble"}
    kinds = ("text", "number", "choice", "country", "money", "file")
    rows = {kind: make.CallQuestionFactory(cohort_id=cohort.pk, kind=kind, choices=lines if kind == "choice" else {}) for kind in kinds}
    make.open_now(cohort)
    return {kind: name_of(row.pk) for kind, row in rows.items()}


@pytest.fixture
def address(draft):
    return reverse("cohorts_application", args=[draft.pk])


@pytest.mark.parametrize(
    ("typed", "plain"),
    [("12 000", "12000"), ("12 000,5", "12000.5"), ("1,250", "1250"), ("1.250,50", "1250.50"), ("1250.50", "1250.50"), ("-3", "-3"), ("12x", "12x"),
     ("0.125", "0.125"), ("0,375", "0.375"), ("-0.005", "-0.005"), (",5", "0.5"), ("-.250", "-0.250"), ("0", "0"), ("12,000", "12000"), ("12.000,50", "12000.50"), ("1 234", "1234"),
     ("1,50,000", "150000"), ("2,50,000.5", "250000.5"), ("1.234.567,89", "1234567.89"), ("12.000,-", "12000"), ("١٬٢٣٤٫٥", "١٢٣٤.٥"),
     ("1,2,3", "1,2,3"), ("1..5", "1..5"), ("1.000.000,000", "1000000.000"), ("1 000 000.000", "1000000.000"),
     ("−900 000", "-900000"), ("–3,5", "-3.5"), ("12.000,–", "12000")],
)  # fmt: skip
def test_numbers_as_people_write_them(typed, plain):
    """What says a thousand to one and one to another is not guessed: it is left, and refused as having too many decimals."""
    assert plain_number(typed) == plain


@pytest.mark.parametrize(
    ("typed", "currency", "kept"),
    [("1 234,5 €", "EUR", "1234.50 EUR"), ("EUR 12.000", "EUR", "12000.00 EUR"), ("$500", "USD", "500.00 USD"), ("12 000 f cfa", "XOF", "12000.00 XOF"),
     ("$500", "EUR", None), ("5 €", "(", None), ("", "EUR", "")],
)  # fmt: skip
def test_an_amount_may_carry_the_sign_of_its_currency(typed, currency, kept, english):
    try:
        found = MoneyField(required=False).clean([typed, currency])
    except ValidationError:
        found = None
    assert found == kept


def test_every_kind_is_kept(client_for, promoter, draft, asked, address):
    typed = {
        asked["text"]: "Two.", asked["number"]: "12 000,5", asked["choice"]: "2", asked["country"]: "PT",
        asked["money"]: "1 200", f"{asked['money']}_currency": "EUR",
    }  # fmt: skip
    assert client_for(promoter).post(address, {**typed, f"file_{asked['file']}": upload()}).status_code == 302
    answers = answers_of(draft)
    assert [answers[asked[kind]] for kind in ("text", "number", "choice", "country", "money")] == [
        "Two.", "12000.50", "2", "PT", "1200.00 EUR"
    ]  # fmt: skip
    assert [(one["name"], one["kind"]) for one in answers["files"]] == [("plan.pdf", "pdf")]
    page = client_for(promoter).get(address).content.decode()
    assert 'value="1200"' in page
    assert '<option value="EUR" selected>' in page


@pytest.mark.usefixtures("english")
def test_a_part_of_a_number_is_not_a_thousand(client_for, promoter, draft, asked, address):
    client = client_for(promoter)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = client.post(address, {asked["number"]: "0.125"})
    assert page.context["form"].errors == {asked["number"]: ["Ensure that there are no more than 2 decimal places."]}
    assert answers_of(draft)[asked["number"]] == ""


def test_what_word_leaves_between_words_is_a_space(client_for, promoter, draft, address):
    client_for(promoter).post(address, {"name": "Word\x0bpaste", "history": "One\x0btwo\r\nthree"})
    answers = answers_of(Application.objects.get(pk=draft.pk))
    assert (answers["name"], answers["history"].split()) == ("Word paste", ["One", "two", "three"])


def test_wrong_answers_stay_typed_with_a_sentence(client_for, promoter, asked, address):
    typed = {asked["number"]: "a dozen", asked["money"]: "12", f"{asked['money']}_currency": "", asked["choice"]: "7"}
    page = client_for(promoter).post(address, typed)
    assert set(page.context["form"].errors) == {asked["number"], asked["money"], asked["choice"]}
    assert 'value="a dozen"' in page.content.decode()


def test_files_are_what_they_are_named_and_removed_one_by_one(client_for, promoter, draft, address):
    client = client_for(promoter)
    client.post(address, {"file_other": [upload("../../Plan <b>.pdf"), upload("letter.txt", b"Dear all,")]})
    names = sorted(draft.files.values_list("name", flat=True))
    assert names == ["Plan <b>.pdf", "letter.txt"]
    refused = client.post(address, {"file_other": upload("virus.pdf", b"MZ\x90\x00" + b"\x00" * 60)})
    assert refused.context["form"].non_field_errors()
    assert draft.files.count() == 2
    client.post(address, {f"remove_file_{draft.files.get(name='letter.txt').pk}": "1"})
    assert draft.files.get().name == "Plan <b>.pdf"
    assert "Plan &lt;b&gt;.pdf" in client.get(address).content.decode()


def test_the_same_file_sent_twice_is_there_once(client_for, promoter, draft, address):
    client = client_for(promoter)
    for _n in range(2):
        client.post(address, {"file_other": upload()})
    assert draft.files.count() == 1


def test_so_many_files_and_no_more(client_for, promoter, draft, address):
    files = [upload(f"{number}.txt", f"Number {number}".encode()) for number in range(MOST_FILES + 1)]
    page = client_for(promoter).post(address, {"file_other": files})
    assert draft.files.count() == MOST_FILES
    assert page.context["form"].non_field_errors()


def test_what_was_sent_stays_when_the_draft_loses_it(client_for, promoter, coordinator, draft, address):
    client_for(promoter).post(address, {"file_other": upload()})
    actions.submit_application(draft, by=promoter)
    actions.return_application(draft, by=coordinator, reason="Count them.")
    row = ApplicationFile.objects.get()
    actions.remove_file(row, by=promoter)
    row.refresh_from_db()
    assert (row.in_draft, draft.snapshots.get().files.get()) == (False, row)


def test_a_file_is_read_by_its_project_and_once_sent_by_its_readers(
    client_for, visitor_client, promoter, other_promoter, coordinator, reviewer, draft, address
):
    client_for(promoter).post(address, {"file_other": upload("Plan.pdf")})
    row = ApplicationFile.objects.get()
    place = reverse("cohorts_application_file", args=[row.pk])
    assert visitor_client.get(place).status_code == 302
    assert [client_for(one).get(place).status_code for one in (promoter, other_promoter, coordinator, reviewer)] == [200, 404, 404, 404]
    actions.submit_application(draft, by=promoter)
    assert [client_for(one).get(place).status_code for one in (promoter, other_promoter, coordinator, reviewer)] == [200, 404, 200, 404]
    answer = client_for(promoter).get(place)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == 'inline; filename="Plan.pdf"'
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"


def test_the_form_costs_the_same_with_one_file_and_three(client_for, promoter, address, asked, django_assert_max_num_queries):
    client = client_for(promoter)
    client.post(address, {"file_other": upload()})
    client.get(address)
    with django_assert_max_num_queries(20) as one:
        client.get(address)
    number = len(one)  # before another request empties the list
    client.post(address, {"file_other": [upload("a.txt", b"One of them."), upload("b.txt", b"Another.")]})
    client.get(address)
    with django_assert_max_num_queries(number):
        client.get(address)


def test_enter_in_a_field_saves_and_neither_sends_nor_removes(client_for, promoter, draft, asked, address):
    client = client_for(promoter)
    client.post(address, {f"file_{asked['file']}": upload()})
    page = client.get(address).content.decode()
    buttons = re.findall(r"<button[^>]*>", page[page.index('id="application"') :])
    assert 'name="intent" value="save"' in buttons[0]
    assert any("remove_file_" in one for one in buttons)


@pytest.mark.parametrize("kind", ["text", "file of another call"])
def test_a_file_answers_a_question_of_its_call_that_asks_for_one(draft, asked, promoter, kind):
    if kind == "text":
        question = draft.cohort.questions.get(kind="text")
    else:
        question = make.CallQuestionFactory(cohort=make.CohortFactory(), kind="file")
    with pytest.raises(ValueError, match="a file answers"):
        actions.attach_file(draft, by=promoter, brought=taken(upload()), question=question)
    assert not ApplicationFile.objects.exists()


def test_a_number_stands_in_its_box_as_a_program_writes_it(client_for, promoter, draft, asked, address):
    client = client_for(promoter)
    client.post(address, {asked["number"]: "1 234 567,5", asked["money"]: "12 000", f"{asked['money']}_currency": "EUR"})
    page = client.get(address).content.decode()
    assert re.findall(rf'name="{asked["number"]}" value="([^"]*)"', page) == ["1234567.50"]
    assert re.findall(rf'name="{asked["money"]}" value="([^"]*)"', page) == ["12000"]


def test_choices_are_read_alike_everywhere(draft, asked):
    question = draft.cohort.questions.get(kind="choice")
    with translation.override("en"):
        asked_now = as_asked(question)
        assert question.options == list(enumerate_from_one(choices_of(asked_now)))
        page = next(one for part in questions_of(draft.cohort) for one in part.questions if one.choices)
    assert page.choices == ("Alone", "Together")


def enumerate_from_one(lines):
    return ((str(number), line) for number, line in enumerate(lines, start=1))
