"""Peer feedback and the two minutes after a session, in a browser: shown, read, kept as it is typed, signed, answered; on a phone, in the
dark, in both languages, once with the keyboard alone.
"""

import re
import secrets

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD
from tests.browser.test_desk_browser import shell  # noqa: F401 (a fixture)
from tests.browser.test_pages import OVERFLOW, faults
from tests.browser.waiting import SECONDS, follow

# Two projects of a cohort of their own, with a work that was handed in; and a session that is over, at which both leads were.
MAKE = """
import datetime, json
from allauth.account.models import EmailAddress
from django.utils import timezone
from academy.models import User
from cohorts import actions
from cohorts.models import CheckIn, Cohort, Participation, Project, ProjectMember, Registration, Requirement, Session
from courses.models import Submission, SubmissionVersion
now, day = timezone.now(), datetime.timedelta(days=1)
by = User.objects.get(email="coordinator@demo.example")
cohort = Cohort.objects.get(state="running", participations__project__memberships__person__email="promoter@demo.example")
asked = Requirement.objects.get(key="ten-conversations", stage__pathway=cohort.pathway)
cohort.pk, cohort._state.adding, cohort.title = None, True, {"en": "Peers NAME", "fr": "Pairs NAME"}
cohort.save()
session = Session.objects.create(title={"en": "Peers NAME", "fr": "Pairs NAME"}, place="Lille", starts_at=now - 3 * day, ends_at=now - day,
    capacity=9, registration_deadline=now - 9 * day, cancellation_deadline=now - 9 * day)
session.cohorts.set([cohort])
old = Submission.objects.filter(activity_key=asked.activity_key, terms__rubric__isnull=False).exclude(group_key="").first()
for role in ("owner", "giver"):
    person = User.objects.create_user(f"{role}-NAME@demo.example", "PASSWORD", name=f"{role.title()} NAME", language="NAME")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    project = Project.objects.create(name=f"{role.title()} NAME", country="PT")
    ProjectMember.objects.create(project=project, person=person, role="lead")
    place = Participation.objects.create(project=project, cohort=cohort, state="active", invited_at=now, invited_by=by, activated_at=now,
        activated_by=person)
    seat = Registration.objects.create(session=session, person=person, project=project, status="attended", requested_at=now - 9 * day,
        requested_by=person, confirmed_at=now - 8 * day, funding_verified_at=now - 8 * day, funding_verified_by=by)
    CheckIn.objects.create(registration=seat, checked_in_at=now - 2 * day, checked_in_by=by)
    if role == "owner":
        work = Submission.objects.create(group_key=str(project.pk), activity_key=asked.activity_key, state="handed_in", handed_in_at=now - day,
            terms=old.terms)
        SubmissionVersion.objects.create(submission=work, number=1, text="Forty workers were asked.", language="en", submitted_at=now - day)
        owner = place
actions.ask_for_feedback(cohort, by=by, requirement=asked)
print("MADE" + json.dumps({"show": f"/my/cohort/works/show/{owner.pk}/{asked.pk}/", "seat": f"/sessions/places/{seat.pk}/how-it-was/"}))
"""
LOOKS = [("fr", 320, False), ("en", 1280, True)]


@pytest.fixture
def scene(shell, look):  # noqa: F811
    language = look[0]
    name = f"{language}-{secrets.token_hex(3)}"
    made = shell(MAKE.replace('language="NAME"', f'language="{language}"').replace("NAME", name).replace("PASSWORD", PASSWORD))
    return name, {what: f"/{language}{address}" for what, address in made.items()}


@pytest.fixture(params=LOOKS, ids=["fr-320-light", "en-1280-dark"])
def look(request):
    return request.param


@pytest.fixture
def opened(page_for, look):
    """A window of somebody, as wide and as dark as this pass; `other`: as the other pass."""
    language, width, dark = look

    def one(role, *, other=False):
        locale = "fr-FR" if language == "fr" else "en-GB"
        return page_for(role, width=1600 - width if other else width, dark=dark != other, locale=locale)

    return one


def tab_to(page, locator):
    """With the keyboard alone: as often as it takes, from where one is."""
    for _step in range(200):
        page.keyboard.press("Tab")
        if locator.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {locator}")


def test_peers_read_judge_and_answer(scene, opened, axe, look):
    language, wrong = look[0], []
    name, address = scene
    owner, giver = opened(f"owner-{name}"), opened(f"giver-{name}")

    def looked_at(page, what):
        wrong.extend(f"{what}: {fault}" for fault in faults(page, axe, language))

    owner.goto(address["show"])
    looked_at(owner, "show")
    follow(owner.locator("main form button").last)
    work = owner.url
    looked_at(owner, "shown")

    giver.goto(f"/{language}/my/pathway/")
    looked_at(giver, "pathway")
    follow(giver.locator("#owes-you").locator("xpath=..").locator("a[href*='/works/asked/']"))
    assert giver.url == work
    form, saved = giver.locator("form[data-academy-autosave]"), giver.locator("[data-academy-saved]")
    first = form.locator("[type=radio][name^=level-]").first
    if language == "en":
        tab_to(giver, first)
        giver.keyboard.press("ArrowDown")
        giver.keyboard.press("Tab")
        giver.keyboard.type("Twelve names.")
    else:
        first.check()
        form.locator("textarea").first.fill("Twelve names.")
    expect(saved).to_contain_text(re.compile("Saved on|Enregistré"))
    giver.context.set_offline(True)
    giver.fill("textarea[name=comment]", "Written in a train.")
    expect(saved).to_contain_text(re.compile("No connection|connexion"))
    giver.context.set_offline(False)
    expect(saved).to_contain_text(re.compile("Saved on|Enregistré"))
    giver.reload()
    expect(giver.locator("textarea[name=comment]")).to_have_value("Written in a train.")
    looked_at(giver, "draft")

    two = giver.context.new_page()
    two.goto(work)
    with two.expect_response(lambda answer: answer.request.method == "POST", timeout=SECONDS * 1000):
        two.fill("textarea[name=comment]", "From another window.")
    giver.fill("textarea[name=comment]", "Ask ten more.")
    both = giver.locator("[data-academy-both=comment]")
    expect(both).to_contain_text("From another window.")
    looked_at(giver, "both")
    with giver.expect_response(lambda answer: answer.request.method == "POST", timeout=SECONDS * 1000):
        both.locator("[value=mine]").check()
    expect(both).to_have_count(0)
    two.close(run_before_unload=False)

    send = giver.locator("button[name=send]")
    if language == "en":
        tab_to(giver, send)
        with giver.expect_navigation():
            giver.keyboard.press("Enter")
    else:
        follow(send)
    looked_at(giver, "refused")
    for group in giver.locator("fieldset:has([type=radio])").all():
        group.locator("[type=radio]").last.check()
    follow(giver.locator("button[name=send]"))
    expect(giver.locator("main .status").first).to_contain_text(re.compile("sent|envoyé", re.I))
    looked_at(giver, "sent")
    giver.goto(f"/{language}/my/pathway/")
    expect(giver.locator("a[href*='/works/asked/']")).to_have_count(0)

    owner.goto(work)
    expect(owner.locator("article.said")).to_contain_text("Ask ten more.")
    looked_at(owner, "received")
    owner.locator("article.said summary").first.click()
    owner.fill("article.said textarea[name=words]", "Thank you: ten more.")
    follow(owner.locator("article.said details[open] button"))
    looked_at(owner, "answered")
    giver.goto(work)
    expect(giver.locator("main")).to_contain_text("Thank you: ten more.")
    looked_at(giver, "read the answer")
    owner.goto(f"/{language}/modules/preparing-your-project/ten-conversations/")
    thread = owner.locator(".peers .work-answer .work-answer")
    expect(thread).to_contain_text("Thank you: ten more.")
    set_in = thread.evaluate("answer => answer.getBoundingClientRect().left - answer.closest('article').getBoundingClientRect().left")
    assert set_in > 8
    looked_at(owner, "the page of the work")
    for role, pages in ((f"owner-{name}", [work]), (f"giver-{name}", [work, f"/{language}/my/pathway/", f"/{language}/my/cohort/"])):
        again = opened(role, other=True)
        for one in pages:
            again.goto(one)
            looked_at(again, f"{one} in the other look")
    assert wrong == []


def test_satisfaction_takes_two_minutes(scene, opened, axe, look):
    language, wrong = look[0], []
    name, address = scene
    page = opened(f"giver-{name}")

    def looked_at(what):
        wrong.extend(f"{what}: {fault}" for fault in faults(page, axe, language))

    page.goto(f"/{language}/my/pathway/")
    over = page.locator("section:has(> #over)")
    expect(over.locator(f"a.owed-title[href='{address['seat']}']")).to_be_visible()
    follow(over.locator("a.owed-title"))
    looked_at("form")
    useful = page.locator("[name=useful]")
    if language == "en":
        tab_to(page, page.locator("[name=useful]:checked"))
        for _step in range(2):
            page.keyboard.press("ArrowUp")
        tab_to(page, page.locator("textarea[name=words]"))
        page.keyboard.type("Longer breaks.")
        tab_to(page, page.locator("form.vote-form button"))
        with page.expect_navigation():
            page.keyboard.press("Enter")
    else:
        useful.nth(3).check()
        page.fill("textarea[name=words]", "Longer breaks.")
        follow(page.locator("form.vote-form button"))
    looked_at("the session, answered")
    page.goto(f"/{language}/my/pathway/")
    expect(over.locator("a.owed-title")).to_have_count(0)
    looked_at("pathway, answered")
    follow(over.locator(f"a[href='{address['seat']}']"))
    expect(useful.nth(3)).to_be_checked()
    looked_at("form, answered")
    page.goto(f"/{language}/my/week/")
    assert "how-it-was" not in page.content()
    page = opened(f"giver-{name}", other=True)
    for one in (address["seat"], f"/{language}/my/pathway/"):
        page.goto(one)
        looked_at(f"{one} in the other look")
    plain = opened(f"owner-{name}")
    plain.goto(f"/{language}/my/week/")
    assert plain.evaluate(OVERFLOW) == 0
    assert "how-it-was" in plain.content()
    assert wrong == []
