"""A module kept on a device: read and answered without a network, and everything there once when it is back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import follow

MODULE = "/en/modules/preparing-your-project/"


@pytest.fixture
def learner(page_for):
    page = page_for("promoter", width=360, locale="en-GB")
    page.goto(MODULE)
    page.get_by_role("button", name="Keep on this device").click()
    expect(page.get_by_text("Kept on this device:")).to_be_visible()
    yield page
    page.context.set_offline(False)


def tries(page, quiz: str) -> int:
    """How many attempts the server lists as handed in."""
    page.goto(quiz)
    return page.locator("main tbody tr").count()


def quiz_address(page) -> str:
    return page.locator("a.course-activity-title", has_text=re.compile("Quiz")).get_attribute("href")


def test_offline_in_the_middle_of_a_lesson_and_everything_is_there_once(learner, page_for):
    lesson = learner.locator("a.course-activity-title").first.get_attribute("href")
    quiz, elsewhere = quiz_address(learner), page_for("promoter", locale="en-GB")
    before = tries(elsewhere, quiz)
    heard = []  # the events of the lesson that the server answered
    learner.on("requestfinished", lambda request: heard.append(request.post_data) if request.url.endswith("/progress") else None)
    learner.goto(lesson)
    learner.context.set_offline(True)
    expect(learner.get_by_text("No network.")).to_be_visible()
    learner.mouse.wheel(0, 4000)
    learner.goto(quiz)
    expect(learner.locator("h1")).to_contain_text("Quiz")
    follow(learner.get_by_role("link", name="Go on with your attempt"))
    attempt = learner.url
    first = learner.locator("input[type=radio], input[type=checkbox]").first
    first.check()
    expect(learner.locator("[data-academy-status]")).to_contain_text("Kept on this device")
    learner.reload()
    expect(learner.locator("input[type=radio], input[type=checkbox]").first).to_be_checked()
    learner.context.set_offline(False)
    expect(learner.locator("[data-academy-outbox]")).to_be_hidden()
    name, value = first.get_attribute("name"), first.get_attribute("value")
    elsewhere.goto(attempt)
    expect(elsewhere.locator(f"input[name='{name}'][value='{value}']")).to_be_checked()
    learner.context.set_offline(True)
    learner.get_by_role("button", name="Hand in", exact=True).click()
    expect(learner.locator("[data-academy-status]")).to_contain_text("Handed in on this device")
    learner.context.set_offline(False)
    expect(learner.locator("[data-academy-outbox]")).to_be_hidden()
    elsewhere.goto(attempt)
    expect(elsewhere.locator("form[data-academy-autosave]")).to_have_count(0)
    assert tries(elsewhere, quiz) == before + 1
    sent = [re.findall(r"(?:client|sequence)=([^&]+)", event) for event in heard]
    assert sent
    assert len(sent) == len({tuple(one) for one in sent})
    assert learner.evaluate("JSON.parse(localStorage['academy-outbox'])") == []
    assert (learner.errors, learner.refused()) == ([], [])


def test_page_that_is_not_kept_says_so_and_lists_what_is(learner):
    learner.context.set_offline(True)
    learner.goto("/en/wiki/")
    expect(learner.get_by_role("heading", name="On this device")).to_be_visible()
    follow(learner.get_by_role("link", name="Preparing your project"))
    expect(learner.locator("h1")).to_have_text("Preparing your project")


def test_copy_is_found_with_a_course_in_the_address_and_stays_the_one_without(learner):
    lesson = learner.locator("a.course-activity-title").first.get_attribute("href")
    title = learner.locator("a.course-activity-title").first.inner_text()
    learner.goto("/en/courses/")
    courses = learner.locator("main a[href*='/en/courses/']").evaluate_all("links => links.map(link => link.href)")
    in_course = None
    for course in dict.fromkeys(courses):
        learner.goto(course)
        found = learner.locator(f"a[href^='{lesson}?course=']")
        if found.count():
            in_course = found.first.get_attribute("href")
            break
    learner.goto(in_course)
    within = learner.locator(f"main a[href$='{in_course.partition('?')[2]}'], main form[action*='course=']").count()
    assert within
    learner.goto(lesson)
    learner.context.set_offline(True)
    learner.goto(in_course)
    expect(learner.locator("h1")).to_contain_text(title)
    learner.goto(lesson)
    expect(learner.locator("h1")).to_contain_text(title)
    assert "course=" not in learner.locator("main").inner_html()


def test_copy_is_taken_off_again(learner):
    assert len(learner.evaluate("caches.keys()")) == 1
    learner.get_by_role("button", name="Take it off this device").click()
    expect(learner.get_by_role("button", name="Keep on this device")).to_be_visible()
    assert learner.evaluate("caches.keys()") == []


def test_question_inside_a_lesson_answered_offline_is_there_once(learner, page_for):
    learner.goto(f"{MODULE}check-the-need/")
    address = learner.url
    check, told = learner.locator("form[data-academy-check]"), learner.locator("[data-academy-told]")
    kind, paid = check.get_by_label("Twenty people find the idea"), check.get_by_label("Three people have paid")
    kind.check()
    check.get_by_role("button", name="Check my answer").click()
    expect(told).to_contain_text("Not yet")
    expect(told).to_contain_text("People like to encourage")
    learner.context.set_offline(True)
    kind.uncheck()
    paid.check()
    check.get_by_label("Eight people tell").check()
    check.get_by_role("button", name="Check my answer").click()
    expect(check).to_contain_text("Kept on this device")
    expect(told).to_be_empty()
    learner.reload()
    expect(paid).to_be_checked()
    expect(kind).not_to_be_checked()
    expect(check).to_contain_text("Kept on this device")
    with learner.expect_response(lambda answer: "/check/" in answer.url):
        learner.context.set_offline(False)
    expect(told).to_contain_text("Right")
    expect(check).not_to_contain_text("Kept on this device")
    expect(learner.locator("[data-academy-outbox]")).to_be_hidden()
    elsewhere = page_for("promoter", locale="fr-BE")
    elsewhere.goto(address)
    expect(elsewhere.locator("[data-academy-told]")).to_contain_text("Right")
    expect(elsewhere.get_by_label("Three people have paid")).to_be_checked()
    elsewhere.goto(address.replace("/en/", "/fr/"))
    expect(elsewhere.locator("[data-academy-told]")).to_contain_text("Juste")
    expect(elsewhere.get_by_label("Trois personnes ont payé")).to_be_checked()
    assert (learner.errors, learner.refused()) == ([], [])


def test_visitor_checks_an_answer_in_place(page_for, axe):
    page = page_for(width=320, dark=True, locale="en-GB")
    page.goto(f"{MODULE}check-the-need/")
    address = page.url
    page.get_by_label("Three people have paid").check()
    page.get_by_role("button", name="Check my answer").click()
    expect(page.locator("[data-academy-told]")).to_contain_text("A small commitment that costs something is a proof.")
    assert (page.url, page.errors, page.refused(), axe(page)) == (address, [], [], [])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
