"""Every page of the journey, as a person meets it: nothing that axe finds wrong, nothing wider than 320 px, in both languages and lights."""

import pytest

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
    "/{}/modules/",
    "/{}/modules/understanding-smart/",
    "/{}/modules/understanding-smart/shared-enterprise/",
    "/accounts/login/?next=/{}/",
    "/accounts/signup/?next=/{}/",
    "/accounts/password/reset/?next=/{}/",
    "/verify/00000000-0000-4000-8000-000000000000/?next=/{}/",
    "/{}/nothing-here/",
]
PROMOTER = [
    "/{}/my/",
    "/{}/my/pathway/",
    "/{}/my/certificates/",
    "/{}/sessions/",
    "/{}/courses/joining-the-academy/",
    "/{}/modules/understanding-smart/shared-enterprise/",
    "/accounts/profile/?next=/{}/",
    "/accounts/2fa/?next=/{}/",
]
REVIEWER = ["/{}/review/", "/{}/my/"]
STAFF = ["/ui/?language={}"]

CASES = [
    (role, path) for role, paths in (("", PUBLIC), ("promoter", PROMOTER), ("reviewer", REVIEWER), ("trainer", STAFF)) for path in paths
]
OVERFLOW = "() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"


@pytest.mark.parametrize(("language", "width", "dark"), [("fr", 320, False), ("fr", 1280, True), ("en", 1280, False), ("en", 320, True)])
def test_page_is_for_everybody(page_for, axe, language, width, dark):
    """One pass per language, width and light; the list of what is wrong must be empty."""
    wrong = []
    pages = {}
    for role, path in CASES:
        if role not in pages:
            pages[role] = page_for(role, width=width, dark=dark, locale=f"{language}-{'FR' if language == 'fr' else 'GB'}")
            pages[role].goto(f"/{language}/")  # the pages without a prefix follow the language read last
        page = pages[role]
        page.goto(path.format(language))
        name = f"{role or 'visitor'} {path.format(language)} {width} {'dark' if dark else 'light'}"
        wrong += [f"{name}: {violation}" for violation in axe(page)]
        if width == 320 and page.evaluate(OVERFLOW):
            wrong.append(f"{name}: {page.evaluate(OVERFLOW)} px too wide")
        if page.locator("html").get_attribute("lang") != language:
            wrong.append(f"{name}: the page says that it is in {page.locator('html').get_attribute('lang')}")
        wrong += [f"{name}: refused {refused}" for refused in page.refused()]
        wrong += [f"{name}: {error}" for error in page.errors]
        page.errors.clear()
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
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"


def test_contents_list_follows_the_reader(page_for):
    page = page_for("", width=1280, locale="en-GB")
    page.goto("/en/wiki/academy/how-projects-are-assessed/")
    links = page.locator("[data-academy-contents] a")
    assert page.locator("[data-academy-contents] a[aria-current]").count() == 0
    target = links.nth(2)
    target.click()
    page.wait_for_selector('[data-academy-contents] a[aria-current="location"]')
    assert page.locator('[data-academy-contents] a[aria-current="location"]').count() == 1
    assert page.locator('[data-academy-contents] a[aria-current="location"]').get_attribute("href") == target.get_attribute("href")


def test_contents_list_folds_on_a_phone(page_for):
    page = page_for("", width=320, locale="en-GB")
    page.goto("/en/wiki/academy/how-projects-are-assessed/")
    box = page.locator("[data-academy-contents] details")
    assert box.get_attribute("open") is None
    page.locator("[data-academy-contents] summary").click()
    page.locator("[data-academy-contents] a").first.click()
    assert box.get_attribute("open") is None
