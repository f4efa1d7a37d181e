"""The certificate of attendance: only for whoever was checked in, once, frozen, and revoked with the check-in on which it rests."""

from datetime import timedelta

import pypdfium2
import pytest
from django.urls import reverse
from django.utils import timezone, translation

from academy.models import Message, User
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.clock import strike
from cohorts.models import CheckIn, Project, Session
from courses.actions import revoke_certificate
from courses.certificates import pdf
from courses.models import Certificate
from tests.factories import cohorts as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def over(cohort, crowd, coordinator):
    """A session that ended yesterday: one person came, one was ready and did not, one only had a place."""
    now = timezone.now()
    session = make.SessionFactory(cohorts=[cohort], title={"en": "Spring", "fr": "Printemps"})
    rows = [actions.register(session, by=one.person, person=one.person, project=one.project, payer="person") for one in crowd(3)]
    for row in rows[:2]:
        actions.verify_funding(row, by=coordinator)
    Session.objects.filter(pk=session.pk).update(
        registration_deadline=now - timedelta(days=4),
        cancellation_deadline=now - timedelta(days=4),
        starts_at=now - timedelta(days=3),
        ends_at=now - timedelta(hours=1),
    )
    session.refresh_from_db()
    for row in rows:
        row.refresh_from_db()
    actions.check_in(rows[0], by=coordinator)
    return session, rows


def holders():
    return list(Certificate.objects.filter(kind="attendance", revoked_at__isnull=True).values_list("holder", flat=True))


def test_clock_gives_them_seven_days_after_to_whoever_came_and_once(over):
    session, (came, _absent, _unpaid) = over
    strike(session.ends_at + timedelta(days=6))
    assert holders() == []
    assert strike(session.ends_at + timedelta(days=7))["certificates of attendance"] == 1
    assert strike(session.ends_at + timedelta(days=8)) == {}
    assert holders() == [came.person.pk]
    letters = Message.objects.filter(subject="Your certificate of attendance")
    assert [(letter.to, str(Certificate.objects.get().pk) in letter.body_text) for letter in letters] == [(came.person, True)]


def test_words_are_frozen_in_both_languages(over, coordinator):
    session, (came, *_rest) = over
    name = came.project.name
    [certificate] = actions.certify_attendance(session, by=coordinator)
    Session.objects.filter(pk=session.pk).update(title={"en": "Other", "fr": "Autre"}, place="Elsewhere")
    Project.objects.filter(pk=came.project_id).update(name="Renamed")
    certificate.refresh_from_db()
    assert {code: words["about"] for code, words in certificate.content.items()} == {"en": "Spring", "fr": "Printemps"}
    assert [certificate.content[code]["title"] for code in ("en", "fr")] == ["Certificate of attendance", "Certificat de présence"]
    details = dict(certificate.content["en"]["details"])
    assert (details["Place"], details["Project"]) == (session.place, name)


def test_nobody_is_certified_before_the_end_or_for_a_cancelled_session(session, coordinator):
    with pytest.raises(RuleViolation, match="not over"):
        actions.certify_attendance(session, by=coordinator)
    actions.cancel_session(session, by=coordinator, reason="Strike.")
    with pytest.raises(RuleViolation, match="not over"):
        actions.certify_attendance(session, by=coordinator, now=session.ends_at + timedelta(days=8))


def test_annulled_check_in_gives_none_or_takes_it_back(over, coordinator, client):
    session, (came, *_rest) = over
    [certificate] = actions.certify_attendance(session, by=coordinator)
    address = reverse("courses_verify", args=[certificate.pk])
    assert client.get(address).context["standing"] == "valid"
    actions.annul_check_in(CheckIn.objects.get(), by=coordinator, reason="It was her sister.")
    assert client.get(address).context["standing"] == "revoked"
    assert "sister" not in client.get(address).content.decode()
    assert actions.certify_attendance(session, by=coordinator) == []
    came.refresh_from_db()
    actions.check_in(came, by=coordinator)
    assert strike(session.ends_at + timedelta(days=7)).get("certificates of attendance") is None
    [again] = actions.certify_attendance(session, by=coordinator)
    assert again.pk != certificate.pk
    assert [client.get(reverse("courses_verify", args=[one.pk])).context["standing"] for one in (certificate, again)] == [
        "revoked",
        "valid",
    ]


def test_the_clock_does_not_give_again_what_somebody_revoked(over, coordinator):
    session, _rows = over
    [certificate] = actions.certify_attendance(session, by=None)
    revoke_certificate(certificate, reason="A mistake.", by=coordinator)
    assert actions.certify_attendance(session, by=None) == []
    assert holders() == []


def test_printed_form_is_tagged_and_has_its_code(over, coordinator):
    session, _rows = over
    [certificate] = actions.certify_attendance(session, by=coordinator)
    for language in ("fr", "en"):
        body = pdf(certificate, language=language)
        assert body.startswith(b"%PDF-")
        assert b"/StructTreeRoot" in body


def test_it_is_found_on_my_academy_and_on_the_session(over, client_for, coordinator, other_promoter):
    session, (came, absent, _unpaid) = over
    [certificate] = actions.certify_attendance(session, by=coordinator)
    with translation.override("en"):
        pages = [reverse("my"), reverse("cohorts_session", args=[session.pk])]
        page = reverse("courses_certificate", args=[certificate.pk])
    client = client_for(came.person)
    assert [page in client.get(address).content.decode() for address in pages] == [True, True]
    assert client.get(page).status_code == 200
    assert [client_for(one).get(page).status_code for one in (absent.person, other_promoter)] == [404, 404]


def test_coordinator_gives_them_from_the_cms(over, client_for, coordinator, trainer):
    session, (came, *_rest) = over
    address = reverse("cohorts_cms_session_verb", args=[session.pk, "certificates"])
    assert client_for(trainer).post(address).status_code == 404
    assert holders() == []
    client_for(coordinator).post(address)
    client_for(coordinator).post(address)
    assert holders() == [came.person.pk]


@pytest.mark.parametrize("number", [1, 3])
def test_a_stroke_with_nothing_to_give_asks_the_same(number, over, cohort, coordinator, django_assert_num_queries):
    session, _rows = over
    actions.certify_attendance(session, by=None)
    for _n in range(number):
        make.RegistrationFactory(session=session)
    with django_assert_num_queries(4):
        assert actions.certify_attendance(session, by=None) == []


def test_name_in_any_script_has_its_paper(over, coordinator):
    session, (came, *_rest) = over
    User.objects.filter(pk=came.person_id).update(name="王小明 (Wang Xiaoming) 🎉")
    [certificate] = actions.certify_attendance(session, by=coordinator)
    page = pypdfium2.PdfDocument(pdf(certificate, language="fr"))[0]
    assert "(Wang Xiaoming)" in page.get_textpage().get_text_range()
