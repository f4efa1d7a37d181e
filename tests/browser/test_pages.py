"""Every page, as each person meets it: nothing that axe finds wrong, nothing wider than 320 px, nothing refused, in its language.

Two passes see both languages, both lights and both widths; each page is looked at once in a pass, because looking is what takes long.
"""

import re

import pytest
from playwright.sync_api import expect

PUBLIC = [
    "/{}/",
    "/{}/wiki/",
    "/{}/wiki/academy/",
    "/{}/wiki/academy/how-projects-are-assessed/",
    "/{}/wiki/monographs/oficio-comun/",
    "/{}/wiki-compare/",
    "/{}/search/?q=Smart",
    "/{}/search/?q=zzzzqq",
    "/{}/apply/",
    "/{}/pathway/",
    "/{}/sessions/",
    "/{}/courses/",
    "/{}/courses/joining-the-academy/",
    "/{}/learn/join/",
    "/{}/modules/",
    "/{}/modules/understanding-smart/",
    "/{}/modules/understanding-smart/shared-enterprise/",
    "/accounts/login/?next=/{}/",
    "/accounts/signup/?next=/{}/",
    "/accounts/password/reset/?next=/{}/",
    "/verify/00000000-0000-4000-8000-000000000000/?next=/{}/",
    "/{}/nothing-here/",
]
ACCOUNT = [
    "/accounts/profile/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/totp/activate/",
    "/accounts/reauthenticate/",
    "/accounts/sessions/",
    "/accounts/logout/",
]
UUID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
# Where an address holds a number of the demo data, the first such link that this person has seen is followed.
PROMOTER = [
    "/{}/my/",
    "/{}/my/pathway/",
    f"/{{}}/my/decisions/{UUID}/",
    f"/{{}}/apply/{UUID}/",
    "/{}/my/certificates/",
    "/{}/my/learning/",
    "/{}/apply/",
    "/{}/sessions/",
    f"/{{}}/sessions/{UUID}/",
    "/{}/courses/joining-the-academy/",
    "/{}/modules/understanding-smart/shared-enterprise/",
    "/{}/modules/understanding-smart/understanding-smart-quiz/",
    "/{}/modules/preparing-your-project/ten-conversations/",
    f"/{{}}/learn/{UUID}/attempt/1/",
    f"/{{}}/questions/{UUID}/",
    "/{}/questions/ask/?q=Smart",
    "/{}/glossary/",
    *ACCOUNT,
]
REVIEWER = [
    "/{}/review/",
    f"/{{}}/review/{UUID}/",
    "/{}/my/",
]
TRAINER = ["/{}/my/", "/{}/wiki/monographs/oficio-comun/", "/{}/questions/", "/ui/?language={}"]
COORDINATOR = ["/{}/my/", "/{}/review/", "/{}/sessions/", f"/{{}}/sessions/{UUID}/", f"/{{}}/sessions/{UUID}/desk/"]
CASES = [("", PUBLIC), ("promoter", PROMOTER), ("reviewer", REVIEWER), ("trainer", TRAINER), ("coordinator", COORDINATOR)]
OVERFLOW = "() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"
LINKS = "links => links.map(link => link.getAttribute('href'))"


def first_link(path: str, links: list[str]) -> str:
    """The address itself, or the first link of its form."""
    return path if UUID not in path else next((link for link in links if re.fullmatch(path, link.partition("?")[0])), "")


def faults(page, axe, language: str) -> list[str]:
    found = [*axe(page), *[f"refused {refused}" for refused in page.refused()], *page.errors]
    page.errors.clear()
    wide, spoken = page.evaluate(OVERFLOW), page.locator("html").get_attribute("lang")
    found += [f"{wide} px too wide"] if wide else []
    return found + ([f"says that it is in {spoken}"] if spoken != language else [])


@pytest.mark.parametrize(("role", "paths"), CASES, ids=[role or "visitor" for role, _paths in CASES])
@pytest.mark.parametrize(("language", "width", "dark"), [("fr", 320, False), ("en", 1280, True)], ids=["fr-320-light", "en-1280-dark"])
def test_pages_are_for_everybody(page_for, axe, language, width, dark, role, paths):
    """The list of what is wrong must be empty."""
    page = page_for(role, width=width, dark=dark, locale=f"{language}-{'FR' if language == 'fr' else 'GB'}")
    page.goto(f"/{language}/")  # the pages without a prefix follow the language read last
    wrong, links = [], []
    for path in paths:
        address = first_link(path.replace("{}", language), links)
        if not address:
            wrong.append(f"{path}: no page links to it")
            continue
        page.goto(address)
        wrong += [f"{address}: {fault}" for fault in faults(page, axe, language)]
        links += page.eval_on_selector_all("a[href]", LINKS)
    assert wrong == []


@pytest.mark.parametrize(
    "path", ["/en/", "/en/wiki/academy/how-projects-are-assessed/", "/en/apply/", "/en/modules/understanding-smart/shared-enterprise/"]
)
def test_page_is_whole_without_script(page_for, path):
    with_script, without = page_for("", locale="en-GB"), page_for("", locale="en-GB", script=False)
    with_script.goto(path)
    without.goto(path)
    assert without.locator("main").inner_text() == with_script.locator("main").inner_text()


def test_first_stop_of_the_keyboard_is_the_skip_link(page_for):
    page = page_for("", locale="en-GB")
    page.goto("/en/")
    page.keyboard.press("Tab")
    expect(page.locator("a[href='#main']")).to_be_focused()


def test_contents_list_follows_the_reader(page_for):
    page = page_for("", width=1280, locale="en-GB")
    page.goto("/en/wiki/academy/how-projects-are-assessed/")
    links = page.locator("[data-academy-contents] a")
    assert page.locator("[data-academy-contents] a[aria-current]").count() == 0
    target = links.nth(2)
    target.click()
    expect(page.locator("[data-academy-contents] a[aria-current=location]")).to_have_attribute("href", target.get_attribute("href"))


def test_contents_list_folds_on_a_phone(page_for):
    page = page_for("", width=320, locale="en-GB")
    page.goto("/en/wiki/academy/how-projects-are-assessed/")
    box = page.locator("[data-academy-contents] details")
    expect(box).to_have_js_property("open", False)
    page.locator("[data-academy-contents] summary").click()
    expect(box).to_have_js_property("open", True)
    page.locator("[data-academy-contents] a").first.click()
    expect(box).to_have_js_property("open", False)
