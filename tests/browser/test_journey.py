"""One promoter, from the home page to a verified certificate: at 360 px, by keyboard, on the real server (design.md §4.1).

The staff's part is clicked at 1280 px in between. Nothing is set up behind the screens' back.
"""

import quopri
import re
import secrets
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.waiting import follow, press, until

ROOT = Path(__file__).resolve().parent.parent.parent
NEW_PASSWORD = "a long road to Brussels"
RUN = EMAIL = PROJECT = ""
FOR_THE_PROJECT = "Count the thirty who said yes: it is your strongest figure."
ANSWERS = ("publics", "services", "team", "competition", "key_figures", "expectations")


@pytest.fixture(autouse=True)
def _somebody_new():
    """Other names for each try, so that the test may be repeated against a server that is kept running."""
    global RUN, EMAIL, PROJECT
    RUN = secrets.token_hex(3)
    EMAIL, PROJECT = f"nadia-{RUN}@journey.example", f"Atlas {RUN}"


def enter(locator) -> None:
    """As somebody without a mouse opens a page."""
    follow(locator, "Enter")


def choose(locator) -> None:
    if not locator.is_checked():
        press(locator, "Space")


def heading(page):
    return page.locator("h1").first


def mails_to(folder: Path, address: str) -> list[str]:
    """Texts of the mails written by the server, oldest first."""
    found = []
    for path in sorted((folder / "mail").glob("*.log"), key=lambda path: path.stat().st_mtime_ns):
        text = quopri.decodestring(path.read_bytes()).decode("utf-8", "replace")
        if f"To: {address}" in text:
            found.append(text)
    return found


def sign_up(page, server_folder) -> None:
    page.goto("/en/")
    enter(page.locator("main").get_by_role("link", name="Apply with your project").first)
    enter(page.get_by_role("link", name="Create an account and start"))
    page.fill("input[name=name]", "Nadia Benali")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password1]", NEW_PASSWORD)
    page.fill("input[name=password2]", NEW_PASSWORD)
    enter(page.locator("input[name=password2]"))
    assert "/confirm-email/" in page.url
    mail = until(lambda: mails_to(server_folder, EMAIL))[-1]
    page.goto(re.search(r"http\S+/confirm-email/[^\s\"<]+", mail)[0])
    enter(page.locator("main button[type=submit]").first)
    if "/login" in page.url:
        page.fill("input[name=login]", EMAIL)
        page.fill("input[name=password]", NEW_PASSWORD)
        enter(page.locator("input[name=password]"))


def answer_the_call(page) -> None:
    """What only this call asks; another country and a file may be left out."""
    page.get_by_label("How many hours a week").fill("30")
    page.get_by_label("In which form does the project exist").select_option("1")
    page.get_by_label("What has not worked so far").fill("A first meeting to which nobody came: we asked too late.")
    money = page.get_by_role("group", name="How much money does the project have")
    money.get_by_label("Amount").fill("1500")
    money.get_by_label("Currency").select_option("EUR")


def apply(page) -> None:
    """Starts, leaves, returns, is shown what is missing, completes, sends."""
    page.goto("/en/apply/")
    enter(page.locator("main").get_by_role("link", name=re.compile("Start an application|Apply")).first)
    page.fill("input[name=name]", PROJECT)
    page.select_option("select[name=country]", "TN")
    enter(page.get_by_role("button", name="Open my draft"))
    draft = page.url
    page.fill("textarea[name=publics]", "We asked forty workers; thirty would join.")
    enter(page.get_by_role("button", name=re.compile("^Save")).first)
    page.goto("/en/my/pathway/")
    expect(page.locator(".next-step")).to_contain_text("application", ignore_case=True)
    page.goto(draft)
    expect(page.locator("textarea[name=publics]")).to_have_value("We asked forty workers; thirty would join.")
    assert page.locator(".missing li").count() > 3
    page.fill("textarea[name=summary]", "A cooperative for autonomous workers in Tunis.")
    for name in ANSWERS:
        page.fill(f"textarea[name={name}]", f"Our answer about {name}, with a number: 40.")
    answer_the_call(page)
    choose(page.locator("input[name=funds_own_travel]").last)
    look_at_mails_first(page)
    enter(page.get_by_role("button", name="Send the application").first)
    assert page.url.endswith("/submitted/")
    expect(heading(page)).to_contain_text("We have your application")


def look_at_mails_first(page) -> None:
    """What comes back, in a tab of its own; the form stays, and goes on keeping itself."""
    enter(page.get_by_role("button", name=re.compile("^Save")).first)
    with page.expect_popup() as tab:
        page.get_by_role("button", name=re.compile("^See its mails first")).click()
    expect(heading(tab.value)).to_contain_text("What would be written")
    expect(tab.value.locator("main")).to_contain_text("To yourself")
    tab.value.close()
    with page.expect_response(lambda answer: answer.request.method == "POST") as kept:
        page.fill("textarea[name=summary]", "A cooperative for autonomous workers in Tunis, then in Sfax.")
    assert kept.value.ok


def assess(page, level: int) -> None:
    """Answers every criterion of every part with one level, then submits."""
    overview = page.url
    for number in range(page.locator(".part-list a").count()):
        page.goto(overview)
        enter(page.locator(".part-list a").nth(number))
        for group in page.locator("fieldset.criterion").all():
            choose(group.locator(f"input[type=radio][value='{level}']"))
        enter(page.locator("button[value=stop]").first)
    page.goto(overview)
    enter(page.get_by_role("button", name="Submit the assessment"))


def release(page) -> None:
    """The letters are shown first; the second press sends them."""
    do_verb(page, "release")
    follow(page.locator("form[action$='/release/']").get_by_role("button").first)


def do_verb(page, name: str, **answers) -> None:
    """A verb of one of our pages inside the CMS."""
    form = page.locator(f"form[action$='/{name}/']")
    if not form.is_visible():
        page.locator(".cms-verb", has=form).locator("summary").click()
    for field, value in answers.items():
        target = form.locator(f"[name={name}-{field}]")
        if target.first.get_attribute("type") == "radio":
            form.locator(f"[name={name}-{field}][value={value}]").check()
        elif target.first.evaluate("e => e.tagName") == "SELECT":
            target.select_option(value) if value else target.select_option(index=1)
        else:
            target.fill(value)
    follow(form.get_by_role("button"))


def fill_moments(page, moments: dict) -> None:
    """Types dates into fields that open a calendar, and leaves none of them open."""
    calendars = page.locator(".xdsoft_datetimepicker:visible")
    for name, moment in moments.items():
        field = page.locator(f"[name={name}]")
        field.focus()
        expect(calendars).to_have_count(1)  # it opens a moment after the focus came, even when that has gone on
        field.fill(moment.strftime("%Y-%m-%d %H:%M"))
    page.locator("[name=capacity]").focus()
    expect(calendars).to_have_count(0)


def open_application(staff) -> None:
    staff.goto("/cms/applications/")
    follow(staff.get_by_role("link", name=PROJECT).first)


def open_participation(staff) -> None:
    staff.goto("/cms/participations/")
    follow(staff.get_by_role("link", name=PROJECT).first)


def review_and_admit(page_for) -> None:
    staff = page_for("coordinator", locale="en-GB")
    open_application(staff)
    for name in ("Margit", "Daniel", ""):  # the round asks for three; the last is whoever is left
        option = staff.locator("[name=assign-reviewer] option:not([value=''])", has_text=name).first
        do_verb(staff, "assign", reviewer=option.get_attribute("value"))
    do_verb(staff, "start-review")
    reviewer = page_for("reviewer", locale="en-GB", width=820)
    reviewer.goto("/en/review/")
    enter(reviewer.locator("main").get_by_role("link", name=PROJECT))
    choose(reviewer.locator("input[name=answer]").first)
    enter(reviewer.get_by_role("button", name="Send my answer"))
    enter(reviewer.get_by_role("button", name="Begin the assessment"))
    for group in reviewer.locator("fieldset.criterion").all():
        choose(group.locator("input[type=radio][value='2']"))
    reviewer.get_by_label("For the project").first.fill(FOR_THE_PROJECT)
    enter(reviewer.get_by_role("button", name="Look once more and send"))
    enter(reviewer.get_by_role("button", name="Send my review"))
    open_application(staff)
    do_verb(staff, "deliberate", reason="One careful assessment is enough here.")
    do_verb(staff, "decide", outcome="admitted", reasons="A verified need and a steady team.")
    release(staff)
    expect(staff.locator("main")).to_contain_text("Released")


def right_answers(module: str) -> dict[str, set[str]]:
    quiz = yaml.safe_load((ROOT / "courses" / "content" / module / "quiz.yaml").read_text(encoding="utf-8"))
    return {q["prompt"]["en"]: {a["text"]["en"] for a in q["answers"] if a.get("correct")} for q in quiz["questions"]}


def take_quiz(page, answers: dict[str, set[str]], *, well: bool) -> None:
    enter(page.locator("main").get_by_role("button", name=re.compile("Start the quiz|Try again|Go on with your attempt")).first)
    assert "/attempt/" in page.url
    for question in page.locator("fieldset.course-question").all():
        legend = question.locator("legend").inner_text()
        wanted = next(texts for prompt, texts in answers.items() if prompt in legend)
        for choice in question.locator("label.course-choice").all():
            if (choice.inner_text().strip() in wanted) == well:
                choose(choice.locator("input"))
                if not well:
                    break
    enter(page.get_by_role("button", name="Hand in", exact=True))


def learn(page) -> None:
    """Begins in French, switches to English in the middle, fails a quiz and takes it again."""
    page.goto("/fr/courses/joining-the-academy/")
    enter(page.locator("main .actions a.button").first)
    enter(page.locator("form[action*='complete'] button").first)
    page.goto("/en/courses/joining-the-academy/")
    expect(page.locator("main .progress-words").first).to_have_text(re.compile("^1 of"))
    failed = False
    for _step in range(20):
        page.goto("/en/courses/joining-the-academy/")
        go = page.locator("main").get_by_role("link", name=re.compile("^(Continue|Begin)$"))
        if go.count() == 0:
            break
        enter(go.first)
        if page.get_by_role("button", name="I have read this").count():
            enter(page.get_by_role("button", name="I have read this"))
            continue
        module = "understanding-smart" if "understanding-smart" in page.url else "preparing-your-project"
        if not failed:
            take_quiz(page, right_answers(module), well=False)
            expect(heading(page)).to_contain_text("Not yet")
            failed = True
            continue
        take_quiz(page, right_answers(module), well=True)
        expect(heading(page)).to_contain_text("Passed")
    expect(page.locator("main").get_by_role("link", name="See your certificate")).to_have_count(1)


def ask(page) -> None:
    """Is shown the answer that exists, and need not send the question."""
    page.goto("/en/questions/")
    enter(page.get_by_role("link", name="Ask a question"))
    page.fill("main input[name=q]", "What does an integration in a shared enterprise ask of us?")
    enter(page.get_by_role("button", name="Continue"))
    expect(page.get_by_text("Is one of these your answer?")).to_have_count(1)
    answer = page.locator(".similar li h3 a").first
    title = answer.inner_text()
    enter(answer)
    expect(page.locator("main")).to_contain_text(title)


def hold_a_session(page, page_for, server_folder) -> None:
    """The coordinator announces one that starts in three hours; the promoter registers, gets the letter with its calendar entry, and is
    checked in by what the QR code holds.
    """
    staff = page_for("coordinator", locale="en-GB")
    staff.goto("/cms/sessions/new/")
    staff.fill("[name=title_fr]", f"Rencontre {RUN}")
    staff.fill("[name=title_en]", f"Session {RUN}")
    staff.locator("[name=cohorts]").evaluate(
        "e => { for (const o of e.options) o.selected = /next year|an prochain/i.test(o.text); }"
    ) if staff.locator("select[name=cohorts]").count() else staff.locator(
        "label", has_text=re.compile("prochain|next year", re.I)
    ).first.click()
    staff.fill("[name=place]", "Tunis")
    soon = timezone.localtime() + timedelta(hours=3)
    moments = {"starts_at": soon, "ends_at": soon + timedelta(days=2), "registration_deadline": soon, "cancellation_deadline": soon}
    fill_moments(staff, moments)
    staff.fill("[name=capacity]", "5")
    follow(staff.locator("form[action='/cms/sessions/new/'] button[type=submit]").first)
    assert staff.url.endswith("/cms/sessions/")
    page.goto("/en/sessions/")
    enter(page.get_by_role("link", name=f"Session {RUN}"))
    payer = page.locator("select[name=funding_payer]")
    payer.select_option("grant") if payer.count() else choose(page.locator("input[name=funding_payer][value=grant]"))
    page.fill("input[name=funding_amount]", "400")
    enter(page.get_by_role("button", name="Ask for a place"))
    calendar = page.request.get(page.url + "calendar.ics")
    assert calendar.status == 200
    assert f"SUMMARY:Session {RUN}" in calendar.text()
    until(lambda: any(f"Session {RUN}" in letter and "METHOD:REQUEST" in letter for letter in mails_to(server_folder, EMAIL)))
    staff.goto(page.url + "desk/")
    follow(staff.get_by_role("button", name=re.compile("Funding is fine")).first)
    page.reload()
    code = re.search(r"\b[0-9a-f]{8}\b", page.locator(".check-in-code").inner_text())[0]
    registration = re.search(rf"{code}-[0-9a-f-]{{27}}", page.content())[0]
    staff.goto(f"/check-in/{registration}/")
    staff.get_by_role("button", name=re.compile("Check in")).first.click()
    expect(staff.locator("[data-part=told]")).to_contain_text("is here.")
    page.reload()
    expect(page.locator("main")).to_contain_text("You were there")


def read_the_feedback(page) -> None:
    """What the reviewer wrote for the project, without their name."""
    page.goto("/en/my/pathway/")
    enter(page.get_by_role("link", name="Read the decision and what follows").first)
    expect(page.locator("main")).to_contain_text(FOR_THE_PROJECT)
    expect(page.locator("main")).not_to_contain_text("Margit")


def open_file(staff) -> None:
    follow(staff.get_by_role("link", name="Graduation file"))


def owed(staff) -> list[str]:
    """Titles of the requirements that the page shows as neither done nor waived, the optional ones included."""
    rows = staff.locator("table.dense tbody tr:has(td)").all()
    open_rows = [row for row in rows if row.locator("[data-kind=good], [data-kind=info]").count() == 0]
    return [row.locator("td").first.evaluate("cell => cell.firstChild.textContent.trim()") for row in open_rows]


def graduate(page_for) -> None:
    staff = page_for("coordinator", locale="en-GB")
    open_participation(staff)
    while staff.locator("[name=record-requirement] option").count() > 1:
        do_verb(staff, "record", requirement="")
    for title in owed(staff):
        value = staff.locator("[name=waive-requirement] option").filter(has_text=title).first.get_attribute("value")
        do_verb(staff, "waive", requirement=value, reason="Not asked of this project, as agreed.")
    open_file(staff)
    while staff.locator("[name=confirm-condition-condition] option").count() > 1:
        do_verb(staff, "confirm-condition", condition="", note="Seen in the statutes.")
    do_verb(staff, "eligible")
    typology = staff.locator("[name=decide-typology] option").nth(1).get_attribute("value")
    do_verb(staff, "decide", outcome="graduated", typology=typology, reasons="The whole way, well walked.")
    do_verb(staff, "sign")
    admin = page_for("admin", locale="en-GB")
    open_participation(admin)
    open_file(admin)
    do_verb(admin, "sign")
    release(admin)


def come_to_a_place(page, page_for, server_folder) -> None:
    """From the home page to the place in the cohort."""
    sign_up(page, server_folder)
    apply(page)
    page.goto("/en/my/pathway/")
    enter(page.get_by_role("link", name="Assess your project").first)
    enter(page.get_by_role("button", name="Begin"))
    assess(page, 3)
    review_and_admit(page_for)
    page.goto("/en/my/pathway/")
    enter(page.get_by_role("link", name=re.compile("See what you accept")).first)
    enter(page.get_by_role("button", name="We take the place"))


def test_on_a_tablet_as_far_as_a_place_in_the_cohort(page_for, server_folder):
    page = page_for("", width=820, locale="en-GB")
    come_to_a_place(page, page_for, server_folder)
    page.goto("/en/my/pathway/")
    expect(page.locator(".next-step")).not_to_contain_text("Take your place")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.refused() == []


def test_from_the_home_page_to_a_verified_certificate(page_for, server_folder):
    page = page_for("", width=360, locale="en-GB")
    come_to_a_place(page, page_for, server_folder)
    learn(page)
    ask(page)
    hold_a_session(page, page_for, server_folder)
    read_the_feedback(page)
    graduate(page_for)
    page.goto("/en/my/pathway/")
    expect(page.locator("main")).to_contain_text("graduated", ignore_case=True)
    page.goto("/en/my/certificates/")
    enter(page.locator("main").get_by_role("link", name=re.compile(f"{PROJECT}|graduation", re.I)).first)
    expect(page.locator("main")).to_contain_text("Nadia Benali")
    verified = re.search(r"/verify/[0-9a-f-]{36}/", page.content())[0]
    visitor = page_for("", width=360, locale="fr-FR")
    visitor.goto(verified)
    expect(visitor.locator("main")).to_contain_text("Nadia Benali")
    assert page.refused() == []
