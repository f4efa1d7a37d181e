"""One way in. With a second factor set, no address of the whole site gives a session on the password alone."""

from urllib.parse import unquote

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core import mail
from django.urls import URLPattern, get_resolver, reverse
from django.utils import translation

from tests.factories.academy import UserFactory

PASSWORD = "correct horse battery"


def signs_in_by(email: str, **fields):
    user = UserFactory(email=email, password=PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


@pytest.fixture
def careful(db):
    """Somebody with a second factor."""
    user = signs_in_by("careful@example.org", is_superuser=True, is_staff=True)
    TOTP.activate(user, generate_totp_secret())
    return user


def addresses_without_arguments(resolver=None, prefix="/") -> list[str]:
    """Every address of the site that takes no argument, in the active language."""
    found = []
    for pattern in (resolver or get_resolver()).url_patterns:
        route = str(getattr(pattern.pattern, "_route", None) or getattr(pattern.pattern, "prefix", "") or pattern.pattern)
        if "<" in route or "(" in route:
            continue
        route = prefix + route.removeprefix("^").removesuffix("$").removesuffix("\\Z")
        if isinstance(pattern, URLPattern):
            found.append(route)
        else:
            found += addresses_without_arguments(pattern, route)
    return found


def in_every_language() -> list[str]:
    found = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found |= set(addresses_without_arguments())
    return sorted(found)


def test_the_walk_sees_the_doors_that_matter():
    assert {"/accounts/login/", "/cms/login/", "/fr/_util/login/", "/en/_util/login/"} <= set(in_every_language())


def test_no_address_gives_a_session_on_the_password_alone(careful, client):
    form = {"login": careful.email, "email": careful.email, "username": careful.email, "password": PASSWORD, "next": "/cms/"}
    opened = []
    for address in in_every_language():
        client.cookies.clear()
        client.post(address, form)
        if "_auth_user_id" in client.session:
            opened.append(address)
    assert opened == []


def test_without_second_factor_the_password_is_enough(client, db):
    person = signs_in_by("plain@example.org")
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.parametrize("address", ["/cms/login/", "/fr/_util/login/", "/en/_util/login/"])
def test_other_doors_lead_to_the_one(client, db, address):
    answer = client.get(address, {"next": "/cms/pages/"})
    assert unquote(answer.headers["Location"]) == "/accounts/login/?next=/cms/pages/"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/cms/password_reset/", "/cms/account/change_password/"])
def test_no_password_of_the_cms(client, address):
    assert client.get(address, follow=True).status_code in (200, 404)
    assert b'name="new_password1"' not in client.get(address, follow=True).content


def test_sign_in_does_not_lead_elsewhere(client, db):
    person = signs_in_by("plain@example.org")
    answer = client.post(
        reverse("account_login") + "?next=https://evil.example/",
        {"login": person.email, "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert "evil.example" not in answer.headers["Location"]


def test_unverified_address_does_not_get_in(client, db):
    user = UserFactory(email="new@example.org", password=PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def sign_up(client, email):
    return client.post(
        reverse("account_signup"),
        {"email": email, "name": "Someone", "password1": "a long password here", "password2": "a long password here"},
    )


def test_sign_up_tells_nobody_who_has_an_account(client, db):
    signs_in_by("known@example.org")
    known, unknown = sign_up(client, "known@example.org"), sign_up(client, "unknown@example.org")
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert sorted(message.to[0] for message in mail.outbox) == ["known@example.org", "unknown@example.org"]


def test_sign_up_keeps_the_name_and_the_language_of_the_page(client, django_user_model):
    client.cookies["django_language"] = "en"
    sign_up(client, "new@example.org")
    person = django_user_model.objects.get(email="new@example.org")
    assert (person.name, person.language) == ("Someone", "en")
    assert mail.outbox[0].extra_headers["Auto-Submitted"] == "auto-generated"


def test_password_reset_tells_nobody_who_has_an_account(client, db):
    signs_in_by("known@example.org")
    answers = [client.post(reverse("account_reset_password"), {"email": email}) for email in ("known@example.org", "unknown@example.org")]
    assert len({answer.headers["Location"] for answer in answers}) == 1


def test_too_many_wrong_passwords_are_stopped(client, db):
    person = signs_in_by("plain@example.org")
    for _attempt in range(6):
        client.post(reverse("account_login"), {"login": person.email, "password": "wrong"})
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_staff_without_second_factor_are_asked_for_one(client_for, coordinator, careful):
    setup = reverse("mfa_index")
    assert setup in client_for(coordinator).get("/cms/").content.decode()
    assert setup not in client_for(careful).get("/cms/").content.decode()


@pytest.mark.parametrize("who", ["promoter"])
def test_signed_in_person_without_the_cms_is_not_sent_round_in_a_circle(request, client_for, db, who):
    answer = client_for(request.getfixturevalue(who)).get("/cms/pages/", follow=True)
    assert [address for address, _status in answer.redirect_chain][1:] == [reverse("my")]
    assert answer.status_code == 200


def test_signing_in_leads_to_the_cms_only_who_may_enter(client, db):
    person = signs_in_by("plain@example.org")
    answer = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD, "next": "/cms/"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("my")
    assert client.get("/cms/login/?next=https://evil.example/", follow=True).redirect_chain[-1][0] == reverse("my")


def test_session_key_changes_at_sign_in(client, db):
    person = signs_in_by("plain@example.org")
    session = client.session
    session["kept"] = True
    session.save()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert client.session.session_key != session.session_key


@pytest.mark.parametrize("address", ["/accounts/logout/", "/cms/logout/"])
def test_signing_out_takes_a_post(client_for, coordinator, address):
    client = client_for(coordinator)
    client.get(address)
    assert "_auth_user_id" in client.session
    client.post(address)
    assert "_auth_user_id" not in client.session


def test_invented_address_of_the_visitor_does_not_evade_the_limit(client, db):
    """Nobody's own X-Forwarded-For is believed when no proxy of ours is named."""
    for number in range(40):
        answer = client.post(
            reverse("account_login"),
            {"login": f"person{number}@example.org", "password": "wrong"},
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
        )
    assert answer.status_code == 429


@pytest.mark.django_db
def test_who_has_no_script_is_told_what_needs_one(client):
    page = client.get("/accounts/login/", headers={"accept-language": "en"}).content.decode()
    assert "A passkey or a security key needs JavaScript; a password does not." in page
    assert "This functionality" not in page
