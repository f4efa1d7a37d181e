"""One attempt in two tabs of one browser: each saves what was touched in it, with a network and without."""

import re

from playwright.sync_api import expect

from tests.browser.test_offline import MODULE, quiz_address
from tests.browser.waiting import follow


def fieldset(page, number):
    return page.locator(".course-question").nth(number)


def choice(page, number):
    return fieldset(page, number).locator("input").first


def unchosen(page, number):
    """Whatever another test has chosen in an attempt that is still open."""
    return fieldset(page, number).locator("input:not(:checked)").first


def test_two_tabs_lose_nothing(page_for):
    one = page_for("promoter", locale="en-GB")
    one.goto(MODULE)
    one.goto(quiz_address(one))
    begin = one.get_by_role("link", name="Go on with your attempt").or_(one.locator("main form[action*='/attempt'] button")).first
    follow(begin)
    two = one.context.new_page()
    two.goto(one.url)
    status = "[data-academy-status]"
    choice(one, 0).check()
    expect(one.locator(status)).to_contain_text(re.compile("Saved"))
    choice(two, 1).check()
    expect(two.locator(status)).to_contain_text(re.compile("Saved"))
    for page in (one, two):
        page.reload()
        expect(choice(page, 0)).to_be_checked()
        expect(choice(page, 1)).to_be_checked()
    one.context.set_offline(True)
    last = [fieldset(page, number).locator("input").last for page, number in ((one, 0), (two, 1))]
    last[0].check()
    expect(one.locator(status)).to_contain_text("Kept on this device")
    last[1].check()
    expect(two.locator(status)).to_contain_text("Kept on this device")
    one.context.set_offline(False)
    expect(one.locator("[data-academy-outbox]")).to_be_hidden()
    one.reload()
    expect(fieldset(one, 0).locator("input").last).to_be_checked()
    expect(fieldset(one, 1).locator("input").last).to_be_checked()


def begin(page):
    page.goto(MODULE)
    page.goto(quiz_address(page))
    follow(page.get_by_role("link", name="Go on with your attempt").or_(page.locator("main form[action*='/attempt'] button")).first)
    return page.url


def hand_in(page):
    page.get_by_role("button", name="Hand in", exact=True).click()
    anyway = page.get_by_role("button", name="Hand in with open questions")
    expect(page.locator("form[data-academy-autosave]").filter(has_not=anyway)).to_have_count(0)
    if anyway.count():
        follow(anyway)
    expect(page.locator("form[data-academy-autosave]")).to_have_count(0)


def test_what_is_answered_after_the_quiz_was_handed_in_elsewhere_is_not_said_to_be_saved(page_for):
    one = page_for("promoter", width=320, locale="en-GB")
    address = begin(one)
    two, status = one.context.new_page(), one.locator("[data-academy-status]")
    two.goto(address)
    unchosen(one, 0).check()
    expect(status).to_contain_text("Saved")
    hand_in(two)
    unchosen(one, 0).check()
    expect(status).to_contain_text("was handed in already")
    expect(status).not_to_contain_text("Saved")
    notes = one.locator("[data-academy-outbox] [data-part=notes]")
    expect(notes).to_contain_text("Question 1:")
    assert one.evaluate("document.documentElement.scrollWidth <= innerWidth")
    follow(status.get_by_role("link", name="See what was handed in"))
    expect(one.locator("form[data-academy-autosave]")).to_have_count(0)
    expect(notes).to_contain_text("Question 1:")
    assert one.errors == []


def test_what_waited_on_a_device_while_another_handed_in_is_told_and_kept_in_sight(page_for):
    one, two = page_for("promoter", locale="en-GB"), page_for("promoter", locale="en-GB")
    address = begin(one)
    two.goto(address)
    one.context.set_offline(True)
    unchosen(one, 0).check()
    unchosen(one, 1).check()
    status = one.locator("[data-academy-status]")
    expect(status).to_contain_text("Kept on this device")
    hand_in(two)
    one.context.set_offline(False)
    expect(status).to_contain_text("was handed in already")
    notes = one.locator("[data-academy-outbox] [data-part=notes]")
    expect(notes).to_contain_text(re.compile("Question 1:.*Question 2:", re.DOTALL))
    assert one.evaluate("JSON.parse(localStorage['academy-outbox'])") == []


def test_enter_in_a_field_saves_and_hands_nothing_in(page_for):
    page = page_for("promoter", locale="en-GB")
    address = begin(page)
    page.locator(".course-question").first.evaluate("box => box.insertAdjacentHTML('beforeend', '<input type=text id=typed>')")
    page.locator("#typed").press("Enter")
    expect(page.locator("[data-academy-status]")).to_contain_text("Saved")
    page.locator("#typed").press("Enter")  # and again
    assert page.url == address
    expect(page.locator("form[data-academy-autosave]")).to_have_count(1)
