"""A coordinator, from a new call to a cohort that has been told: on a tablet, and what is read on a phone too (design.md §4.3).

The cohorts are those of the demo: one call that is open, one that is being decided.
"""

import re
import secrets
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.test_journey import do_verb, fill_moments
from tests.browser.waiting import follow

OPEN_CALL, DECIDED, WALKED = "Next year’s cohort", "This year’s second cohort", "This year’s cohort"
WALKING = "Mão Comum"
WITHOUT_READERS, APART, UNDECIDED = "Ànd Liggéey", "Telar de Oficios", ("Telar de Oficios", "Adwuma Baako")
REASONS = "A solid group; one page about year 2 is missing."
TABLET, PHONE = {"width": 768, "height": 1024}, {"width": 360, "height": 740}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def heading(page):
    return page.locator("h1").first


def open_cohort(page, title: str) -> None:
    page.goto("/cms/cohorts/")
    follow(page.locator("main").get_by_role("link", name=title).first)


def open_a_call(page) -> None:
    """From the newest pathway; it takes applications from next week on."""
    title, now = f"Cohort {secrets.token_hex(3)}", timezone.localtime()
    page.goto("/cms/cohorts/")
    follow(page.locator("a[href='/cms/cohorts/new/']").first)
    expect(page.locator("select[name=pathway] option:checked")).to_have_text(re.compile(r"^Integration pathway \(\d+\)"))
    words = {"title": title, "gives": "Twenty hours with a contact person.", "costs": "Two trips, and time."}
    for name, text in words.items():
        page.fill(f"[name={name}_fr]", text)
        page.fill(f"[name={name}_en]", text)
    page.fill("[name=capacity]", "6")
    days = {"intake_opens_at": 7, "intake_closes_at": 60, "starts_at": 90}
    fill_moments(page, {name: now + timedelta(days=day) for name, day in days.items()})
    follow(page.locator("form[action='/cms/cohorts/new/'] button[type=submit]").first)
    expect(heading(page)).to_contain_text(title)
    do_verb(page, "open")
    follow(page.get_by_role("link", name="The page of the call"))
    expect(heading(page)).to_contain_text(title)
    expect(page.locator("main")).to_contain_text(words["gives"])


def find_the_unread(page) -> None:
    """Narrows the list of applications by its form, and chooses what it shows."""
    page.goto("/cms/applications/")
    page.get_by_label("Cohort", exact=True).select_option(label=OPEN_CALL)
    page.get_by_label("State", exact=True).select_option("submitted")
    follow(page.get_by_role("button", name="Show", exact=True))
    follow(page.get_by_role("link", name="More filters, columns, order"))
    page.locator("input[name=column][value=mean]").check()
    page.locator("select[name=reviews]").select_option("missing")
    follow(page.get_by_role("button", name="Show the list"))
    expect(page.locator(".cms-chips li")).to_have_count(3)
    expect(page.locator("table.cms-list tbody th a", has_text=WITHOUT_READERS)).to_have_count(1)
    expect(page.locator("table.cms-list thead")).to_contain_text("Reviewers’ mean")


def ask_the_proposed(page) -> None:
    """The round says who could read; on a second try they have been asked."""
    open_cohort(page, OPEN_CALL)
    follow(page.locator("main").get_by_role("link", name=re.compile("^Round 1 of reading")))
    coverage = page.locator("section", has=page.locator("#coverage-title")).locator("tr", has_text=WITHOUT_READERS)
    proposed = page.locator("tbody", has_text=WITHOUT_READERS).locator("input[name=pair]")
    if proposed.count():
        expect(proposed.first).to_be_checked()
        follow(page.get_by_role("button", name="Ask those that are ticked"))
    expect(coverage).to_contain_text("Margit Halász")
    expect(coverage).to_contain_text("Inès Carvalho")


def read_the_results(page) -> None:
    open_cohort(page, DECIDED)
    follow(page.get_by_role("link", name="Results of the reading"))
    assert page.evaluate(OVERFLOW) == 0
    page.locator("select[name=only]").select_option("discuss")
    follow(page.get_by_role("button", name="Show", exact=True))
    rows = page.locator("table.results tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(APART)
    expect(rows).to_contain_text("◆")
    page.locator("select[name=only]").select_option("")
    follow(page.get_by_role("button", name="Show", exact=True))
    higher = page.locator("table.results tbody tr", has_text="Saath Karigar")
    expect(higher.locator("td[data-step^=up]").first).to_contain_text("▲+")
    for name in (APART, "Saath Karigar"):
        page.locator("table.results tbody tr", has_text=name).get_by_role("checkbox").check()
    follow(page.get_by_role("button", name="See the ticked beside each other"))
    expect(page.locator(".results-beside svg.radar-drawing")).to_have_count(4)
    assert page.evaluate(OVERFLOW) == 0


def discuss(page, words: str) -> None:
    open_board(page, APART)
    expect(page.locator("#discussion")).to_contain_text("The coffee cooperative beside them")
    do_verb(page, "discuss", words=words)
    expect(page.locator("#discussion")).to_contain_text(words)


def prepare_decisions(page) -> list[str]:
    """Of those who have none, then the signatures that are missing. On a second try what was told is replaced."""
    for project in UNDECIDED:
        open_board(page, project)
        reserve = page.locator(".cms-decision:first-of-type h3", has_text="On the reserve list")
        do_verb(page, "decide", outcome="declined" if reserve.count() else "reserve", reasons=REASONS)
        expect(page.locator(".cms-decision").first).to_contain_text("Prepared, not told yet")
    open_board(page)
    follow(page.get_by_role("link", name=re.compile("^Unsigned")))
    projects = page.locator("table.matrix tbody th a").all_inner_texts()
    for project in projects:
        open_board(page, project)
        do_verb(page, "sign")
    open_board(page)
    follow(page.get_by_role("link", name=re.compile("^Prepared")))
    return page.locator("table.matrix tbody th a").all_inner_texts()


def open_board(page, project: str = "") -> None:
    """Of the cohort that is decided; one project of it."""
    open_cohort(page, DECIDED)
    follow(page.get_by_role("link", name="Deliberation", exact=True))
    if project:
        follow(page.locator("table.matrix").get_by_role("link", name=project))


def release(page, prepared: list[str]) -> None:
    """Every letter is read first; then all leave together."""
    follow(page.get_by_role("link", name=re.compile("^See the letters")))
    letters = page.locator("article.results-letter")
    expect(letters).to_have_count(len(prepared))
    for project in prepared:
        letter = letters.filter(has=page.get_by_role("checkbox", name=project))
        expect(letter.get_by_role("checkbox")).to_be_checked()
        expect(letter.locator("details[open] .letters-button").first).to_be_visible()
    expect(letters.filter(has_text=REASONS)).to_have_count(len(UNDECIDED))
    page.locator("input[name=read]").check()
    follow(page.get_by_role("button", name="Release what is ticked, at once"))
    expect(page.locator("body")).to_contain_text(f"{len(prepared)} decisions are told")
    follow(page.get_by_role("link", name=re.compile("^Told")))
    for project in prepared:
        expect(page.locator("table.matrix tbody")).to_contain_text(project)


def read_on_a_phone(phone) -> None:
    """Where the reading stands, the discussion, the list: nothing wider than the screen."""
    for title in ("Results of the reading", "Deliberation"):
        open_cohort(phone, DECIDED)
        assert phone.evaluate(OVERFLOW) == 0
        follow(phone.get_by_role("link", name=title, exact=True))
        expect(phone.locator("table.matrix tbody")).to_contain_text(APART)
        assert phone.evaluate(OVERFLOW) == 0
    follow(phone.locator("table.matrix").get_by_role("link", name=APART))
    expect(phone.locator("#discussion")).to_contain_text("Margit Halász")
    assert phone.evaluate(OVERFLOW) == 0
    phone.goto("/cms/applications/")
    expect(phone.locator("table.cms-list tbody")).to_contain_text(APART)
    assert phone.evaluate(OVERFLOW) == 0


def hold_the_desk(page) -> None:
    """The session to come: somebody is looked for by name, and what keeps them from coming in is settled."""
    page.goto("/en/sessions/")
    follow(page.locator("main").get_by_role("link", name="First session in Lille").first)
    page.goto(f"{page.url}desk/")
    page.fill("input[name=code]", "Rui")
    follow(page.get_by_role("button", name="Find"))
    found = page.locator("#found")
    expect(found).to_contain_text("Rui Salgueiro")
    if found.get_by_role("button", name="Funding is fine").count():
        follow(found.get_by_role("button", name="Funding is fine"))
    expect(page.locator(".desk-list li[data-state=ready]", has_text="Rui Salgueiro")).to_have_count(1)
    assert page.evaluate(OVERFLOW) == 0


def see_who_needs_me(page) -> None:
    """Whoever stands first is opened, and its page says what the matter is."""
    page.goto("/cms/attention/?whose=all")
    first = page.locator("main tbody tr").first
    project, matter = first.get_by_role("link").first, first.locator("td").first.inner_text()
    name = project.inner_text()
    follow(project)
    expect(heading(page)).to_contain_text(name)
    expect(page.locator("main")).to_contain_text(matter.split("\n")[0])


def prepare_graduation(page) -> None:
    """One page says what is missing before a project graduates, and which typology is open to it."""
    page.goto("/cms/participations/")
    follow(page.get_by_role("link", name=WALKING).first)
    follow(page.get_by_role("link", name="Graduation file"))
    for words in ("Open Smart", "social franchise", "European group"):
        expect(page.locator("main")).to_contain_text(words, ignore_case=True)
    assert page.evaluate(OVERFLOW) == 0


def report_to_the_board(page) -> None:
    """A figure leads to as many rows as it says; the whole is one paper."""
    open_cohort(page, WALKED)
    follow(page.get_by_role("link", name="Report to the board"))
    paper = page.request.get(page.url + "?export=pdf")
    assert (paper.status, paper.headers["content-type"], paper.body()[:5]) == (200, "application/pdf", b"%PDF-")
    figure = page.locator(".board a[href*='/report/']").first
    number = int(figure.inner_text().split()[0])
    follow(figure)
    expect(page.locator("main tbody tr")).to_have_count(number)


def test_from_a_new_call_to_a_report_for_the_board(page_for):
    page = page_for("coordinator", locale="en-GB")
    page.set_viewport_size(TABLET)
    open_a_call(page)
    find_the_unread(page)
    ask_the_proposed(page)
    read_the_results(page)
    discuss(page, f"I propose the reserve list ({secrets.token_hex(3)}).")
    phone = page_for("coordinator", locale="en-GB")
    phone.set_viewport_size(PHONE)
    read_on_a_phone(phone)
    release(page, prepare_decisions(page))
    open_cohort(page, DECIDED)
    matrix = page.locator("table.matrix")
    expect(matrix).to_contain_text("Maré de Ofícios")
    expect(matrix.locator("td.cell").first).to_be_visible()
    see_who_needs_me(page)
    hold_the_desk(page)
    prepare_graduation(page)
    report_to_the_board(page)
    scripts = [refused for refused in (*page.refused(), *phone.refused()) if refused.startswith(("script", "default"))]
    assert (scripts, page.errors, phone.errors) == ([], [], [])
