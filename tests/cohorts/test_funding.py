"""Who pays for a trip: several together, each with its proof, checked by the team; what is missing is said at once."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy.erasure import empty
from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.attention import find
from cohorts.funding import funding_in, funding_of
from cohorts.models import AttentionKind, AttentionRule, FundingSource, Participation, Registration
from courses.uploads import Brought
from tests.cms_verbs import sure
from tests.factories import cohorts as make
from tests.factories.travel import FundingSourceFactory
from tests.factories.wiki import WikiPageFactory

PROOF = Brought("decision.txt", "txt", b"The town pays 400 euros.")


def at(name, *args):
    return reverse(name, args=args)


@pytest.fixture
def seat(session, project, participation, promoter):
    """A confirmed place at a session that costs 400, for which nobody has said enough yet."""
    return actions.register(session, by=promoter, person=promoter, project=project, payer="project", amount=150)


def sums(row):
    """The same from the rows and from the sums of a list."""
    row = Registration.objects.with_funding().select_related("session").get(pk=row.pk)
    listed, read = funding_in(row, row.session.estimated_cost), funding_of(row, row.funding.all(), row.session.estimated_cost)
    assert listed.seen_as == read.seen_as
    return read


def test_gap_is_what_nobody_has_said(seat, promoter):
    assert (sums(seat).gap, sums(seat).word) == (250, "missing")
    actions.declare_funding(seat, by=promoter, payer="grant", amount=100, detail="Town")
    assert sums(seat).gap == 150
    actions.declare_funding(seat, by=promoter, payer="person")
    assert (sums(seat).gap, sums(seat).rest_said, sums(seat).word) == (0, True, "waits")


def test_without_an_estimate_any_source_is_enough(seat, session, promoter):
    type(session).objects.update(estimated_cost=None)
    assert (sums(seat).gap, sums(seat).is_missing) == (0, False)
    seat.funding.all().delete()
    assert (sums(seat).gap, sums(seat).is_missing) == (None, True)


def test_ready_when_what_is_checked_covers_the_estimate(seat, promoter, coordinator):
    first, second = seat.funding.get(), actions.declare_funding(seat, by=promoter, payer="grant", amount=250, detail="Town")
    actions.check_source(first, by=coordinator)
    seat.refresh_from_db()
    assert (seat.status, seat.funding_verified_at) == ("confirmed", None)
    assert sums(seat).word == "waits"
    actions.check_source(second, by=coordinator)
    seat.refresh_from_db()
    assert (seat.status, seat.funding_verified_by, seat.funding_reason) == ("ready", coordinator, "")


def test_said_but_not_checked_is_not_ready(seat, promoter, coordinator):
    actions.declare_funding(seat, by=promoter, payer="person")
    seat.refresh_from_db()
    assert (seat.status, sums(seat).gap, sums(seat).checked) == ("confirmed", 0, 0)


def test_too_little_is_enough_only_with_a_reason(seat, coordinator):
    with pytest.raises(RuleViolation) as refusal:
        actions.verify_funding(seat, by=coordinator)
    assert refusal.value.code == "gap"
    seat.refresh_from_db()
    assert (seat.status, seat.funding.get().verified_at) == ("confirmed", None)
    actions.verify_funding(seat, by=coordinator, reason="She sleeps at a friend's.")
    seat.refresh_from_db()
    assert (seat.status, seat.funding_reason) == ("ready", "She sleeps at a friend's.")


def test_refused_source_counts_no_more_and_may_be_sent_again(seat, promoter, coordinator):
    source = seat.funding.get()
    with pytest.raises(RuleViolation):
        actions.refuse_source(source, by=coordinator, reason=" ")
    actions.refuse_source(source, by=coordinator, reason="The decision is not signed.")
    assert sums(seat).gap == 400
    letter = Message.objects.get(cause__startswith=f"place-papers:{seat.pk}:refused")
    assert letter.to == promoter
    assert "The decision is not signed." in letter.body_text
    actions.change_source(source, by=promoter, payer="project", amount=150, brought=PROOF)
    source.refresh_from_db()
    assert (source.refused_at, source.refused_reason, source.is_waiting, sums(seat).gap) == (None, "", True, 250)
    assert source.proof.read() == PROOF.content


def test_what_is_settled_is_changed_by_nobody(seat, promoter, coordinator):
    source = seat.funding.get()
    actions.verify_funding(seat, by=coordinator, reason="Enough.")
    for act in (
        lambda: actions.declare_funding(seat, by=promoter, payer="person"),
        lambda: actions.change_source(source, by=promoter, payer="person"),
        lambda: actions.remove_source(source, by=promoter),
        lambda: actions.refuse_source(source, by=coordinator, reason="No."),
    ):
        with pytest.raises(RuleViolation) as refusal:
            act()
        assert refusal.value.code == "verified"


def test_a_confirmed_place_keeps_one_who_pays(seat, promoter):
    with pytest.raises(RuleViolation) as refusal:
        actions.remove_source(seat.funding.get(), by=promoter)
    assert refusal.value.code == "last"
    other = actions.declare_funding(seat, by=promoter, payer="person")
    actions.remove_source(other, by=promoter)
    assert seat.funding.count() == 1


def test_what_was_said_in_the_line_confirms_the_offer(session, project, participation, promoter, crowd, coordinator):
    type(session).objects.update(capacity=1)
    (other,) = crowd(1)
    first = actions.register(session, by=other.person, person=other.person, project=other.project, payer="person")
    waiting = actions.register(session, by=promoter, person=promoter, project=project, payer="person")
    assert waiting.status == "waiting"
    actions.check_source(waiting.funding.get(), by=coordinator)
    actions.cancel_registration(first, by=other.person)
    waiting.refresh_from_db()
    assert waiting.status == "offered"
    actions.confirm_registration(waiting, by=promoter)
    assert (waiting.status, waiting.funding.count()) == ("ready", 1)


@pytest.mark.parametrize(
    "broken",
    [{"amount": 0}, {"verified_at": timezone.now()}, {"refused_at": timezone.now()}, {"proof": "funding/x.txt"}],
)
def test_database_refuses_half_a_source(seat, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        FundingSource.objects.update(**broken)


def test_database_refuses_checked_and_refused(seat, coordinator):
    now = timezone.now()
    both = {"verified_at": now, "verified_by": coordinator, "refused_at": now, "refused_by": coordinator, "refused_reason": "No."}
    with pytest.raises(IntegrityError), transaction.atomic():
        FundingSource.objects.update(**both)


# The page of the person


def test_page_says_what_is_missing_and_where_money_is_found(client_for, promoter, seat, session):
    page = WikiPageFactory(title="Mobility grants", live=True)
    page.tags.add("financement")
    page.save()
    other = WikiPageFactory(title="Recipes", live=True)
    context = client_for(promoter).get(at("cohorts_session", session.pk)).context
    assert (context["funding"].gap, [one.pk for one in context["funding_pages"]]) == (250, [page.pk])
    assert other.pk not in [one.pk for one in context["funding_pages"]]
    actions.declare_funding(seat, by=promoter, payer="person")
    context = client_for(promoter).get(at("cohorts_session", session.pk)).context
    assert (context["funding"].is_missing, context["funding_pages"]) == (False, [])


def test_person_adds_changes_and_takes_back(client_for, promoter, seat, session):
    client = client_for(promoter)
    proof = SimpleUploadedFile("decision.txt", PROOF.content)
    client.post(
        at("cohorts_registration_funding", seat.pk),
        {"funding_payer": "grant", "funding_detail": "Town", "funding_amount": "250", "funding_proof": proof},
    )
    added = seat.funding.get(payer="grant")
    assert (added.amount, added.name, added.proof_name, sums(seat).gap) == (250, "Town", "decision.txt", 0)
    prefix = f"source-{added.pk.hex[:8]}"
    wrong = client.post(at("cohorts_funding_source", added.pk), {f"{prefix}-funding_payer": "", f"{prefix}-funding_detail": "My bank"})
    forms = {source.pk: form for source, form in wrong.context["sources"]}
    assert (forms[added.pk].errors.keys(), "My bank" in wrong.content.decode()) == ({"funding_payer"}, True)
    client.post(at("cohorts_funding_source", added.pk), {f"{prefix}-funding_payer": "employer", f"{prefix}-funding_amount": "90"})
    added.refresh_from_db()
    assert (added.payer, added.amount, added.proof_name) == ("employer", 90, "decision.txt")
    client.post(at("cohorts_funding_source", added.pk), {"verb": "remove"})
    assert not FundingSource.objects.filter(pk=added.pk).exists()


def test_proof_is_looked_at_before_it_is_taken(client_for, promoter, seat):
    data = {"funding_payer": "grant", "funding_detail": "Town", "funding_proof": SimpleUploadedFile("a.pdf", b"MZ\x90\x00 program")}
    answer = client_for(promoter).post(at("cohorts_registration_funding", seat.pk), data)
    assert answer.context["funding_form"].errors.keys() == {"funding_proof"}
    assert ("Town" in answer.content.decode(), seat.funding.count()) == (True, 1)


@pytest.mark.parametrize("amount", ["0", "0.00", "-5"])
def test_nought_is_not_taken_for_all_that_is_left(amount, client_for, promoter, seat):
    """Nothing typed means: whatever is left. Nought typed does not."""
    before = seat.funding.count()
    said = {"funding_payer": "grant", "funding_detail": "Town", "funding_amount": amount}
    page = client_for(promoter).post(at("cohorts_registration_funding", seat.pk), said)
    assert set(page.context["funding_form"].errors) == {"funding_amount"}
    assert (seat.funding.count(), 'value="Town"' in page.content.decode()) == (before, True)


def test_proof_is_read_by_the_person_and_coordinators_alone(
    client_for, visitor_client, promoter, other_promoter, reviewer, trainer, coordinator, project, seat, django_capture_on_commit_callbacks
):
    make.ProjectMemberFactory(project=project, person=other_promoter, role="member")
    source = actions.declare_funding(seat, by=promoter, payer="grant", brought=PROOF)
    address = at("cohorts_funding_proof", source.pk)
    answer = client_for(promoter).get(address)
    assert b"".join(answer.streaming_content) == PROOF.content
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
    assert client_for(coordinator).get(address).status_code == 200
    assert [client_for(one).get(address).status_code for one in (other_promoter, reviewer, trainer)] == [404, 404, 404]
    assert visitor_client.get(address).status_code == 302
    for one in (other_promoter, reviewer, trainer):
        assert client_for(one).post(at("cohorts_funding_source", source.pk), {"verb": "remove"}).status_code == 404
    stored = source.proof.storage.path(source.proof.name)
    with django_capture_on_commit_callbacks(execute=True):
        actions.purge_proofs(Registration.objects.all(), by=None)
    source.refresh_from_db()
    assert (source.proof_name, client_for(promoter).get(address).status_code) == ("", 404)
    with pytest.raises(FileNotFoundError):
        open(stored).close()


# The team


def test_coordinator_checks_and_refuses_on_the_page_of_the_registration(client_for, coordinator, trainer, promoter, seat, session):
    client, source = client_for(coordinator), seat.funding.get()
    assert client.get(at("cohorts_cms_registration", seat.pk)).context["funding"].gap == 250
    assert client_for(trainer).get(at("cohorts_cms_registration", seat.pk)).status_code == 404
    refused = client.post(at("cohorts_cms_source_verb", source.pk, "refuse"), {"refuse-reason": ""})
    assert (refused.status_code, source.is_waiting) == (200, True)
    sure(client, at("cohorts_cms_source_verb", source.pk, "refuse"), {"refuse-reason": "Not signed."})
    source.refresh_from_db()
    assert source.refused_by == coordinator
    actions.change_source(source, by=promoter, payer="project", amount=400)
    sure(client, at("cohorts_cms_source_verb", source.pk, "check"))
    seat.refresh_from_db()
    assert seat.status == "ready"


def test_list_of_the_session_is_narrowed_by_money(client_for, coordinator, seat, session, crowd):
    (other,) = crowd(1)
    whole = actions.register(session, by=other.person, person=other.person, project=other.project, payer="person")
    client, address = client_for(coordinator), at("cohorts_cms_session", session.pk)

    def listed(show):
        return {row.pk for row, _verbs in client.get(address, {"show": show}).context["lines"]}

    assert listed("missing") == {seat.pk}
    assert listed("waits") == {seat.pk, whole.pk}
    assert listed("nonsense") == {seat.pk, whole.pk}
    actions.verify_funding(whole, by=coordinator)
    assert listed("waits") == {seat.pk}
    rows = dict(client.get(address).context["lines"])
    assert "verify-funding" not in [verb.name for verb in rows[seat]]


def test_lists_cost_the_same_for_one_and_three(client_for, coordinator, promoter, seat, session, crowd):
    def cost(person, name, *args):
        client = client_for(person)
        client.get(at(name, *args))
        with CaptureQueriesContext(connection) as counted:
            assert client.get(at(name, *args)).status_code == 200
        return len(counted)

    places = [(coordinator, "cohorts_cms_session", session.pk), (promoter, "cohorts_session", session.pk)]
    places += [(coordinator, "cohorts_cms_registration", seat.pk), (coordinator, "cohorts_desk", session.pk)]
    one = [cost(*place) for place in places]
    for other in crowd(2):
        row = actions.register(session, by=other.person, person=other.person, project=other.project, payer="grant", amount=10)
        FundingSourceFactory(registration=row)
    FundingSourceFactory.create_batch(2, registration=seat, amount=1)
    assert [cost(*place) for place in places] == one


def test_attention_tells_money_missing_from_our_debt(seat, participation, cohort, promoter):
    type(cohort).objects.update(state="running")
    for kind in (AttentionKind.GAP, AttentionKind.PROOF, AttentionKind.FUNDING):
        AttentionRule.objects.update_or_create(kind=kind, defaults={"days": 90 if kind != "proof" else 7, "falls_to": "coordinator"})
    kinds = lambda: {one.kind for one in find() if one.subject == str(seat.pk)}  # noqa: E731
    assert Participation.objects.filter(project=seat.project).exists()
    assert kinds() == {"gap"}
    actions.declare_funding(seat, by=promoter, payer="person")
    assert kinds() == {"funding"}
    FundingSource.objects.update(sent_at=timezone.now() - timedelta(days=8))
    assert kinds() == {"funding", "proof"}
    assert find()[0].owner == cohort.coordinator


def test_erasing_a_person_keeps_the_sums_and_no_paper(seat, promoter, django_capture_on_commit_callbacks):
    source = actions.declare_funding(seat, by=promoter, payer="employer", amount=250, detail="Bakery Dupont", brought=PROOF)
    path = source.proof.storage.path(source.proof.name)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        empty(promoter)
    source.refresh_from_db()
    assert (source.name, source.proof_name, bool(source.proof), source.amount) == ("", "", False, 250)
    with pytest.raises(FileNotFoundError):
        open(path).close()
    assert not ModelLogEntry.objects.filter(data__icontains="Dupont").exists()
