"""Signed out in the middle of a quiz, of an assignment: with a script and without, what was chosen and written is there after the sign-in.

A reviewer takes the quiz here: what they do is no other test’s, and what they did before does not matter. The work is a project’s.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD
from tests.browser.test_assignment_browser import PAGE as ASSIGNMENT
from tests.browser.test_two_tabs import begin, choice, unchosen
from tests.browser.waiting import follow

STATUS, BAR = "[data-academy-status]", "[data-academy-outbox]"


def sign_out(page):
    """The session ends on the server's side: what is open in the browser hears nothing of it."""
    page.context.clear_cookies(name="sessionid")


def sign_in(page, role="reviewer"):
    page.fill("input[name=login]", f"{role}@demo.example")
    page.fill("input[name=password]", PASSWORD)
    follow(page.locator("input[name=password]"), "Enter")


@pytest.mark.parametrize(("width", "dark"), [(320, True), (1280, False)])
def test_answers_of_a_quiz_wait_on_the_device_and_go_after_the_sign_in(page_for, axe, width, dark):
    page = page_for("reviewer", width=width, dark=dark, locale="en-GB")
    address = begin(page)
    sign_out(page)
    value = unchosen(page, 0).get_attribute("value")
    page.locator(f".course-question input[value='{value}']").check()
    expect(page.locator(STATUS)).to_contain_text("You are signed out: it is kept on this device, and not sent yet.")
    assert axe(page) == []
    follow(page.locator(BAR).get_by_role("link", name="Sign in to send what waits on this device"))
    sign_in(page)
    expect(page).to_have_url(address)
    expect(page.locator(f".course-question input[value='{value}']")).to_be_checked()
    expect(page.locator(BAR)).to_be_hidden()
    page.reload()
    expect(page.locator(f".course-question input[value='{value}']")).to_be_checked()
    assert (page.refused(), page.errors) == ([], [])


def test_a_quiz_without_script_is_handed_in_with_one_button_after_the_sign_in(page_for):
    page = page_for("reviewer", width=320, locale="en-GB", script=False)
    begin(page)
    for number in range(page.locator(".course-question").count()):
        if choice(page, number).count():
            choice(page, number).check()
        for select in page.locator(".course-question").nth(number).locator("select").all():
            select.select_option(index=1)
    sign_out(page)
    follow(page.get_by_role("button", name="Hand in", exact=True))
    expect(page.locator(".messages")).to_contain_text("What you sent is kept: sign in, then send it with one button.")
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("What you sent is kept")
    follow(page.get_by_role("button", name="Send it now"))
    if anyway := page.get_by_role("button", name="Hand in with open questions").all():
        expect(choice(page, 0)).to_be_checked()
        follow(anyway[0])
    expect(page.locator(".course-results > li").first).to_be_visible()


def test_the_draft_of_an_assignment_is_kept_over_the_sign_in(page_for, axe):
    page = page_for("promoter", width=320, locale="en-GB")
    page.goto(ASSIGNMENT)
    text = page.locator("textarea[name=text]")
    sign_out(page)
    text.fill("Written while nobody was there")
    expect(page.locator(STATUS)).to_contain_text("You are signed out: it is kept on this device, and not sent yet.")
    text.fill("Written while nobody was there, and saved")
    follow(page.get_by_role("button", name="Save the draft"))
    sign_in(page, "promoter")
    assert axe(page) == []
    follow(page.get_by_role("button", name="Send it now"))
    expect(text).to_have_value("Written while nobody was there, and saved")
    page.goto(ASSIGNMENT)
    expect(text).to_have_value("Written while nobody was there, and saved")
    expect(page.locator(BAR)).to_be_hidden()
    assert (page.refused(), page.errors) == ([], [])
