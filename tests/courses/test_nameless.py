"""A certificate for somebody who has given no name: never their address, and issued again with the name once there is one."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from academy.models import Message
from courses import actions, clock
from courses.models import NAMELESS, Certificate
from tests.factories.courses import CertificateFactory, make_course, make_lesson, make_module

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def nameless(promoter):
    promoter.name = ""
    promoter.save()
    return promoter


@pytest.fixture
def certificate(nameless):
    module = make_module()
    lesson = make_lesson(module)
    actions.enrol(make_course(modules=(module,)), user=nameless, by=nameless)
    actions.complete_activity(lesson, by=nameless)
    return Certificate.objects.get()


def pages(client, certificate):
    names = ["courses_verify", "courses_certificate"]
    with translation.override("en"):
        addresses = [reverse(name, args=[certificate.pk]) + "?lang=en" for name in names]  # before a page changes the language
    return [client.get(address).text for address in addresses]


def test_no_address_is_published(certificate, nameless, client_for, client):
    assert certificate.holder_name == NAMELESS
    public = pages(client, certificate)[0]
    assert (nameless.email in public, "Name not given" in public) == (False, True)
    own = pages(client_for(nameless), certificate)[1]
    assert ("Your name is missing" in own, f'<a href="{reverse("account_profile")}">Give my name</a>' in own) == (True, True)


def test_an_address_that_was_issued_before_is_not_shown(nameless, client):
    old = CertificateFactory(holder=nameless, holder_name=nameless.email)
    public = pages(client, old)[0]
    assert (nameless.email in public, "Name not given" in public) == (False, True)


def test_it_has_no_badge(certificate, nameless, client_for):
    assert client_for(nameless).get(reverse("courses_certificate_badge", args=[certificate.pk])).status_code == 404


def test_the_clock_issues_it_again_with_the_name(certificate, nameless, client_for):
    assert clock.strike()["certificates issued again with the name of their holder"] == 0
    nameless.name = "Paula Promoter"
    nameless.save()
    assert clock.strike()["certificates issued again with the name of their holder"] == 1
    first, again = Certificate.objects.get(pk=certificate.pk), Certificate.objects.exclude(pk=certificate.pk).get()
    assert (first.standing, again.standing) == ("revoked", "valid")
    assert (again.holder_name, again.content, again.issued_at, again.subject_key) == (
        "Paula Promoter", first.content, first.issued_at, first.subject_key,
    )  # fmt: skip
    assert "Your name is missing" not in pages(client_for(nameless), first)[1]
    letters = Message.objects.filter(to=nameless, cause__startswith="courses.certificate:").order_by("created_at")
    assert [one.cause.partition(":")[2] for one in letters] == [str(first.pk), str(again.pk)]
    assert letters[1].subject == "Your certificate ‘A course’ now bears your name"
    assert reverse("courses_certificate", args=[again.pk]) in letters[1].body_text
    assert clock.strike()["certificates issued again with the name of their holder"] == 0


@pytest.mark.parametrize("name", ["  ", "paula@example.org"])
def test_what_is_no_name_is_none(name, nameless):
    nameless.name = name
    nameless.save()
    assert (
        actions.issue_certificate(nameless, kind="attendance", content=CertificateFactory.build().content, by=None).holder_name == NAMELESS
    )
    assert clock.strike()["certificates issued again with the name of their holder"] == 0


def test_one_that_was_renewed_keeps_its_validity(certificate, nameless):
    later = CertificateFactory(holder=nameless, holder_name="Paula Promoter")
    Certificate.objects.filter(pk=certificate.pk).update(expires_at=timezone.now() + timedelta(days=9), renewed_at=timezone.now())
    nameless.name = "Paula Promoter"
    nameless.save()
    assert clock.strike()["certificates issued again with the name of their holder"] == 0
    assert {one.pk: one.standing for one in Certificate.objects.all()} == {certificate.pk: "valid", later.pk: "valid"}
