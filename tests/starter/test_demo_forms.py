"""The demo shows a form at each of its points; a new Academy has it in both languages."""

from django.core.management import call_command

from cohorts.form_answers import reply_of, sheet_of
from cohorts.models import FormFile, FormQuestion, FormReply, FormSending, Project, Requirement


def form() -> Requirement:
    return Requirement.objects.select_related("stage__pathway").get(kind="form")


def test_a_new_academy_asks_each_kind_of_question_in_both_languages_once(academy):
    questions = list(FormQuestion.objects.order_by("sort_order"))
    assert [row.kind for row in questions] == ["text", "choice", "number", "money", "country", "file"]
    for row in questions:
        row.full_clean()
        assert all(row.label[code] and row.public_name[code] for code in ("fr", "en"))
    call_command("setup", verbosity=0)
    assert FormQuestion.objects.count() == 6


def test_an_academy_that_walks_its_pathway_already_keeps_it(academy):
    FormQuestion.objects.all().delete()
    form().delete()
    call_command("setup", verbosity=0)
    assert not Requirement.objects.filter(kind="form").exists()


def test_one_has_sent_it_one_twice_one_is_writing_and_one_has_not_begun(demo):
    asked = form()
    assert {row.project.country: row.sendings.count() for row in FormReply.objects.all()} == {"CL": 1, "PT": 2, "MA": 0}
    assert FormFile.objects.get().sendings.get() == FormSending.objects.get(number=2)
    project = Project.objects.get(country="MA")
    draft = sheet_of(asked, reply_of(project, asked))
    assert [str(one) for one in draft.missing] == ["Répondez\u00a0: Avec qui un tête-à-tête vous serait-il le plus utile\u00a0?"]
    before = (FormReply.objects.count(), FormSending.objects.count(), FormFile.objects.count())
    call_command("demo")
    assert (FormReply.objects.count(), FormSending.objects.count(), FormFile.objects.count()) == before
