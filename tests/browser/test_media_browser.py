"""Sound of our own in a real browser: nothing is asked for before the button, and another device goes on at the second."""

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import until
from tests.prepared import manage

PAGE = "/en/modules/listening/a-minute/"
# a minute of silence: each frame of MPEG-1 layer III at 32 kbit/s is a head and nothing
SEED = """
from django.core.files.base import ContentFile
from wagtail.models import Collection, Locale
from academy.models import AcademyDocument
from courses.models import LessonPage, ModuleLibraryPage, ModulePage
locale = Locale.objects.get(language_code="en")
if not ModulePage.objects.filter(slug="listening", locale=locale).exists():
    sound = AcademyDocument(title="A minute", collection=Collection.get_first_root_node())
    sound.file.save("minute.mp3", ContentFile((bytes.fromhex("fffb1064") + bytes(100)) * 2300), save=False)
    sound._set_document_file_metadata()
    sound.save()
    module = ModuleLibraryPage.objects.get(locale=locale).add_child(instance=ModulePage(title="Listening", slug="listening", locale=locale))
    value = {"title": "A minute", "file": sound.pk, "minutes": 1, "audio": None, "captions": [], "transcript": "<p>Nothing is said.</p>", "poster": None}
    body = [{"type": "media", "id": "11111111-1111-4111-8111-111111111111", "value": value}]
    module.add_child(instance=LessonPage(title="A minute", slug="a-minute", locale=locale, body=body)).save_revision().publish()
"""


@pytest.fixture(scope="module", autouse=True)
def _lesson(server, server_folder):
    manage("shell", "-c", SEED, DATA_DIR=str(server_folder))


def test_sound_is_asked_for_by_its_button_and_goes_on_elsewhere(page_for, axe):
    page, asked = page_for("promoter", locale="en-GB", width=320), []
    page.on("request", lambda request: asked.append(request.url) if "/documents/" in request.url else None)
    page.goto(PAGE)
    button, sound = page.get_by_role("button", name="Play the sound (233.6 KB, 1 min)"), page.locator("audio")
    expect(button).to_be_visible()
    assert (axe(page), asked) == ([], [])
    button.click()
    until(lambda: sound.evaluate("sound => !sound.paused && sound.currentTime > 0"))
    assert asked
    expect(sound).to_be_focused()
    sound.evaluate("sound => { sound.currentTime = 37 }")
    until(lambda: sound.evaluate("sound => !sound.seeking && sound.currentTime > 37"))
    with page.expect_response("**/progress") as told:
        sound.evaluate("sound => sound.pause()")
    assert told.value.ok
    assert (page.refused(), page.errors) == ([], [])

    other = page_for("promoter", locale="en-GB", dark=True)
    other.goto(PAGE)
    expect(other.get_by_role("link", name="Go on playing at 0:3")).to_be_visible()
    other.get_by_role("button", name="Play the sound").click()
    until(lambda: other.locator("audio").evaluate("sound => !sound.paused && sound.currentTime > 36"))
    assert axe(other) == []


def test_without_script_the_player_of_the_browser_is_there(page_for):
    page = page_for(locale="en-GB", script=False)
    page.goto(PAGE)
    expect(page.locator("audio[controls]")).to_be_visible()
    expect(page.get_by_role("button", name="Play the sound")).to_have_count(0)
    expect(page.get_by_role("link", name="Take the sound along")).to_be_visible()


def test_without_a_network_it_is_said_in_words(page_for):
    page = page_for(locale="en-GB", width=320)
    page.goto(PAGE)
    page.context.set_offline(True)
    page.get_by_role("button", name="Play the sound").click()
    expect(page.locator("[data-part=lost]")).to_have_text("There is no network: this plays when it is back.")
