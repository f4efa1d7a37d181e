"""Writing in the CMS under its policy: every kind of block, uploads; our own pages there for everybody; a sign-in with a passkey."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD
from tests.browser.test_cms_browser import refused_scripts
from tests.browser.waiting import SECONDS, follow
from tests.prepared import manage

OURS = [
    "/cms/cohorts/",
    "/cms/applications/",
    "/cms/participations/",
    "/cms/projects/",
    "/cms/sessions/",
    "/cms/enrolments/",
    "/cms/activity-records/",
    "/cms/certificates/",
    "/cms/quiz-attempts/",
    "/cms/to-mark/",
]


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "#b3321b").save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def editor(page_for):
    """A new wiki page in its editor."""
    page = page_for("trainer", locale="en-GB")
    page.goto("/cms/pages/search/?q=Academy&content_type=wiki.wikisection")
    follow(page.locator("a[href$='/edit/']").first)
    parent = page.url.rstrip("/").split("/")[-2]
    page.goto(f"/cms/pages/add/wiki/wikipage/{parent}/")
    return page


def add_block(page, number: int) -> str:
    """Adds the block of this rank in the list of kinds; its name, or nothing when there are no more."""
    page.locator(".c-sf-add-button").last.click()
    options = page.locator("[role=option]:visible")
    options.first.wait_for()
    if number >= options.count():
        page.keyboard.press("Escape")
        return ""
    name = options.nth(number).inner_text().strip()
    options.nth(number).click()
    expect(options).to_have_count(0)  # the list is closed: the next one is another
    return name


def test_every_kind_of_block_opens(editor):
    editor.fill("[name=title]", "A page in the making")
    names = []
    while name := add_block(editor, len(names)):
        names.append(name)
    assert len(names) >= 10
    expect(editor.locator("[name=body-count]")).to_have_value(str(len(names)))
    assert (refused_scripts(editor), editor.errors) == ([], [])


def test_picture_and_document_are_uploaded(page_for):
    page = page_for("trainer", locale="en-GB")
    for address, file in (
        ("/cms/images/multiple/add/", {"name": "red.png", "mimeType": "image/png", "buffer": picture()}),
        ("/cms/documents/multiple/add/", {"name": "charter.txt", "mimeType": "text/plain", "buffer": b"We share."}),
    ):
        page.goto(address)
        page.locator("#fileupload").set_input_files([file])
        page.locator("#upload-list li input[type=text]").first.wait_for()
        assert (refused_scripts(page), page.errors) == ([], [])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_our_pages_in_the_cms_are_for_everybody(page_for, axe, dark):
    page = page_for("coordinator", locale="en-GB", dark=dark)
    rows = []
    for address in ("/cms/cohorts/", "/cms/applications/", "/cms/participations/", "/cms/sessions/"):
        page.goto(address)
        link = page.locator("main table tbody a[href]").first
        rows += [link.get_attribute("href")] if link.count() else []
    wrong = []
    for address in [*OURS, *rows]:
        page.goto(address)
        wrong += [f"{address}: {violation}" for violation in axe(page)]
    assert wrong == []


@pytest.fixture
def newcomer(server, server_folder) -> str:
    """The address of a person whom no other test signs in: what they add to their account is in nobody's way."""
    words = (
        "from academy.models import User; from allauth.account.models import EmailAddress;"
        f"person = User.objects.create_user('newcomer@example.org', {PASSWORD!r}, language='en');"
        "EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)"
    )
    manage("shell", "-c", words, DATA_DIR=str(server_folder))
    return "newcomer@example.org"


def test_sign_in_with_a_passkey(browser, server, newcomer):
    """A key made on the account's page opens the Academy afterwards, without a password."""
    context = browser.new_context(base_url=server.replace("127.0.0.1", "localhost"), locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(SECONDS * 1000)
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
    page.goto("/accounts/login/")
    page.fill("input[name=login]", newcomer)
    page.fill("input[name=password]", PASSWORD)
    follow(page.locator("input[name=password]"), "Enter")
    page.goto("/accounts/2fa/webauthn/add/")
    if page.locator("input[name=password]").count():
        page.fill("input[name=password]", PASSWORD)
        follow(page.locator("input[name=password]"), "Enter")
    page.fill("input[name=name]", "My telephone")
    if page.locator("input[name=passwordless]").count():
        page.check("input[name=passwordless]")
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url(lambda url: "/webauthn/add" not in url)
    context.clear_cookies()
    page.goto("/accounts/login/")
    page.locator("#passkey_login, button:has-text('passkey')").first.click()
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto("/en/my/")
    expect(page.locator("h1")).to_have_text(re.compile("^Hello"))
    context.close()
