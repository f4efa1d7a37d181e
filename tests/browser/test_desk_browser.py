"""The desk on a phone: without a network two people are checked in, with it each is there once; a badge is read by the camera."""

import json
import os
import re
import subprocess
import sys

import pytest
import segno
from playwright.sync_api import expect

from tests.browser.conftest import CHROMIUM, FLAGS, PASSWORD
from tests.prepared import OURS, ROOT

# Three people of the demo who come to a session that has begun. Says its number, and the name and code of each.
MAKE = """
import json, datetime
from django.utils import timezone
from cohorts.models import Cohort, ProjectMember, Registration, Session
from academy.models import User
now, hour = timezone.now(), datetime.timedelta(hours=1)
session = Session.objects.create(title={"en": "Desk", "fr": "Accueil"}, place="Lille", starts_at=now - hour, ends_at=now + 9 * hour, capacity=9,
    registration_deadline=now - hour, cancellation_deadline=now - hour)
session.cohorts.set(Cohort.objects.all())
by = User.objects.get(email="coordinator@demo.example")
people = []
for member in ProjectMember.objects.order_by("person__name").select_related("person"):
    if len(people) < 3 and member.person.name not in [name for name, _code in people]:
        row = Registration.objects.create(session=session, person=member.person, project=member.project, status="ready", requested_at=now,
            requested_by=member.person, confirmed_at=now, funding_verified_at=now, funding_verified_by=by)
        people.append((member.person.name, str(row.pk)))
print("MADE" + json.dumps([str(session.pk), people]))
"""
READ = """
import json
from cohorts.models import CheckIn
rows = CheckIn.objects.filter(registration__session="SESSION").order_by("registration__person__name")
print("MADE" + json.dumps([[str(row.registration_id), row.method, row.annulled_at is None] for row in rows]))
"""

UNPAID = """
from cohorts.models import Registration
Registration.objects.filter(pk="CODE").update(status="confirmed", funding_verified_at=None, funding_verified_by=None)
print("MADE[]")
"""


@pytest.fixture
def shell(server_folder, server):
    def run(code):
        inherited = {name: value for name, value in os.environ.items() if name not in OURS}
        env = {**inherited, "DATA_DIR": str(server_folder), "BASE_URL": server, "DEMO_PASSWORD": PASSWORD}
        command = [sys.executable, "manage.py", "shell", "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)
        assert "MADE" in done.stdout, done.stderr
        return json.loads(done.stdout.rpartition("MADE")[2])

    return run


@pytest.fixture
def held(shell):
    """The session, its people, and how its check-ins are read."""
    session, people = shell(MAKE)
    return session, people, lambda: shell(READ.replace("SESSION", session))


def row(page, name):
    return page.locator("[data-part=list] li[data-academy-person]", has_text=name)


def number(page, what):
    return page.locator(f"dd[data-part={what}]")


def test_two_arrive_without_a_network_and_each_is_there_once(page_for, held, axe):
    session, [(first, _code), (second, code), (third, other)], read = held
    phone = page_for("trainer", width=320, dark=True, locale="en-GB")
    desk = f"/en/sessions/{session}/desk/"
    phone.goto(desk)
    expect(phone.get_by_text("This page works without a network.")).to_be_visible()
    expect(number(phone, "missing")).to_have_text("3")
    assert (axe(phone), phone.evaluate("document.documentElement.scrollWidth <= innerWidth")) == ([], True)
    phone.context.set_offline(True)
    phone.reload()
    expect(phone.locator("h1")).to_have_text("Desk")
    phone.get_by_label("Code or name").fill(first.split()[0].lower())
    expect(row(phone, second)).to_be_hidden()
    row(phone, first).get_by_role("button", name="Check in").click()
    expect(row(phone, first)).to_contain_text("Arrived, to be sent")
    phone.get_by_label("Code or name").fill(code[:8])
    phone.get_by_label("Code or name").press("Enter")
    expect(phone.locator("[data-part=told]")).to_have_text(f"{second} · arrived, to be sent.")
    phone.get_by_label("Code or name").fill(other)
    phone.get_by_label("Code or name").press("Enter")
    expect(number(phone, "here")).to_have_text("3")
    expect(number(phone, "missing")).to_have_text("0")
    phone.reload()
    expect(row(phone, first)).to_contain_text("Arrived, to be sent")
    row(phone, third).get_by_role("button", name="Take it back").click()
    expect(number(phone, "here")).to_have_text("2")
    assert (axe(phone), phone.evaluate("document.documentElement.scrollWidth <= innerWidth")) == ([], True)
    assert read() == []
    phone.context.set_offline(False)
    for name in (first, second):
        expect(row(phone, name)).to_have_attribute("data-state", "attended")
    expect(phone.locator("[data-academy-outbox]")).to_be_hidden()
    expect(phone.locator("[data-part=told]")).not_to_contain_text("to be sent")
    assert read() == [[held[1][0][1], "desk", True], [code, "desk", True]]
    assert (phone.errors, phone.refused()) == ([], [])


def test_second_device_is_told_who_was_first_until_it_is_ticked_off(page_for, held):
    session, [(name, _code), *_others], read = held
    desk = f"/en/sessions/{session}/desk/"
    late, quick = page_for("trainer", width=360, locale="en-GB"), page_for("coordinator", width=360, locale="en-GB")
    late.goto(desk)
    expect(late.get_by_text("This page works without a network.")).to_be_visible()
    late.context.set_offline(True)
    row(late, name).get_by_role("button", name="Check in").click()
    expect(row(late, name)).to_contain_text("to be sent")
    quick.goto(desk)
    row(quick, name).get_by_role("button", name="Check in").click()
    expect(row(quick, name)).to_have_attribute("data-state", "attended")
    expect(number(quick, "here")).to_have_text("1")
    late.context.set_offline(False)
    refused = late.locator("[data-academy-outbox] li", has_text=name)
    expect(refused).to_contain_text("Is here already")
    late.reload()
    expect(refused).to_contain_text("Is here already")
    expect(row(late, name)).to_have_attribute("data-state", "attended")
    refused.get_by_role("button", name="I have seen it").click()
    expect(refused).to_have_count(0)
    late.goto(desk)
    expect(refused).to_have_count(0)
    assert len(read()) == 1
    assert (late.errors, quick.errors) == ([], [])


def test_who_was_signed_out_meanwhile_keeps_what_was_noted(page_for, held):
    session, [(name, _code), *_others], read = held
    phone = page_for("trainer", width=360, locale="en-GB")
    phone.goto(f"/en/sessions/{session}/desk/")
    cookies = phone.context.cookies()
    phone.context.clear_cookies()
    row(phone, name).get_by_role("button", name="Check in").click()
    expect(phone.locator("[data-part=told]")).to_contain_text("kept on this device until you sign in again.")
    expect(phone.get_by_role("link", name=re.compile("Sign in to send"))).to_be_visible()
    assert read() == []
    phone.context.add_cookies(cookies)
    phone.reload()
    expect(row(phone, name)).to_have_attribute("data-state", "attended")
    assert len(read()) == 1


def test_what_needs_the_network_says_so_and_what_will_be_refused_is_told_at_once(page_for, held, shell):
    session, [(name, code), (other, _code), *_others], read = held
    shell(UNPAID.replace("CODE", code))
    phone = page_for("coordinator", width=320, locale="en-GB")
    phone.goto(f"/en/sessions/{session}/desk/")
    expect(phone.get_by_text("This page works without a network.")).to_be_visible()
    phone.context.set_offline(True)
    told = phone.locator("[data-part=told]")
    row(phone, name).get_by_role("button", name="Funding is fine").click()
    expect(told).to_have_text("There is no network: this can be done once it is back.")
    phone.get_by_label("Code or name").fill(code[:8])
    phone.get_by_label("Code or name").press("Enter")
    expect(told).to_contain_text("or it will be refused.")
    phone.get_by_label("Code or name").fill(" ".join(reversed(other.upper().split())))
    expect(row(phone, other)).to_be_visible()
    expect(row(phone, name)).to_be_hidden()
    phone.context.set_offline(False)
    expect(phone.locator("[data-academy-outbox] li", has_text=name)).to_contain_text("Nobody has checked this person's funding yet")
    expect(phone.locator("[data-part=list]")).to_contain_text("Not let in")
    assert read() == []
    assert phone.errors == []


def test_without_script_the_forms_do_it(page_for, held):
    session, [(name, code), *_others], read = held
    page = page_for("trainer", width=320, locale="en-GB", script=False)
    page.goto(f"/en/sessions/{session}/desk/?code={code}")
    expect(page.get_by_role("button", name="Scan a badge")).to_have_count(0)
    page.locator("#found").get_by_role("button", name="Check in").click()
    expect(row(page, name)).to_have_attribute("data-state", "attended")
    assert read() == [[code, "qr", True]]


def picture(text, path):
    """A film of one picture, as Chromium's make-believe camera wants it: the code in black on white."""
    width, height, scale = 640, 480, 9
    matrix = [list(line) for line in segno.make(text, error="m").matrix_iter(scale=scale, border=4)]
    grey = bytearray(b"\xeb" * (width * height))
    top, left = (height - len(matrix)) // 2, (width - len(matrix)) // 2
    for y, line in enumerate(matrix):
        for x, dark in enumerate(line):
            if dark and 0 <= top + y < height:
                grey[(top + y) * width + left + x] = 16
    chroma = bytes([128]) * (width * height // 2)
    path.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + (b"FRAME\n" + bytes(grey) + chroma) * 2)


def test_badge_is_read_by_the_camera(browser, server, signed_in, held, tmp_path):
    session, [_first, (name, code), *_others], read = held
    film = tmp_path / "badge.y4m"
    picture(f"{server}/check-in/{code}/", film)
    pretend = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
    camera = browser.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *pretend])
    context = camera.new_context(
        base_url=server, storage_state=signed_in("trainer"), viewport={"width": 360, "height": 740}, locale="en-GB"
    )
    page, loaded = context.new_page(), []
    page.on("request", lambda request: loaded.append(request.url) if "/vendor/" in request.url else None)
    page.goto(f"/en/sessions/{session}/desk/")
    mapped = page.evaluate("text => academyDesk.find(text)", f"https://elsewhere.example/check-in/{code}/")
    assert mapped == code
    page.get_by_role("button", name="Scan a badge").click()
    expect(row(page, name)).to_have_attribute("data-state", "attended", timeout=60000)
    expect(page.locator("[data-part=told]")).to_contain_text(name)
    page.get_by_role("button", name="Stop the camera").click()
    expect(page.locator("video")).to_be_hidden()
    assert read() == [[code, "qr", True]]
    camera.close()
