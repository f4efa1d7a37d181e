"""A form of the pathway and what a session leaves, as people fill them in: kept as it is typed, refused without a loss, sent, read by the team, made
into a page. Each screen with nothing that axe finds wrong, nothing wider than it, in both languages, at 320 px and 1280, in both lights."""

import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.test_pages import LINKS, OVERFLOW, UUID
from tests.browser.waiting import SECONDS, follow

PASSES = [("fr", 320, False), ("en", 320, True), ("fr", 1280, True), ("en", 1280, False)]
EACH_WAY = pytest.mark.parametrize(
    ("language", "width", "dark"), PASSES, ids=["fr-320-light", "en-320-dark", "fr-1280-dark", "en-1280-light"]
)
TITLE = {"fr": "Dire ce que vous cherchez", "en": "Say what you look for"}
OURS = ".cms-page"


@pytest.fixture
def opened(page_for):
    """A page of this person in this language, width and light."""

    def make(role, language, width=1280, dark=False):
        page = page_for(role, width=width, dark=dark, locale=f"{language}-{'FR' if language == 'fr' else 'GB'}")
        page.goto(f"/{language}/")
        return page

    return make


def wrong(page, axe, within="html") -> list[str]:
    found = [*axe(page, within), *[f"refused {one}" for one in page.refused()], *page.errors]
    wide = page.evaluate(OVERFLOW)
    return [f"{page.url}: {one}" for one in [*found, *([f"{wide} px too wide"] if wide else [])]]


def form_of(page, language) -> None:
    page.goto(f"/{language}/my/pathway/")
    page.goto(page.locator("a[href*='/my/steps/']", has_text=TITLE[language]).first.get_attribute("href"))


def kept(page, act) -> dict:
    """Does it, and waits for the page to keep what changed; what the server answered."""
    with page.expect_response(lambda answer: answer.request.method == "POST", timeout=SECONDS * 1000) as heard:
        act()
    return heard.value.json()


@EACH_WAY
def test_the_form_is_for_everybody_and_what_is_refused_stays_typed(opened, axe, language, width, dark):
    page = opened("promoter", language, width, dark)
    form_of(page, language)
    expect(page.locator("h1")).to_contain_text(TITLE[language])
    found = wrong(page, axe)
    number = page.locator("input[name^=call_]:not([name$=_currency]):not([type=hidden])").first
    number.fill("une dizaine")
    follow(page.locator(".save-bar button[value=send]"))
    expect(number).to_have_value("une dizaine")
    expect(number).to_have_attribute("aria-invalid", "true")
    assert found + wrong(page, axe) == []


def test_it_is_kept_as_it_is_typed_sent_and_changed_again(opened, axe):
    page = opened("promoter", "en")
    form_of(page, "en")
    text, number = page.locator("textarea").first, page.locator("input[name^=call_]:not([name$=_currency]):not([type=hidden])").first
    kept(page, lambda: text.fill("How do we ask for thirty days?"))
    kept(page, lambda: number.fill("14"))
    page.reload()
    expect(text).to_have_value("How do we ask for thirty days?")
    expect(number).to_have_value("14")
    page.locator("select[name^=call_]").first.select_option("3")
    page.locator("input[type=file]").first.set_input_files({"name": "budget.csv", "mimeType": "text/csv", "buffer": b"year,cash\n1,2\n"})
    expect(page.locator("#application .files").first).to_contain_text("budget.csv")
    follow(page.locator(".save-bar button[value=send]"))
    expect(page.locator("body")).to_contain_text("Sent. The coordinators read it")
    form_of(page, "en")
    expect(page.locator("details", has_text="Sending 1").first).to_contain_text("How do we ask for thirty days?")
    kept(page, lambda: text.fill("How do we ask for forty days?"))
    page.reload()
    expect(page.locator("main")).to_contain_text("What you changed is not sent yet")
    assert wrong(page, axe) == []
    kept(page, lambda: text.fill("How do we ask for thirty days?"))


@EACH_WAY
def test_the_team_reads_it_in_the_cms(opened, axe, language, width, dark):
    page = opened("coordinator", language, width, dark)
    page.goto("/cms/cohorts/")
    rows = page.locator("tr", has_text=re.compile("Cohorte de cette année|This year’s cohort"))  # other tests make others
    for address in dict.fromkeys(rows.locator("a[href*='/cms/cohorts/']").evaluate_all(LINKS)):
        page.goto(address)
        addresses = page.eval_on_selector_all("a[href*='/forms/']", LINKS)
        if addresses:
            break
    found = []
    for kind in ("/cohorts/", "/participations/"):
        page.goto(next(one for one in addresses if kind in one))
        expect(page.locator(OURS)).to_contain_text("illness.csv" if kind == "/cohorts/" else "?")
        found += wrong(page, axe, OURS)
    assert found == []


# --- what a session leaves


def picture() -> bytes:
    out = BytesIO()
    Image.radial_gradient("L").resize((600, 400)).convert("RGB").save(out, "JPEG")
    return out.getvalue()


PAD = "## What we did\n\nWe **walked** to the fund.\n\n| Who | When |\n| --- | --- |\n| All | Tuesday |\n\n- one\n- two\n"
SAVED = {"write-notes": PAD, "write-decisions": "We meet in Lille.\nThe fund opens in May."}


def afterwards_of(page) -> str:
    """The page of the session of the example that has been: other tests make others."""
    page.goto("/cms/sessions/")
    rows = page.locator("tr", has_text=re.compile("Première session à Bruxelles|First session in Brussels"))
    for address in dict.fromkeys(rows.locator("a[href^='/cms/sessions/']").evaluate_all(LINKS)):
        if not re.fullmatch(rf"/cms/sessions/(desk/)?{UUID}/.*", address):
            continue
        page.goto(address)
        for link in page.eval_on_selector_all("a[href$='/afterwards/']", LINKS):
            page.goto(link)
            if page.locator("textarea[name=write-notes]").count():
                return link
    raise AssertionError("No session that has begun")


def does(page, name, **said) -> None:
    """Opens a verb, fills it in, presses its button."""
    box = page.locator(".cms-verb", has=page.locator(f"form[action$='/{name}/']"))
    if box.evaluate("one => one.tagName === 'DETAILS' && !one.open"):
        box.locator("summary").click()
    for field, value in said.items():
        place = box.locator(f"[name={name}-{field}]")
        if isinstance(value, dict):
            place.set_input_files(value)
        elif value is True:
            place.check()
        else:
            place.fill(value)
    follow(box.locator("button[type=submit]").first)


def test_notes_decisions_answers_and_photos_become_a_page_in_one_step(opened, axe):
    page = opened("trainer", "en")
    address = afterwards_of(page)
    for name, words in SAVED.items():
        page.fill(f"[name={name}]", words)
    follow(page.locator("form[action$='/write/'] button[type=submit]"))
    if not page.locator(".cms-answers dt", has_text="Who pays the first month?").count():
        does(page, "answer", text="Who pays the first month?", answer="The fund, for three months.")
    if not page.locator(".cms-photos li").count():
        upload = {"name": "chairs.jpg", "mimeType": "image/jpeg", "buffer": picture()}
        does(page, "photo", photo=upload, alt_text="A circle of chairs", agreed=True)
    assert wrong(page, axe, OURS) == []
    page.goto(f"{address}preview/")
    assert wrong(page, axe) == []
    follow(page.locator("button[name=publish]"))
    follow(page.locator("section[aria-labelledby=made-title] p a").first)
    expect(page.locator(".wiki-body figure.bars li").first).to_be_visible()
    assert wrong(page, axe) == []


@EACH_WAY
def test_what_a_session_leaves_is_for_everybody(opened, axe, language, width, dark):
    """The page of the CMS, what is refused there, the preview, and the page of the wiki with its chart."""
    page = opened("trainer", language, width, dark)
    address = afterwards_of(page)
    page.fill("[name=write-decisions]", "x" * 600)
    follow(page.locator("form[action$='/write/'] button[type=submit]"))
    expect(page.locator("[name=write-decisions]")).to_have_value("x" * 600)
    found = wrong(page, axe, OURS)
    page.goto(address)
    found += wrong(page, axe, OURS)
    if not page.locator("a[href$='/afterwards/preview/']").count():
        follow(page.locator("form[action$='/write/'] button[type=submit]"))
    page.goto(f"{address}preview/")
    expect(page.locator(".wiki-page figure.bars").first).to_be_visible()
    assert found + wrong(page, axe) == []
