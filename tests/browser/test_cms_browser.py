"""The CMS under our Content-Security-Policy: its screens open with nothing refused and no page error (academy/cms_csp.py)."""

import re

import pypdfium2
from playwright.sync_api import expect

from tests.browser.waiting import follow

SCREENS = [
    "/cms/",
    "/cms/pages/",
    "/cms/images/",
    "/cms/images/add/",
    "/cms/documents/",
    "/cms/documents/multiple/add/",
    "/cms/users/",
    "/cms/users/new/",
    "/cms/groups/",
    "/cms/locales/",
    "/cms/sites/",
    "/cms/redirects/",
    "/cms/reports/aging-pages/",
    "/cms/applications/",
    "/cms/participations/",
    "/cms/sessions/",
    "/cms/sessions/new/",
    "/cms/cohorts/",
    "/cms/pages/search/?q=quiz",
]


def test_every_screen_of_the_cms_opens_with_nothing_refused(page_for):
    page = page_for("admin", locale="en-GB")
    wrong = []
    for address in SCREENS:
        answer = page.goto(address)
        if answer.status != 200 or page.locator("h1").count() == 0:
            wrong.append((address, answer.status, "no h1" if page.locator("h1").count() == 0 else ""))
        wrong += [(address, refused) for refused in page.refused()]
        wrong += [(address, error) for error in page.errors]
        page.errors.clear()
    assert wrong == []


def refused_scripts(page) -> list[str]:
    return [refusal for refusal in page.refused() if refusal.startswith(("script", "default"))]


def test_date_picker_fills_its_field(page_for):
    page = page_for("coordinator", locale="en-GB")
    page.goto("/cms/sessions/new/")
    page.click("[name=starts_at]")
    page.locator(".xdsoft_datetimepicker:visible td.xdsoft_date:not(.xdsoft_other_month)").nth(10).click()
    expect(page.locator("[name=starts_at]")).not_to_have_value("")
    assert (refused_scripts(page), page.errors) == ([], [])


def test_inline_panel_adds_a_form_and_its_chooser_picks_a_page(page_for):
    page = page_for("trainer", locale="en-GB")
    page.goto("/cms/pages/search/?q=Joining")
    follow(page.locator("a[href$='/edit/']", has_text="Joining the Academy").first)
    adders = page.locator("button[id$='-ADD']")
    prefix = adders.first.get_attribute("id").removesuffix("-ADD")
    total = page.locator(f"#{prefix}-TOTAL_FORMS")
    before = int(total.input_value())
    adders.first.click()
    expect(total).to_have_value(str(before + 1))
    fresh = page.locator(f"#inline_child_{prefix.removeprefix('id_')}-{before}")
    fresh.locator("[data-chooser-action-choose]").first.click()
    modal = page.locator(".modal-body")
    modal.locator("input[name=q]").fill("Understanding")
    modal.locator("a", has_text="Understanding Smart").first.click()
    fresh.get_by_text("Understanding Smart").first.wait_for()
    assert (refused_scripts(page), page.errors) == ([], [])


def test_choosers_open_in_a_plain_form(page_for):
    page = page_for("admin", locale="en-GB")
    page.goto("/cms/settings/academy/brand/")
    page.locator("[data-chooser-action-choose]").first.click()
    page.locator(".modal-body").wait_for()
    assert (refused_scripts(page), page.errors) == ([], [])


def test_a_page_of_the_cms_is_printed_to_its_end(page_for):
    """Wagtail scrolls its page inside a box of the height of the screen: on paper only its first sheet was left."""
    page = page_for("coordinator", locale="en-GB")
    page.goto("/cms/cohorts/")
    follow(page.get_by_role("link", name=re.compile("^(Cohorte de cette année|This year’s cohort)")).first)
    page.emulate_media(media="print")
    table = page.locator(".cms-wide table")
    within = page.evaluate("() => [document.querySelector('.cms-wide table').scrollWidth, document.querySelector('.cms-wide').clientWidth]")
    assert (table.count(), within[0] <= within[1]) == (1, True)
    page.emulate_media(media="null")  # as whoever prints
    follow(page.locator("a[href$='/report/']").first)
    last = page.locator(".board h2").last.inner_text()
    printed = pypdfium2.PdfDocument(page.pdf(format="A4"))
    words = [sheet.get_textpage().get_text_range() for sheet in printed]
    assert (len(words) > 1, last in "".join(words)) == (True, True)
