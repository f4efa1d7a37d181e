"""After graduation: the support plan, the versions of the agreements, and who reads and runs them."""

import hashlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.leaving import obstacles
from cohorts.models import Agreement, AttentionItem, AttentionRule, DirectoryEntry, Partnership, Requirement, SupportPlanItem
from cohorts.models.indicators import reporting
from cohorts.partnership import plan_of
from courses.models import Certificate
from courses.uploads import Brought
from tests.factories import cohorts as make
from tests.factories.partnerships import AgreementFactory, SupportPlanItemFactory
from tests.test_house import strict_templates  # noqa: F401 (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

PDF = b"%PDF-1.7\nA contract.\n"


@pytest.fixture
def typology():
    typology = make.TypologyFactory()
    make.TypologyTermFactory(typology=typology, text=make.words("A contact person."))
    make.TypologyTermFactory(typology=typology, kind="return", text=make.words("The indicators."), due_in_days=365)
    make.TypologyPaperFactory(typology=typology)
    return typology


@pytest.fixture
def partnership(participation, typology, coordinator, reviewer, trainer):
    for requirement in Requirement.objects.filter(stage__pathway=participation.cohort.pathway, mandatory=True):
        make.RequirementRecordFactory(participation=participation, requirement=requirement, outcome="waived", reason="Known.")
    actions.mark_eligible(participation, by=coordinator)
    decision = actions.decide_graduation(participation, by=coordinator, outcome="graduated", typology=typology)
    for person in (reviewer, trainer):
        actions.sign(decision, by=person)
    actions.release(decision, by=coordinator)
    return Partnership.objects.get()


def brought(content=PDF, name="contract.pdf"):
    return Brought(name, "pdf", content)


def in_cms(partnership, verb=""):
    if verb:
        return reverse("cohorts_cms_partnership_verb", args=[partnership.pk, verb])
    return reverse("cohorts_cms_partnership", args=[partnership.pk])


def for_project(partnership):
    return reverse("cohorts_partnership", args=[partnership.pk])


# the plan


def test_a_released_graduation_begins_the_plan_with_the_terms_of_that_day(partnership, typology):
    typology.terms.all().delete()
    assert [(row.owed_by, str(row.what), row.due_on, row.state) for row in partnership.plan.all()] == [
        ("promoter", "The indicators.", partnership.since + timedelta(days=365), "open"),
        ("smart", "A contact person.", None, "open"),
    ]


def test_each_line_begins_with_somebody_who_sees_to_it(partnership, coordinator, promoter, english_client_for):
    plan = plan_of(partnership, today=partnership.since)
    assert [[line.owner for line in side] for side in (plan.by_smart, plan.by_project)] == [[coordinator], [promoter]]
    assert partnership.plan.get(owed_by="promoter").owner is None  # whoever leads it then
    assert english_client_for(promoter).get(for_project(partnership)).content.decode().count(str(coordinator)) == 2


def test_what_smart_is_late_with_calls_whoever_sees_to_it(partnership, coordinator, trainer):
    AttentionRule.objects.update_or_create(kind="smart_late", defaults={"days": 1, "is_on": True})
    today = timezone.localdate()
    late = [
        SupportPlanItemFactory(partnership=partnership, owner=owner, due_on=today - timedelta(days=days))
        for owner, days in ((coordinator, 4), (trainer, 9), (coordinator, 0))
    ]
    actions.take_stock(by=None)
    item = AttentionItem.objects.standing().get(project=partnership.project)
    assert (item.subject, item.count, item.owner, item.words) == ("plan", 2, trainer, "Smart owes this partner 2 lines of its support plan")
    for row in late[:2]:
        actions.finish_item(row, by=coordinator)
    actions.take_stock(by=None)
    assert not AttentionItem.objects.standing().filter(project=partnership.project).exists()


def test_a_partnership_ends_and_the_graduation_stays(partnership, participation, coordinator, promoter, english_client_for):
    entry = DirectoryEntry.objects.create(project=partnership.project, audience="everybody", changed_by=promoter)
    client, address = english_client_for(coordinator), reverse("cohorts_cms_partnership_verb", args=[partnership.pk, "end"])
    first = client.post(address, {"end-reason": "They go on alone."})
    assert "They go on alone." in first.context["first"].letters[0].body_text
    assert DirectoryEntry.objects.in_network().get() == entry
    assert client.post(address, {"end-reason": "They go on alone.", "letters": first.context["first"].stamp}).status_code == 302
    partnership.refresh_from_db()
    participation.refresh_from_db()
    assert (partnership.ended_by, participation.state) == (coordinator, "graduated")
    assert DirectoryEntry.objects.in_network().count() == 0
    assert reporting(partnership.project).count() == 0
    assert [row.standing for row in Certificate.objects.filter(kind="graduation")] == ["valid"]
    assert "The partnership has ended." in english_client_for(promoter).get(reverse("cohorts_my_pathway")).content.decode()
    assert english_client_for(promoter).get(for_project(partnership)).status_code == 200
    with pytest.raises(RuleViolation) as refusal:
        actions.end_partnership(partnership, by=coordinator, reason="Again.")
    assert refusal.value.code == "ended"


def test_who_has_an_interest_does_not_end_it(partnership, trainer):
    make.ProjectMemberFactory(project=partnership.project, person=trainer, role="member")
    with pytest.raises(RuleViolation) as refusal:
        actions.end_partnership(partnership, by=trainer, reason="Mine.")
    assert refusal.value.code == "interest"


def test_nothing_is_late_once_it_has_ended(partnership, coordinator):
    SupportPlanItemFactory(partnership=partnership, due_on=partnership.since - timedelta(days=9))
    assert plan_of(partnership, today=partnership.since).smarts_debts == 1
    partnership.ended_at = timezone.now()
    assert plan_of(partnership, today=partnership.since).smarts_debts == 0


def test_an_ended_partnership_keeps_nobody_in_the_team(partnership, coordinator):
    def owed():
        return [one.sentence for one in obstacles(coordinator) if "support plan" in one.sentence]

    assert owed() == ["One line of a support plan has nobody else: name somebody."]
    Partnership.objects.update(ended_at=timezone.now(), ended_by=coordinator)
    assert owed() == []


def test_both_sides_see_which_documents_of_the_status_are_missing(partnership, typology, coordinator, promoter, english_client_for):
    make.TypologyPaperFactory(typology=typology, title=make.words("Charter of the craft"))
    first = typology.papers.first()
    sent = actions.keep_agreement(partnership, by=coordinator, brought=brought(), title=first.title)
    actions.send_agreement(sent, by=coordinator)
    for client, address in (
        (english_client_for(promoter), for_project(partnership)),
        (english_client_for(coordinator), in_cms(partnership)),
    ):
        page = client.get(address)
        assert [str(paper.title) for paper in page.context["to_prepare"]] == ["Charter of the craft"]
        assert sent.sha256 in page.content.decode()


def test_a_line_is_changed_given_or_dropped_once(partnership, coordinator, trainer):
    first, second = partnership.plan.order_by("sort_order")
    actions.change_item(first, by=coordinator, owner=trainer, due_on=partnership.since)
    actions.finish_item(first, by=coordinator, note="Tom it is.")
    assert (first.owner, first.state, first.settled_by, first.reason) == (trainer, "done", coordinator, "Tom it is.")
    with pytest.raises(RuleViolation, match="why it is dropped"):
        actions.drop_item(second, by=coordinator, reason=" ")
    actions.drop_item(second, by=coordinator, reason="The law asks for them already.")
    for verb in (actions.finish_item, lambda row, by: actions.drop_item(row, by=by, reason="Again.")):
        with pytest.raises(RuleViolation, match="settled already"):
            verb(second, by=coordinator)


def test_who_owes_a_new_line_is_told_by_its_kind(partnership, coordinator):
    for kind, party in (("money", "smart"), ("return", "promoter")):
        row = actions.add_item(partnership, by=coordinator, what=make.words("A talk."), kind=kind)
        assert row.owed_by == party
    with pytest.raises(RuleViolation, match="what is owed"):
        actions.add_item(partnership, by=coordinator, what={}, kind="money")


def test_a_settled_line_has_its_date_its_author_and_its_reason(partnership, coordinator):
    now = timezone.now()
    for values in ({"state": "done"}, {"state": "done", "settled_at": now}, {"settled_at": now, "settled_by": coordinator}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SupportPlanItemFactory(partnership=partnership, **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        SupportPlanItemFactory(partnership=partnership, state="dropped", settled_at=now, settled_by=coordinator)


def test_what_smart_is_late_with_is_its_debt(partnership):
    today = partnership.since + timedelta(days=10)
    for party, due in (("smart", today - timedelta(days=3)), ("promoter", today - timedelta(days=1)), ("smart", today)):
        SupportPlanItemFactory(partnership=partnership, owed_by=party, due_on=due)
    plan = plan_of(partnership, today=today)
    assert [line.late for line in plan.by_smart] == ["Smart owes it for 3 days", "", ""]
    assert [line.late for line in plan.by_project] == ["1 day late", ""]
    assert plan.smarts_debts == 1


# the agreements


def test_an_agreement_is_kept_sent_signed_and_replaced_by_a_signed_one(partnership, coordinator):
    first = actions.keep_agreement(partnership, by=coordinator, brought=brought(), title=make.words("Contract"))
    assert (first.state, first.number, first.sha256) == ("draft", 1, hashlib.sha256(PDF).hexdigest())
    with pytest.raises(RuleViolation, match="cannot be done now"):
        actions.sign_agreement(first, by=coordinator, signed_on=timezone.localdate())
    actions.send_agreement(first, by=coordinator)
    with pytest.raises(RuleViolation, match="still to come"):
        actions.sign_agreement(first, by=coordinator, signed_on=timezone.localdate() + timedelta(days=1))
    actions.sign_agreement(first, by=coordinator, signed_on=timezone.localdate())
    second = actions.keep_agreement(partnership, by=coordinator, brought=brought(PDF + b"2"), replaces=first)
    first.refresh_from_db()
    assert (first.state, second.number, str(second.title)) == ("signed", 2, "Contract")
    actions.send_agreement(second, by=coordinator)
    actions.sign_agreement(second, by=coordinator, signed_on=timezone.localdate())
    first.refresh_from_db()
    assert (first.state, second.state, first.replaced_at is not None) == ("replaced", "signed", True)


@pytest.mark.parametrize(("days", "code"), [(1, "date"), (-367, "date"), (-2000, "date"), (0, ""), (-366, "")])
def test_the_day_of_a_signature_is_a_likely_one(partnership, coordinator, days, code):
    row = actions.keep_agreement(partnership, by=coordinator, brought=brought(), title=make.words("Contract"))
    actions.send_agreement(row, by=coordinator)
    day = (timezone.localdate() if days == 1 else partnership.since) + timedelta(days=days)
    if code:
        with pytest.raises(RuleViolation) as refusal:
            actions.sign_agreement(row, by=coordinator, signed_on=day)
        assert (refusal.value.code, Agreement.objects.get(pk=row.pk).state) == (code, "sent")
    else:
        assert actions.sign_agreement(row, by=coordinator, signed_on=day).state == "signed"


def test_a_version_that_nobody_signed_is_replaced_at_once(partnership, coordinator):
    first = actions.keep_agreement(partnership, by=coordinator, brought=brought(), title=make.words("Contract"))
    actions.send_agreement(first, by=coordinator)
    actions.keep_agreement(partnership, by=coordinator, brought=brought(PDF + b"2"), replaces=first)
    assert list(partnership.agreements.order_by("number").values_list("state", flat=True)) == ["replaced", "draft"]


def test_a_signed_version_is_never_changed(partnership, coordinator):
    row = AgreementFactory(
        partnership=partnership,
        state="signed",
        sent_at=timezone.now(),
        sent_by=coordinator,
        signed_on=timezone.localdate(),
        signed_at=timezone.now(),
        signed_by=coordinator,
    )
    row.title = make.words("Another")
    for attempt in (row.save, row.delete, lambda: Agreement.objects.filter(pk=row.pk).update(sha256="1" * 64)):
        with pytest.raises(RuleViolation, match="kept as it was written"):
            attempt()
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=row.pk).update(signed_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        AgreementFactory(
            partnership=partnership,
            document=row.document,
            number=2,
            state="signed",
            sent_at=timezone.now(),
            sent_by=coordinator,
            signed_on=timezone.localdate(),
            signed_at=timezone.now(),
            signed_by=coordinator,
        )


def test_sending_tells_the_project_once(partnership, coordinator, promoter):
    row = actions.keep_agreement(partnership, by=coordinator, brought=brought(), title=make.words("Contract"))
    actions.send_agreement(row, by=coordinator)
    [letter] = Message.objects.filter(cause=f"agreement:{row.pk}")
    assert letter.to == promoter
    assert f"/my/partnership/{partnership.pk}/" in letter.body_text
    with pytest.raises(RuleViolation, match="cannot be done now"):
        actions.send_agreement(row, by=coordinator)


# who


def test_whoever_has_an_interest_runs_nothing(partnership, coordinator, english_client_for):
    item, sent = partnership.plan.first(), AgreementFactory(partnership=partnership)
    make.ProjectMemberFactory(project=partnership.project, person=coordinator, role="viewer")
    attempts = (
        lambda: actions.add_item(partnership, by=coordinator, what=make.words("A talk."), kind="money"),
        lambda: actions.change_item(item, by=coordinator, owner=None, due_on=None),
        lambda: actions.finish_item(item, by=coordinator),
        lambda: actions.drop_item(item, by=coordinator, reason="No."),
        lambda: actions.keep_agreement(partnership, by=coordinator, brought=brought(), title=make.words("Contract")),
        lambda: actions.send_agreement(sent, by=coordinator),
        lambda: actions.sign_agreement(sent, by=coordinator, signed_on=timezone.localdate()),
    )
    for attempt in attempts:
        with pytest.raises(RuleViolation, match="interest"):
            attempt()
    assert english_client_for(coordinator).get(in_cms(partnership)).status_code == 404
    assert partnership.project.name not in english_client_for(coordinator).get(reverse("partnerships:index")).content.decode()


def test_an_ended_partnership_is_kept_as_it_is(partnership, coordinator):
    Partnership.objects.update(ended_at=timezone.now(), ended_by=coordinator)
    with pytest.raises(RuleViolation, match="has ended"):
        actions.add_item(partnership, by=coordinator, what=make.words("A talk."), kind="money")


@pytest.mark.usefixtures("strict_templates")
def test_the_project_reads_both_sides_and_what_was_sent(partnership, english_client_for, promoter, other_promoter, coordinator):
    draft = actions.keep_agreement(partnership, by=coordinator, brought=brought(), title=make.words("Charter"))
    sent = actions.keep_agreement(partnership, by=coordinator, brought=brought(), title=make.words("Contract"))
    actions.send_agreement(sent, by=coordinator)
    SupportPlanItemFactory(partnership=partnership, due_on=partnership.since - timedelta(days=2), what=make.words("A talk."))
    client = english_client_for(promoter)
    page = client.get(for_project(partnership)).content.decode()
    for words in ("A contact person.", "The indicators.", "Smart is late with 1 thing", "Contract", "To be signed"):
        assert words in page
    assert "Charter" not in page
    assert for_project(partnership) in client.get(reverse("cohorts_my_pathway")).content.decode()
    files = [reverse("cohorts_agreement_file", args=[row.pk]) for row in (sent, draft)]
    assert [client.get(address).status_code for address in files] == [200, 404]
    assert b"".join(client.get(files[0]).streaming_content) == PDF
    stranger = english_client_for(other_promoter)
    assert [stranger.get(address).status_code for address in (for_project(partnership), *files)] == [404, 404, 404]
    assert [english_client_for(coordinator).get(address).status_code for address in files] == [200, 200]


def test_empty_pages_say_so(partnership, english_client_for, promoter, coordinator):
    partnership.plan.all().delete()
    assert "Nothing was sent to you yet" in english_client_for(promoter).get(for_project(partnership)).content.decode()
    assert "No document is kept yet" in english_client_for(coordinator).get(in_cms(partnership)).content.decode()


def test_a_coordinator_runs_it_in_the_cms(partnership, english_client_for, coordinator, trainer):
    client, paper = english_client_for(coordinator), partnership.typology.papers.get()
    item = partnership.plan.get(owed_by="smart")
    file = SimpleUploadedFile("contract.pdf", PDF, "application/pdf")
    steps = (
        ("change-item", {"item": item.pk, "owner": trainer.pk, "due_on": "2030-01-31"}),
        ("finish-item", {"item": item.pk, "note": "Tom it is."}),
        ("add-item", {"kind": "money", "what_fr": "Un exposé.", "what_en": "A talk.", "owner": "", "due_on": ""}),
        ("keep-agreement", {"document": f"paper-{paper.pk}", "title_fr": "", "title_en": "", "file": file}),
    )
    for verb, data in steps:
        answer = client.post(in_cms(partnership, verb), {f"{verb}-{name}": value for name, value in data.items()})
        assert answer.status_code == 302, [one.form.errors for one in answer.context["verbs"] if one.is_refused]
    row = Agreement.objects.get()
    client.post(in_cms(partnership, "send-agreement"), {"send-agreement-agreement": row.pk})
    today = timezone.localdate().isoformat()
    client.post(in_cms(partnership, "sign-agreement"), {"sign-agreement-agreement": row.pk, "sign-agreement-signed_on": today})
    row.refresh_from_db()
    assert (row.state, str(row.title), row.name) == ("signed", "Contract", "contract.pdf")
    page = client.get(in_cms(partnership)).content.decode()
    for words in (row.sha256, "Tom it is.", "A talk.", "New version of “Contract”"):
        assert words in page
    assert [SupportPlanItem.objects.get(pk=item.pk).owner, partnership.plan.count()] == [trainer, 3]


def test_a_file_that_is_not_what_it_says_is_refused_in_words(partnership, english_client_for, coordinator):
    file = SimpleUploadedFile("contract.pdf", b"<html><script>", "application/pdf")
    data = {"document": "other", "title_fr": "Charte", "title_en": "Charter", "file": file}
    answer = english_client_for(coordinator).post(
        in_cms(partnership, "keep-agreement"), {f"keep-agreement-{name}": value for name, value in data.items()}
    )
    assert "is not what its name says" in answer.content.decode()
    assert Agreement.objects.count() == 0


def test_both_pages_cost_the_same_for_one_and_three_of_everything(partnership, english_client_for, promoter, coordinator, trainer):
    def another():
        SupportPlanItemFactory(partnership=partnership, owner=trainer, state="done", settled_at=timezone.now(), settled_by=coordinator)
        row = actions.keep_agreement(partnership, by=coordinator, brought=brought(), title=make.words("Contract"))
        actions.send_agreement(row, by=coordinator)

    for person, address in ((promoter, for_project(partnership)), (coordinator, in_cms(partnership))):
        client = english_client_for(person)
        another()
        client.get(address)
        with CaptureQueriesContext(connection) as once:
            client.get(address)
        another()
        another()
        with CaptureQueriesContext(connection) as thrice:
            client.get(address)
        assert len(thrice) == len(once)
