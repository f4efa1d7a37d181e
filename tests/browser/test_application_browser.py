"""An application written in two windows at once, and through a lost connection: nothing is overwritten, nothing is lost."""

import secrets

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import SECONDS, follow

OFFLINE = "No connection"


@pytest.fixture
def draft(page_for) -> str:
    """The address of a new draft of somebody who applies and is in no other test."""
    page = page_for("admin", locale="en-GB")
    page.goto("/en/apply/")
    follow(page.locator("main").locator("a[href*='/apply/start/']").first)
    page.fill("input[name=name]", f"Two windows {secrets.token_hex(3)}")
    page.select_option("select[name=country]", "PT")
    follow(page.get_by_role("button", name="Open my draft"))
    return page.url


@pytest.fixture
def window(page_for, draft):
    def opened(**how):
        page = page_for("admin", locale="en-GB", **how)
        page.goto(draft)
        return page

    return opened


def write(page, name: str, text: str) -> dict:
    """Types and waits for the page to keep it; what the server answered."""
    with page.expect_response(lambda answer: answer.request.method == "POST", timeout=SECONDS * 1000) as heard:
        page.fill(f"[name={name}]", text)
    return heard.value.json()


def saved(page) -> None:
    expect(page.locator("[data-academy-saved]")).to_contain_text("Saved at")


def test_two_at_once_lose_nothing(window):
    one, two = window(), window(width=360)
    write(one, "services", "First writes services.")
    write(two, "history", "Second writes history.")
    expect(two.locator("[name=services]")).to_have_value("First writes services.")
    expect(two.locator("[data-academy-told]")).to_contain_text("What do you offer")
    write(one, "team", "Team by one.")
    write(two, "team", "Team by two.")
    box = two.locator("[data-academy-both=team]")
    expect(box).to_contain_text("Team by one.")
    with two.expect_response(lambda answer: answer.request.method == "POST"):
        box.get_by_label("Both, one after the other").check()
    expect(two.locator("[name=team]")).to_have_value("Team by one.\n\nTeam by two.")
    expect(box).to_have_count(0)
    one.reload()
    expect(one.locator("[name=team]")).to_have_value("Team by one.\n\nTeam by two.")
    expect(one.locator("[name=history]")).to_have_value("Second writes history.")
    assert one.errors + two.errors + one.refused() + two.refused() == []


def test_a_lost_connection_is_said_and_made_good(window):
    page = window(width=360)
    page.context.set_offline(True)
    page.fill("[name=stakes]", "Written in a train.")
    expect(page.locator("[data-academy-saved]")).to_contain_text(OFFLINE)
    page.context.set_offline(False)
    saved(page)
    other = window()
    expect(other.locator("[name=stakes]")).to_have_value("Written in a train.")


def test_who_was_signed_out_is_told_and_loses_nothing(window, draft):
    """A session that ended is no lost connection: waiting would not bring it back."""
    page = window(width=360)
    kept = page.context.cookies()
    page.context.clear_cookies()
    page.fill("[name=stakes]", "Written after the session ended.")
    expect(page.locator("[data-academy-saved]")).to_contain_text("you are signed out, or it is closed to you now")
    page.close(run_before_unload=False)
    page.context.add_cookies(kept)
    again = page.context.new_page()
    again.goto(draft)
    expect(again.locator("[name=stakes]")).to_have_value("Written after the session ended.")
    saved(again)
    expect(window().locator("[name=stakes]")).to_have_value("Written after the session ended.")


def test_a_page_closed_without_a_connection_comes_back(window, draft):
    page = window()
    page.context.set_offline(True)
    page.fill("[name=processes]", "Typed and closed.")
    expect(page.locator("[data-academy-saved]")).to_contain_text(OFFLINE)
    page.close(run_before_unload=False)
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(draft)
    expect(again.locator("[name=processes]")).to_have_value("Typed and closed.")
    saved(again)
    expect(window().locator("[name=processes]")).to_have_value("Typed and closed.")


def test_a_file_is_kept_while_one_writes(window):
    page = window()
    page.set_input_files("[name=file_other]", {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"A plan of ours."})
    expect(page.locator("[data-academy-files=other]")).to_contain_text("plan.txt")
    expect(page.locator("[name=file_other]")).to_have_value("")


def test_without_script_both_texts_are_shown(window):
    one, two = window(), window(script=False)
    write(one, "team", "Team by one.")
    two.fill("[name=team]", "Team by two.")
    follow(two.get_by_role("button", name="Save", exact=True))
    box = two.locator("[data-academy-both=team]")
    expect(box).to_contain_text("Team by one.")
    box.get_by_label("Theirs", exact=True).check()
    follow(two.get_by_role("button", name="Save", exact=True))
    expect(two.locator("[name=team]")).to_have_value("Team by one.")
