"""A reviewer, from the message to the others' answers: begun on a tablet, sent from a phone (design.md §4.4). And what a bad network does.

The project is the one of the demo that is being read: another reviewer has sent theirs.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_journey import do_verb, mails_to
from tests.browser.waiting import follow, until

PROJECT = "Hilo y Oficio"
TABLET, PHONE = {"width": 768, "height": 1024}, {"width": 360, "height": 740}
SMALL_TARGETS = """() => [...document.querySelectorAll("main :is(button, summary, .review-switch a, .level-card, select)")]
    .filter((e) => e.checkVisibility()).filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.outerHTML.slice(0, 80))"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def device(page_for):
    def make(size, *, script=True):
        page = page_for("reviewer", width=size["width"], locale="en-GB", script=script)
        page.set_viewport_size(size)
        return page

    return make


def open_review(page) -> None:
    page.goto("/en/review/")
    asked = page.locator(".review-list li", has_text=PROJECT).filter(has_not_text="Released")
    follow(asked.get_by_role("link", name=PROJECT).first)


def begin(page) -> None:
    """Whatever was done before, the review is open for writing."""
    open_review(page)
    if page.get_by_role("button", name="Send my answer").count():
        page.locator("input[name=answer]").first.check()
        follow(page.get_by_role("button", name="Send my answer"))
    for name in ("Begin the assessment", "Take it back to change it"):
        if page.get_by_role("button", name=name).count():
            follow(page.get_by_role("button", name=name))
    expect(page.locator("form[data-review]")).to_have_count(1)


def level(criterion, value):
    return criterion.locator(f"input[type=radio][value='{value}']")


def saved(page):
    return expect(page.locator("[data-review-saved]"))


def test_from_the_message_to_the_others(page_for, device, server_folder, axe):
    staff = page_for("coordinator", locale="en-GB")
    staff.goto("/cms/applications/")
    follow(staff.get_by_role("link", name=PROJECT).first)
    asked = staff.locator("[name=release-reviewer-assignment] option", has_text="Margit")
    before = len(mails_to(server_folder, "reviewer@demo.example"))
    if asked.count():
        do_verb(staff, "release-reviewer", assignment=asked.first.get_attribute("value"), reason="To ask again.")
    do_verb(staff, "assign", reviewer=staff.locator("[name=assign-reviewer] option", has_text="Margit").first.get_attribute("value"))
    mail = until(lambda: mails_to(server_folder, "reviewer@demo.example")[before:])[-1]
    address = re.search(r"http\S+/review/", mail)[0]

    tablet = device(TABLET)
    tablet.goto(address.replace("/fr/", "/en/"))
    follow(tablet.locator("main").get_by_role("link", name=PROJECT).first)
    assert tablet.locator("#dossier").count() == 0
    tablet.locator("input[name=answer][value=none]").check()
    follow(tablet.get_by_role("button", name="Send my answer"))
    assert (axe(tablet), tablet.evaluate(OVERFLOW)) == ([], 0)
    follow(tablet.get_by_role("button", name="Begin the assessment"))
    assert (axe(tablet), tablet.evaluate(OVERFLOW), tablet.evaluate(SMALL_TARGETS)) == ([], 0, [])
    criteria = tablet.locator("fieldset.criterion")
    total = criteria.count()
    level(criteria.nth(0), 3).check()
    criteria.nth(0).locator("summary").click()
    criteria.nth(0).locator("textarea").fill("Forty contracts.")
    tablet.get_by_label("For the project").first.fill("Count your members.")
    tablet.get_by_label("For those who decide").first.fill("They are early.")
    saved(tablet).to_have_text(re.compile("^Saved at"))
    expect(tablet.locator("[data-review-count]")).to_have_text(f"1 of {total} criteria answered")
    tablet.get_by_role("link", name="My reviews").click()
    expect(tablet.locator("main")).to_contain_text(f"Begun: 1 of {total}")

    phone = device(PHONE)
    open_review(phone)
    assert (axe(phone), phone.evaluate(OVERFLOW), phone.evaluate(SMALL_TARGETS)) == ([], 0, [])
    expect(level(phone.locator("fieldset.criterion").nth(0), 3)).to_be_checked()
    expect(phone.get_by_label("For the project").first).to_have_value("Count your members.")
    expect(phone.locator("#dossier")).to_be_hidden()
    phone.get_by_role("link", name="Dossier", exact=True).click()
    expect(phone.locator("#dossier")).to_be_visible()
    expect(phone.locator("#criteria")).to_be_hidden()
    phone.get_by_role("link", name="Criteria", exact=True).click()
    follow(phone.get_by_role("button", name="Look once more and send"))
    expect(phone.locator(".missing li")).to_have_count(total - 1)
    assert (axe(phone), phone.evaluate(OVERFLOW)) == ([], 0)
    follow(phone.get_by_role("link", name="Back to the criteria"))
    for criterion in phone.locator("fieldset.criterion").all()[1:]:
        level(criterion, "none").check()
    follow(phone.get_by_role("button", name="Look once more and send"))
    follow(phone.get_by_role("button", name="Send my review"))
    expect(phone.locator("main")).to_contain_text("Here are the others.")
    assert (axe(phone), phone.evaluate(OVERFLOW)) == ([], 0)
    follow(phone.locator(".voices").get_by_role("link", name="Daniel"))
    expect(phone.locator("dl.scores").first).to_be_visible()
    assert (phone.refused(), phone.errors, tablet.refused(), tablet.errors) == ([], [], [], [])


def test_by_keyboard_and_not_in_text_boxes(device):
    page = device({"width": 1280, "height": 800})
    begin(page)
    first, second = page.locator("fieldset.criterion").nth(0), page.locator("fieldset.criterion").nth(1)
    level(first, 0).focus()
    page.keyboard.press("4")
    expect(level(first, 4)).to_be_checked()
    page.keyboard.press("ArrowUp")
    expect(level(first, 3)).to_be_checked()
    page.keyboard.press("n")
    expect(level(first, "none")).to_be_checked()
    page.keyboard.press("j")
    page.keyboard.press("2")
    expect(level(second, 2)).to_be_checked()
    page.keyboard.press("k")
    page.keyboard.press("1")
    expect(level(first, 1)).to_be_checked()
    second.locator("details.notes").evaluate("box => { box.open = true; }")
    note = second.locator("textarea")
    note.fill("")
    note.focus()
    page.keyboard.type("n 4 k")
    expect(note).to_have_value("n 4 k")
    expect(level(second, 2)).to_be_checked()
    saved(page).to_have_text(re.compile("^Saved at"))
    assert page.errors == []


def test_two_windows_and_no_network(device):
    one, other = device(PHONE), device(TABLET)
    begin(one)
    begin(other)
    summary = one.locator("#id_summary")
    summary.fill("From the phone.")
    saved(one).to_have_text(re.compile("^Saved at"))
    other.locator("#id_summary").fill("From the tablet.")
    choice = other.get_by_role("button", name="Keep what is here")
    expect(choice).to_be_visible()
    expect(other.locator("[data-review-elsewhere]")).to_contain_text("From the phone.")
    choice.click()
    saved(other).to_have_text(re.compile("^Saved at"))
    one.reload()
    expect(summary).to_have_value("From the tablet.")
    # without a network: kept on the device, there again, sent once it is back
    one.context.set_offline(True)
    summary.fill("On the train.")
    saved(one).to_have_text(re.compile("^No connection"))
    one.context.set_offline(False)
    expect(one.locator("[data-academy-outbox]")).to_be_hidden()
    saved(one).to_have_text(re.compile("^Saved at"))
    other.reload()
    expect(other.locator("#id_summary")).to_have_value("On the train.")
    # what was typed a moment before leaving is there too
    summary.fill("Leaving at once.")
    one.goto("/en/review/")
    open_review(one)
    expect(summary).to_have_value("Leaving at once.")
    assert one.evaluate("JSON.parse(localStorage['academy-outbox'] || '[]')") == []
    assert (one.errors, other.errors) == ([], [])


def test_without_script(device):
    page = device(PHONE, script=False)
    begin(page)
    page.locator("#id_summary").fill("By the button.")
    follow(page.get_by_role("button", name="Save", exact=True))
    expect(page.locator("#id_summary")).to_have_value("By the button.")
    page.get_by_role("link", name="Dossier", exact=True).click()
    expect(page.locator("#dossier")).to_be_visible()
    expect(page.locator("#criteria")).to_be_hidden()
