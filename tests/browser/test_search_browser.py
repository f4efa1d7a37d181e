"""Search as a reader meets it: by keyboard, with and without script, on a phone and on a desk, in both languages."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import until

OVERFLOW = "() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"


def faults(page, axe) -> list[str]:
    wide = page.evaluate(OVERFLOW)
    return [*axe(page), *page.errors, *page.refused(), *([f"{wide} px too wide"] if wide else [])]


@pytest.mark.parametrize(
    ("address", "field", "typed", "title"),
    [("/fr/search/", "#q", "parc", "parcours"), ("/en/", "#top-q", "path", "pathway")],
    ids=["fr-search-page", "en-header"],
)
def test_suggestions_answer_to_the_keyboard(page_for, axe, address, field, typed, title):
    page = page_for("", locale="fr-FR" if address.startswith("/fr") else "en-GB")
    page.goto(address)
    box = page.locator(field)
    listed = page.locator(f"{field}-suggestions")
    options = listed.get_by_role("option")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially(typed)
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(box).to_have_attribute("aria-controls", listed.get_attribute("id"))
    expect(page.locator(".search-box [role=status]").filter(has_text=re.compile("flèches|arrow"))).to_have_text(re.compile("."))
    expect(options.first).to_contain_text(re.compile(title, re.IGNORECASE))
    expect(options.first.locator("[lang]")).to_have_attribute("lang", address[1:3])
    assert faults(page, axe) == []

    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id"))
    box.press("ArrowUp")  # from the first to the last
    expect(options.last).to_have_attribute("aria-selected", "true")
    expect(options.first).to_have_attribute("aria-selected", "false")
    assert faults(page, axe) == []
    box.press("Escape")
    expect(listed).to_be_hidden()
    expect(box).to_have_attribute("aria-expanded", "false")
    assert box.get_attribute("aria-activedescendant") is None
    expect(box).to_have_value(typed)

    box.press("Enter")  # nothing is chosen: what was typed is searched for
    page.wait_for_url(re.compile(rf"/search/\?q={typed}(&|$)"))
    again = page.locator("#q")
    again.fill(title)
    expect(page.locator("#q-suggestions").get_by_role("option").first).to_be_visible()
    again.press("ArrowDown")
    chosen = page.locator("#q-suggestions [aria-selected=true]")
    expect(chosen).to_be_visible()
    leads = chosen.get_attribute("data-href")
    again.press("Enter")
    page.wait_for_url(lambda url: leads in url)


def test_a_suggestion_answers_to_the_mouse_and_going_elsewhere_closes(page_for):
    page = page_for("", locale="fr-FR")
    page.goto("/fr/")
    box = page.locator("#top-q")
    box.press_sequentially("parc")
    listed = page.locator("#top-q-suggestions")
    expect(listed).to_be_visible()
    box.press("Tab")
    expect(listed).to_be_hidden()
    box.click()
    box.press_sequentially("o")
    option = listed.get_by_role("option").first
    expect(option).to_be_visible()
    leads = option.get_attribute("data-href")
    option.click()
    page.wait_for_url(lambda url: leads in url)


def test_nothing_to_propose_is_said_and_not_shown(page_for):
    page = page_for("", locale="fr-FR")
    page.goto("/fr/search/")
    page.locator("#q").press_sequentially("zzqqx")
    expect(page.locator(".search-form [role=status]")).to_have_text("Aucune suggestion")
    expect(page.locator("#q-suggestions")).to_be_hidden()


@pytest.mark.parametrize(("language", "width", "dark"), [("fr", 320, True), ("en", 1280, False)], ids=["fr-320-dark", "en-1280-light"])
def test_each_state_of_the_page_is_for_everybody(page_for, axe, language, width, dark):
    page = page_for("", width=width, dark=dark, locale=f"{language}-{'FR' if language == 'fr' else 'GB'}")
    wrong = []
    for query in (
        "",
        "?q=coop",
        "?q=zzqqx",
        "?q=zzqqx+smart",
        "?q=parcourz" if language == "fr" else "?q=pathwey",
        "?q=smart&fresh=verified",
    ):
        page.goto(f"/{language}/search/{query}")
        wrong += [f"{query}: {fault}" for fault in faults(page, axe)]
    assert wrong == []
    expect(page.locator(".search-filters")).to_have_attribute("open", "")
    expect(page.locator("#search-fresh")).to_have_value("verified")


def test_where_the_field_stands(page_for):
    """A field in the header where there is room, a link where there is not, neither on the search page."""
    wide, phone = page_for("", locale="fr-FR"), page_for("", width=320, locale="fr-FR")
    for page in (wide, phone):
        page.goto("/fr/wiki/")
    link = "header a[rel=search]"
    expect(wide.locator("#top-q")).to_be_visible()
    expect(wide.locator(link)).to_be_hidden()
    expect(phone.locator("#top-q")).to_be_hidden()
    phone.locator(link).click()
    expect(phone.locator("#q")).to_be_focused()
    for page in (wide, phone):
        page.goto("/fr/search/?q=smart")
        expect(page.locator("#top-q")).to_be_hidden()
        expect(page.locator(link)).to_be_hidden()


def test_search_works_without_script(page_for):
    page = page_for("", locale="fr-FR", script=False)
    page.goto("/fr/")
    page.locator("#top-q").fill("cooperatives")
    page.locator(".top-search button").click()
    expect(page).to_have_url(re.compile(r"/fr/search/\?q=cooperatives"))
    expect(page.locator(".search-hits mark").filter(has_text=re.compile("^coopérative", re.IGNORECASE)).first).to_be_visible()
    page.locator(".search-filters summary").click()
    page.locator("#search-fresh").select_option("year")
    page.locator(".search-filters button").click()
    expect(page).to_have_url(re.compile("fresh=year"))
    expect(page.locator(".search-hits > li").first).to_be_visible()
    page.locator(".search-kinds a").nth(1).click()
    expect(page).to_have_url(re.compile("kind="))
    expect(page.locator(".search-kinds a").nth(1)).to_have_attribute("aria-current", "true")


def test_nearest_words_lead_to_what_they_find(page_for):
    page = page_for("", locale="fr-FR")
    page.goto("/fr/search/?q=parcourz")
    page.locator(".search-nearest a").first.click()
    expect(page.locator(".search-hits mark").first).to_have_text(re.compile("parcours", re.IGNORECASE))


def test_a_page_of_a_pdf_is_found_marked_and_opened_there(page_for):
    trainer = page_for("trainer", locale="fr-FR")
    trainer.set_content(
        "<html lang=fr><p>Première page.</p><p style='break-before: page'>Les soudeuses rémunéraient leurs wapitis.</p></html>"
    )
    written = trainer.pdf()
    trainer.goto("/cms/documents/add/")
    trainer.locator("input[name=title]").fill("Rapport des wapitis")
    trainer.locator("input[name=file]").set_input_files({"name": "rapport-annuel.pdf", "mimeType": "application/pdf", "buffer": written})
    trainer.locator("form[action*=documents] button[type=submit], form[action*=documents] input[type=submit]").last.click()
    trainer.wait_for_url(lambda url: "/add/" not in url)
    visitor = page_for("", locale="fr-FR")
    hit = visitor.locator("h2 a[href*='rapport-annuel']")

    def found() -> int:
        visitor.goto("/fr/search/?q=remunerer+soudeuse")
        return hit.count()

    until(found)  # a worker reads the file
    expect(hit.first).to_have_attribute("href", re.compile(r"rapport-annuel\w*\.pdf#page=2$"))
    item = visitor.locator(".search-hits > li").filter(has=hit)
    expect(item).to_contain_text("page 2")
    expect(item.locator("mark")).to_have_text(["soudeuses", "rémunéraient"])
