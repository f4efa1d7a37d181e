"""The letter for a visa: asked for in time, issued or refused, sealed while it is there, and gone at its date."""

import logging
import re
from datetime import timedelta

import pypdfium2
import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy.erasure import empty
from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.clock import strike
from cohorts.invitation import TextWasChanged, facts_of, pdf
from cohorts.models import InvitationLetter, Registration, Session
from cohorts.sealed import CannotBeOpened, seal, unseal
from cohorts.visa_forms import LetterForm
from tests.cms_verbs import sure
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.travel import FACTS, InvitationLetterFactory

PASSPORT = FACTS["passport"]
TYPED = {**FACTS, "language": "fr", "passport": "zx 4417 738"}


def at(name, *args):
    return reverse(name, args=args)


@pytest.fixture
def session(cohort):
    return make.SessionFactory(cohorts=[cohort], starts_at=timezone.now() + timedelta(days=90), ends_at=timezone.now() + timedelta(days=92))


@pytest.fixture
def seat(session, project, participation, promoter):
    return actions.register(session, by=promoter, person=promoter, project=project, payer="project")


@pytest.fixture
def letter(seat, promoter):
    return actions.ask_letter(seat, by=promoter, facts=FACTS, language="fr")


@pytest.fixture
def issued(letter, coordinator):
    return actions.issue_letter(letter, by=coordinator)


def move_session(session, **ago):
    """The session was over so long ago."""
    ends = timezone.now() - timedelta(**ago)
    begins = ends - timedelta(days=2)
    Session.objects.filter(pk=session.pk).update(starts_at=begins, ends_at=ends, registration_deadline=begins, cancellation_deadline=begins)


# Sealed


def raw_texts():
    """Every value of every column of every table, as the database holds it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute("SELECT * FROM " + connection.ops.quote_name(table))  # noqa: S608 (our own tables)
            found += [str(value) for row in cursor.fetchall() for value in row if value is not None]
    return found


def holds(words):
    return [text for text in raw_texts() if words.casefold() in text.casefold()]


@pytest.mark.parametrize("secret", [PASSPORT, FACTS["name"], FACTS["born"], "rue du Port"])
def test_database_holds_nothing_of_the_passport(secret, issued, seat, coordinator):
    assert holds(secret) == []
    actions.withdraw_letter(issued, by=seat.person)
    assert holds(secret) == []


def test_search_of_the_database_would_find_it_in_plain(letter):
    """The negative control of the test above: typed where it should not be, it is found."""
    ModelLogEntry.objects.create(
        content_type_id=1, object_id="1", label="x", action="cohorts.ask_letter", timestamp=timezone.now(), data={"passport": PASSPORT}
    )
    assert len(holds(PASSPORT)) == 1


@pytest.mark.django_db(transaction=True)
def test_file_of_the_database_holds_nothing_of_the_passport(tmp_path):
    """The bytes of a copy as a backup makes it; and the control: a plain column is seen in them."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps no file that we could read here.")
    InvitationLetterFactory()

    def content(name):
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(tmp_path / name)])
        return (tmp_path / name).read_bytes()

    assert PASSPORT.encode() not in content("sealed.sqlite3")
    Registration.objects.update(status_reason=f"Passport {PASSPORT}")
    assert PASSPORT.encode() in content("plain.sqlite3")


def test_dump_log_and_words_of_the_row_hold_nothing(letter, coordinator, capsys, caplog):
    with caplog.at_level(logging.DEBUG):
        actions.issue_letter(letter, by=coordinator)
        strike()
    call_command("dumpdata", "cohorts", "wagtailcore.modellogentry", "academy.message")
    for said in (capsys.readouterr().out, caplog.text, repr(letter), str(letter), repr(letter.registration)):
        assert PASSPORT not in said
        assert FACTS["name"] not in said


def test_sealed_for_one_row_and_for_the_keys_of_this_machine(settings):
    one, other = InvitationLetterFactory.build(), InvitationLetterFactory.build()
    assert unseal(one.sealed, about=one.pk) == FACTS
    with pytest.raises(CannotBeOpened):
        unseal(one.sealed, about=other.pk)
    old = settings.VISA_KEYS
    settings.VISA_KEYS = ("n" * 49 + "ewkey", *old)
    assert unseal(one.sealed, about=one.pk) == FACTS
    again = seal(FACTS, about=one.pk)
    settings.VISA_KEYS = old
    with pytest.raises(CannotBeOpened):
        unseal(again, about=one.pk)


# Asked for


def test_asked_then_issued_and_ready(letter, seat, coordinator, promoter):
    seat.refresh_from_db()
    assert (letter.state, seat.visa, facts_of(letter)) == ("asked", "needed", FACTS)
    asked = Message.objects.get(to=coordinator, cause__startswith=f"place-visa:{seat.pk}:asked")
    assert reverse("cohorts_cms_registration", args=[seat.pk]) in asked.body_text
    actions.verify_funding(seat, by=coordinator)
    assert seat.status == "confirmed"
    actions.issue_letter(letter, by=coordinator)
    seat.refresh_from_db()
    assert (seat.status, seat.visa, letter.state) == ("ready", "settled", "issued")
    told = Message.objects.get(to=promoter, cause__startswith=f"place-visa:{seat.pk}:issued")
    assert (PASSPORT in told.body_text, told.subject != "") == (False, True)
    with pytest.raises(RuleViolation):
        actions.issue_letter(letter, by=coordinator)


def test_ready_becomes_confirmed_when_a_visa_is_needed_after_all(seat, coordinator, promoter):
    actions.verify_funding(seat, by=coordinator)
    assert seat.status == "ready"
    actions.say_visa(seat, by=promoter, needed=True)
    assert seat.status == "confirmed"
    actions.say_visa(seat, by=promoter, needed=False)
    assert (seat.status, seat.visa) == ("ready", "not_needed")


def test_database_keeps_who_needs_a_visa_from_being_ready(seat, coordinator):
    actions.verify_funding(seat, by=coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.update(visa="needed")


@pytest.mark.parametrize(
    "broken",
    [
        {"sealed": ""},
        {"state": "issued"},
        {"state": "refused"},
        {"purged_at": timezone.now()},
        {"state": "withdrawn", "withdrawn_at": timezone.now(), "purged_at": timezone.now()},
    ],
)
def test_database_refuses_half_a_letter(letter, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        InvitationLetter.objects.update(**broken)


def test_latest_date_is_counted_from_the_start_or_said(session):
    assert session.letters_until == session.starts_at - timedelta(days=60)
    session.visa_deadline = session.starts_at - timedelta(days=10)
    assert session.letters_until == session.visa_deadline


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"session": {"visa_lead_days": 91}}, "late"),
        ({"seat": {"status": "waiting", "queue_number": 1}}, "wrong_state"),
        ({"facts": {"expires": "2020-01-01"}}, "passport"),
        ({"twice": True}, "twice"),
    ],
)
def test_letters_that_are_not_written(seat, session, promoter, change, code):
    Session.objects.update(**change.get("session", {"capacity": 10}))
    Registration.objects.filter(pk=seat.pk).update(**change.get("seat", {"status": "confirmed"}))
    seat = Registration.objects.select_related("session").get(pk=seat.pk)
    facts = {**FACTS, **change.get("facts", {})}
    if change.get("twice"):
        actions.ask_letter(seat, by=promoter, facts=facts, language="fr")
    with pytest.raises(RuleViolation) as refusal:
        actions.ask_letter(seat, by=promoter, facts=facts, language="fr")
    assert refusal.value.code == code
    assert PASSPORT not in str(refusal.value)


def test_refused_is_corrected_and_asked_again(client_for, letter, seat, coordinator, promoter):
    with pytest.raises(RuleViolation):
        actions.refuse_letter(letter, by=coordinator, reason="")
    actions.refuse_letter(letter, by=coordinator, reason="The number lacks a sign.")
    told = Message.objects.get(cause__startswith=f"place-visa:{seat.pk}:refused")
    assert "lacks a sign" not in told.body_text
    assert not ModelLogEntry.objects.filter(data__icontains="lacks a sign").exists()
    client, address = client_for(promoter), at("cohorts_visa_letter", seat.pk)
    page = client.get(address)
    assert ("lacks a sign" in page.content.decode(), page.context["form"].initial["passport"]) == (True, PASSPORT)
    client.post(address, {**TYPED, "passport": "ZX44177389"})
    letter.refresh_from_db()
    newest = seat.letters.first()
    assert (letter.is_purged, letter.sealed, newest.state, facts_of(newest)["passport"]) == (True, "", "asked", "ZX44177389")


# The paper


def words_of(body):
    return " ".join("".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(body)).split())


def test_paper_says_who_is_invited_and_is_frozen(issued, session, coordinator):
    before = words_of(pdf(issued, by=coordinator))
    for said in (FACTS["name"], PASSPORT, "rue du Port", "Burkina Faso", "Coopérative du Nord", issued.number):
        assert said in before
    session.visa_letter = {"fr": "Autre chose.", "en": "Something else."}
    session.save()
    Session.objects.update(place="Namur")
    again = InvitationLetter.objects.select_related("registration__session", "registration__project").get(pk=issued.pk)
    assert words_of(pdf(again, by=coordinator)) == before
    InvitationLetter.objects.update(text={**issued.text, "place": "Paris"})
    with pytest.raises(TextWasChanged):
        pdf(InvitationLetter.objects.get(), by=coordinator)


def test_project_of_any_script_has_its_paper(seat, promoter, coordinator):
    type(seat.project).objects.update(name="Bayan 上海 🎉")
    seat = Registration.objects.select_related("session", "project").get(pk=seat.pk)
    letter = actions.issue_letter(actions.ask_letter(seat, by=promoter, facts=FACTS, language="en"), by=coordinator)
    said = words_of(pdf(letter, by=coordinator))
    assert [words in said for words in ("Bayan", FACTS["name"])] == [True, True]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"name": "王小明"}, {"name"}),
        ({"consulate": "Consulat\nकाठमाडौँ", "passport": "ЖХ12"}, {"consulate", "passport"}),
        ({"name": "Zoe\u0308 Łukasz-Ñandú O’Neil", "consulate": "Consulat n° 3 (Liège)"}, set()),
    ],
)
def test_what_a_consulate_reads_is_in_latin_letters(typed, wrong):
    assert set(LetterForm({**TYPED, **typed}).errors) == wrong


def test_words_are_those_of_the_session(seat, session, promoter, coordinator):
    Session.objects.update(visa_letter={"fr": "Nous invitons {name}.", "en": "We invite {name} ({passport})."})
    seat = Registration.objects.select_related("session", "project").get(pk=seat.pk)
    letter = actions.issue_letter(actions.ask_letter(seat, by=promoter, facts=FACTS, language="en"), by=coordinator)
    assert f"We invite {FACTS['name']} ({PASSPORT})." in words_of(pdf(letter, by=coordinator))


def test_words_with_an_unknown_name_are_refused(session):
    session.visa_letter = {"fr": "Nous invitons {who}."}
    with pytest.raises(ValidationError) as refusal:
        session.clean()
    assert set(refusal.value.message_dict) == {"visa_letter"}


# Who reads it


def test_read_by_the_person_and_the_coordinator_of_the_session_alone(
    client_for, visitor_client, issued, seat, project, promoter, other_promoter, reviewer, trainer, coordinator, admin_user
):
    make.ProjectMemberFactory(project=project, person=other_promoter, role="member")
    other_coordinator = UserFactory()
    other_coordinator.groups.set(coordinator.groups.all())
    closed = (other_promoter, reviewer, trainer, other_coordinator, admin_user)
    paper, own, cms = (at("cohorts_invitation_pdf", issued.pk), at("cohorts_visa_letter", seat.pk), at("cohorts_cms_registration", seat.pk))
    assert [client_for(one).get(paper).status_code for one in closed] == [404] * 5
    assert [client_for(one).get(own).status_code for one in (*closed, coordinator)] == [404] * 6
    answer = client_for(promoter).get(paper)
    assert (answer.status_code, "no-store" in answer["Cache-Control"], answer["Content-Type"]) == (200, True, "application/pdf")
    assert PASSPORT in client_for(promoter).get(own).content.decode()
    assert client_for(coordinator).get(paper).status_code == 200
    assert PASSPORT in client_for(coordinator).get(cms).content.decode()
    for one in (other_coordinator, admin_user):
        page = client_for(one).get(cms)
        assert (page.status_code, page.context["letter"], PASSPORT in page.content.decode()) == (200, None, False)
        assert client_for(one).post(at("cohorts_cms_letter_verb", issued.pk, "issue")).status_code == 404
    assert visitor_client.get(paper).status_code == 302


def test_draft_is_seen_by_who_handles_it_before_it_is_issued(client_for, letter, promoter, coordinator):
    paper = at("cohorts_invitation_pdf", letter.pk)
    assert client_for(promoter).get(paper).status_code == 404
    answer = client_for(coordinator).get(paper)
    assert PASSPORT in words_of(answer.content)
    assert client_for(coordinator).get(at("cohorts_cms_registration", letter.registration_id)).context["words"]
    sure(client_for(coordinator), at("cohorts_cms_letter_verb", letter.pk, "issue"))
    assert client_for(promoter).get(paper).status_code == 200


def test_a_coordinator_writes_no_letter_to_themselves(client_for, session, coordinator, cohort):
    seat = make.RegistrationFactory(session=session, person=coordinator, status="confirmed", confirmed_at=timezone.now())
    own = InvitationLetterFactory(registration=seat)
    assert client_for(coordinator).post(at("cohorts_cms_letter_verb", own.pk, "issue")).status_code == 404


# The page of the person


def test_person_says_and_asks_on_the_site(client_for, promoter, seat, session):
    client = client_for(promoter)
    assert client.post(at("cohorts_registration_visa", seat.pk), {"needed": "yes"}).url == at("cohorts_visa_letter", seat.pk)
    wrong = client.post(at("cohorts_visa_letter", seat.pk), {**TYPED, "expires": "2020-01-01"})
    form = wrong.context["form"]
    assert (set(form.errors), "rue du Port" in wrong.content.decode(), seat.letters.count()) == ({"expires"}, True, 0)
    client.post(at("cohorts_visa_letter", seat.pk), TYPED)
    assert facts_of(seat.letters.get()) == FACTS
    client.post(at("cohorts_visa_letter", seat.pk), {"verb": "withdraw"})
    gone = seat.letters.get()
    assert (gone.state, gone.sealed, gone.is_purged) == ("withdrawn", "", True)
    client.post(at("cohorts_registration_visa", seat.pk), {"needed": "no"})
    seat.refresh_from_db()
    assert seat.visa == "not_needed"


def test_too_late_is_said_and_what_to_do(client_for, promoter, seat):
    Session.objects.update(visa_lead_days=200)
    client = client_for(promoter)
    page = client.get(at("cohorts_visa_letter", seat.pk))
    assert (page.context["form"], page.context["session"].is_late_for_letters) == (None, True)
    assert client.get(at("cohorts_session", seat.session_id)).status_code == 200
    client.post(at("cohorts_visa_letter", seat.pk), TYPED)
    assert seat.letters.count() == 0


def test_key_that_is_lost_is_said_in_words(client_for, promoter, coordinator, issued, seat, settings):
    settings.VISA_KEYS = ("another-key" * 6,)
    assert client_for(promoter).get(at("cohorts_invitation_pdf", issued.pk)).status_code == 409
    assert client_for(promoter).get(at("cohorts_visa_letter", seat.pk)).context["facts"] is None
    assert client_for(coordinator).get(at("cohorts_cms_registration", seat.pk)).context["facts"] is None


# The end


@pytest.mark.parametrize("how", ["cancelled", "session cancelled", "not needed", "erased"])
def test_what_was_typed_is_gone_when_it_is_not_needed(how, issued, seat, session, promoter, coordinator):
    {
        "cancelled": lambda: actions.cancel_registration(seat, by=promoter),
        "session cancelled": lambda: actions.cancel_session(session, by=coordinator, reason="No room."),
        "not needed": lambda: actions.say_visa(seat, by=promoter, needed=False),
        "erased": lambda: empty(promoter),
    }[how]()
    issued.refresh_from_db()
    assert (issued.state, issued.sealed, issued.is_purged) == ("issued", "", True)
    assert InvitationLetter.objects.filter(state="issued").count() == 1


def test_clock_deletes_at_the_date_and_not_before(issued, session, client_for, promoter, caplog):
    move_session(session, days=29)
    assert strike()["letters for a visa purged"] == 0
    assert Message.objects.filter(cause__startswith=f"place-visa:{issued.registration_id}:purge").count() == 1
    strike()
    assert Message.objects.filter(cause__startswith=f"place-visa:{issued.registration_id}:purge").count() == 1
    move_session(session, days=31)
    with caplog.at_level(logging.INFO):
        assert strike()["letters for a visa purged"] == 1
    assert strike()["letters for a visa purged"] == 0
    issued.refresh_from_db()
    assert (issued.state, issued.sealed, issued.refused_reason) == ("issued", "", "")
    assert ModelLogEntry.objects.filter(action="cohorts.purge_letter").count() == 1
    assert re.search("deleted from 1 letters", caplog.text)
    assert client_for(promoter).get(at("cohorts_invitation_pdf", issued.pk)).status_code == 404


def test_letter_nobody_answered_is_deleted_too(letter, session):
    move_session(session, days=31)
    strike()
    letter.refresh_from_db()
    assert (letter.state, letter.sealed) == ("withdrawn", "")


def test_who_needs_a_visa_is_reminded_before_the_last_day(seat, session, promoter):
    actions.say_visa(seat, by=promoter, needed=True)
    now = timezone.now()
    mine = Message.objects.filter(cause__startswith=f"place-visa:{seat.pk}:remind")
    strike(session.letters_until - timedelta(days=15))
    assert mine.count() == 0
    for _twice in range(2):
        strike(session.letters_until - timedelta(days=14))
    assert mine.count() == 1
    strike(session.letters_until - timedelta(days=2))
    assert mine.count() == 2
    strike(session.letters_until + timedelta(hours=1))
    assert (mine.count(), now < session.letters_until) == (2, True)


def test_who_asked_is_not_reminded(letter, session):
    strike(session.letters_until - timedelta(days=3))
    assert not Message.objects.filter(cause__contains=":remind-").exists()


def test_pages_cost_the_same_for_one_and_three(client_for, coordinator, promoter, letter, seat, session, crowd):
    def cost(person, name, *args):
        client = client_for(person)
        client.get(at(name, *args))
        with CaptureQueriesContext(connection) as counted:
            assert client.get(at(name, *args)).status_code == 200
        return len(counted)

    places = [(coordinator, "cohorts_cms_session", session.pk), (promoter, "cohorts_session", session.pk)]
    places += [(coordinator, "cohorts_cms_registration", seat.pk), (promoter, "cohorts_visa_letter", seat.pk)]
    one = [cost(*place) for place in places]
    for other in crowd(2):
        row = actions.register(session, by=other.person, person=other.person, project=other.project, payer="grant")
        InvitationLetterFactory(registration=row)
    gone = timezone.now()
    for _n in range(2):
        InvitationLetterFactory(
            registration=seat, state="withdrawn", withdrawn_at=gone, purged_at=gone, sealed="", asked_at=gone - timedelta(days=9)
        )
    assert [cost(*place) for place in places] == one


def test_list_shows_letters_that_wait_for_us(client_for, coordinator, letter, seat, session, crowd):
    (other,) = crowd(1)
    actions.register(session, by=other.person, person=other.person, project=other.project, payer="person")
    lines = client_for(coordinator).get(at("cohorts_cms_session", session.pk), {"show": "letters"}).context["lines"]
    assert [row.pk for row, _verbs in lines] == [seat.pk]


def another(coordinator):
    person = UserFactory()
    person.groups.set(coordinator.groups.all())
    return person


def test_where_the_coordinator_cannot_one_other_is_told_and_handles_it(
    client_for, seat, promoter, project, coordinator, submitted, admin_user
):
    stands_in, third = another(coordinator), another(coordinator)
    for_visa = Message.objects.filter(cause__startswith=f"place-visa:{seat.pk}:asked")
    make.ConflictDeclarationFactory(application=submitted, person=stands_in)
    coordinator.groups.clear()
    letter = actions.ask_letter(seat, by=promoter, facts=FACTS, language="fr")
    assert for_visa.get().to == third
    cms = at("cohorts_cms_registration", seat.pk)
    assert PASSPORT in client_for(third).get(cms).content.decode()
    for one in (stands_in, admin_user):
        assert PASSPORT not in client_for(one).get(cms).content.decode()
        assert not InvitationLetter.objects.handled_by(one).exists()
    actions.withdraw_letter(letter, by=promoter)
    make.ProjectMemberFactory(project=project, person=third, role="member")
    letter = actions.ask_letter(seat, by=promoter, facts=FACTS, language="fr")
    assert for_visa.exclude(to=third).get().to == admin_user
    assert [InvitationLetter.objects.handled_by(one).exists() for one in (stands_in, third, admin_user)] == [False, False, True]


def test_of_ones_own_letter_another_coordinator_is_told(session, coordinator):
    other = another(coordinator)
    seat = make.RegistrationFactory(session=session, person=coordinator, status="confirmed", confirmed_at=timezone.now())
    actions.ask_letter(seat, by=coordinator, facts=FACTS, language="fr")
    assert Message.objects.get(cause__startswith=f"place-visa:{seat.pk}:asked").to == other
    assert [InvitationLetter.objects.handled_by(one).exists() for one in (coordinator, other)] == [False, True]
