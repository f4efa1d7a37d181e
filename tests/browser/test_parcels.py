"""One letter to 230 projects: parcels that go on by themselves, a reload half way, and no script at all. Each has it once, whatever happens."""

import sqlite3
from collections import Counter
from contextlib import closing

import pytest
from playwright.sync_api import expect

from academy.messages import AT_ONCE
from cohorts.listing.bulk import PARCEL
from tests.browser.waiting import follow
from tests.prepared import manage

MANY = 2 * PARCEL + 30
SEED = f"""
from cohorts.models import Application, Cohort, Project, ProjectMember
from academy.models import User
from datetime import timedelta
from django.utils import timezone
old, before = Cohort.objects.order_by("starts_at").first(), timezone.now() - timedelta(days=900)  # after all others in the list
names = ("pathway", "rubric", "coordinator", "intake_opens_at", "intake_closes_at", "starts_at")
over = Cohort.objects.create(
    title={{"fr": "Un appel de 230", "en": "A call of 230"}}, state="closed", **{{name: getattr(old, name) for name in names}}
)
people = User.objects.bulk_create(User(email=f"one{{n}}@parcel.example", name=f"One {{n}}", language="en") for n in range({MANY}))
projects = Project.objects.bulk_create(Project(name=f"Parcel {{n:03}}", country="BE", summary="A need.") for n in range({MANY}))
ProjectMember.objects.bulk_create(
    ProjectMember(project=project, person=person, role="lead") for project, person in zip(projects, people, strict=True)
)
Application.objects.bulk_create(
    Application(project=project, cohort=over, state="declined", submitted_at=before, submitted_by=person)
    for project, person in zip(projects, people, strict=True)
)
"""


@pytest.fixture(scope="module", autouse=True)
def _call(server, server_folder):
    manage("shell", "-c", SEED, DATA_DIR=str(server_folder))


@pytest.fixture
def outbox(server_folder):
    """`outbox(subject)`: how many letters of this subject there are, who has how many of them, and how many have left."""

    def read(subject):
        with closing(sqlite3.connect(server_folder / "academy.sqlite3")) as rows:
            found = rows.execute("select address, sent_at from academy_message where subject = ? and cancelled_at is null", [subject])
            letters = found.fetchall()
        each = Counter(address for address, _sent in letters)
        return len(letters), set(each.values()), sum(sent is not None for _address, sent in letters)

    return read


def write(page, subject):
    """From the list of that call, to all in the list, as far as the page that shows the letter before it leaves."""
    page.goto("/cms/applications/")
    page.get_by_label("Cohort", exact=True).select_option(label="A call of 230")
    follow(page.get_by_role("button", name="Show", exact=True))
    page.locator("input[name=every]").check()
    follow(page.locator("button[name=verb][value=write]"))
    page.fill("input[name=subject]", subject)
    page.fill("textarea[name=text]", "The minutes are online.")
    follow(page.locator("button[name=step][value=preview]"))
    return page.locator("button[name=step][value=do]")


def said(page, done, left):
    told = page.locator("main p[role=status]")
    expect(told).to_contain_text(f"Done for {done} applications.")
    expect(told).to_contain_text(f"{left} are left." if left else "All of them had their turn.")


def test_parcels_go_on_by_themselves_to_the_end(page_for, outbox):
    page = page_for("coordinator", locale="en-GB")
    follow(write(page, "By itself"))
    said(page, MANY, 0)
    assert outbox("By itself") == (MANY, {1}, 3 * AT_ONCE)
    assert (page.errors, page.refused()) == ([], [])


def test_a_reload_half_way_sends_nothing_twice_and_goes_on(page_for, outbox):
    """The script does not arrive, so that the page stops after the first parcel; then it is loaded again, with it."""
    page = page_for("coordinator", locale="en-GB")
    page.route("**/cms-parcels*.js", lambda route: route.abort())
    follow(write(page, "Reloaded"))
    said(page, PARCEL, MANY - PARCEL)
    assert outbox("Reloaded") == (PARCEL, {1}, AT_ONCE)
    page.unroute("**/cms-parcels*.js")
    page.reload(wait_until="commit")
    said(page, MANY, 0)
    assert outbox("Reloaded") == (MANY, {1}, 3 * AT_ONCE)


def test_without_script_a_button_does_each_parcel(page_for, outbox):
    page = page_for("coordinator", locale="en-GB", script=False)
    follow(write(page, "By hand"))
    said(page, PARCEL, MANY - PARCEL)
    page.reload()  # the parcel is posted again, and everybody in it has the letter
    said(page, PARCEL, MANY - PARCEL)
    assert outbox("By hand") == (PARCEL, {1}, AT_ONCE)
    follow(page.get_by_role("button", name=f"Go on with the next {PARCEL}"))
    said(page, 2 * PARCEL, 30)
    follow(page.get_by_role("button", name="Go on with the next 30"))
    said(page, MANY, 0)
    assert outbox("By hand") == (MANY, {1}, 3 * AT_ONCE)
