"""Every mail of the account: one voice, two forms, no loose ends."""

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone, translation

pytestmark = pytest.mark.django_db

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
MAILS = sorted(
    str(path.relative_to(TEMPLATES)).removesuffix("_message.txt")
    for folder in ("account", "mfa", "socialaccount")
    for path in (TEMPLATES / folder / "email").glob("*_message.txt")
    if not path.name.startswith("base_")
)
CONTEXT = {
    "email": "reader@example.org",
    "activate_url": "https://academy.test/confirm/1/?a=1&b=2",
    "password_reset_url": "https://academy.test/reset/1/?a=1&b=2",
    "password_set_url": "https://academy.test/reset/2/?a=1&b=2",
    "again_url": "https://academy.test/reset/",
    "days": 3,
    "home_url": "https://academy.test",
    "signup_url": "https://academy.test/signup/",
    "code": "ABC-123",
    "from_email": "old@example.org",
    "to_email": "new@example.org",
    "deleted_email": "old@example.org",
    "provider": "Somewhere",
    "ip": "192.0.2.1",
    "user_agent": "A browser",
    "timestamp": timezone.now(),
}


def parts(name: str, **context) -> tuple[str, str, str]:
    request = RequestFactory().get("/")
    return tuple(
        render_to_string(f"{name}_{part}", {**CONTEXT, **context}, request) for part in ("subject.txt", "message.txt", "message.html")
    )


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", MAILS)
def test_mail_is_whole(name, language):
    with translation.override(language):
        subject, text, html = parts(name)
    assert 5 < len(subject.strip()) <= 78
    assert not re.search(r"\{\{|\{%|&amp;|&#|<p|<a ", text)
    assert f'<html lang="{language}">' in html
    assert subject.strip().replace("'", "&#x27;") in html.replace("’", "'").replace("’", "'") or "<h1" in html
    assert all(re.match(r"https?://|mailto:", address) for address in re.findall(r'href="([^"]*)"', html))
    assert not re.search(r"<(script|img|link|form)\b", html)


def test_confirmation_gives_an_address_or_a_code():
    _, text, html = parts("account/email/email_confirmation", code="")
    assert CONTEXT["activate_url"] in text
    assert CONTEXT["activate_url"].replace("&", "&amp;") in html
    _, text, html = parts("account/email/email_confirmation")
    assert "ABC-123" in text
    assert CONTEXT["activate_url"] not in text + html


def test_every_mail_of_allauth_is_ours():
    import allauth

    theirs = Path(allauth.__file__).parent / "templates"
    names = {str(path.relative_to(theirs)).removesuffix("_message.txt") for path in theirs.glob("*/email/*_message.txt")}
    assert {name for name in names if not name.rsplit("/", 1)[1].startswith("base")} <= set(MAILS)


@pytest.mark.parametrize("form", ["txt", "html"])
def test_an_invitation_to_a_project_says_who_invited_and_claims_no_account(form):
    context = {"project": {"name": "Bricks"}, "inviter": {"get_short_name": "Ada"}, "address": "/join/", "days": 14, "role": "viewer"}
    with translation.override("en"):
        said = " ".join(render_to_string(f"emails/cohorts_invitation.{form}", context).split())
    assert "You receive this message because Ada invited you to" in said
    assert "you have an account or a project" not in said
