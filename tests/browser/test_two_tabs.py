"""One attempt in two tabs of one browser: each saves what was touched in it, with a network and without."""

import re

from playwright.sync_api import expect

from tests.browser.test_offline import MODULE, quiz_address
from tests.browser.waiting import follow


def fieldset(page, number):
    return page.locator(".course-question").nth(number)


def choice(page, number):
    return fieldset(page, number).locator("input").first


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
