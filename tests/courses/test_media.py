"""Video and sound of our own in a lesson: what is refused, what a learner sees before anything is loaded, where they go on."""

import uuid
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from wagtail.blocks.struct_block import StructBlockValidationError

from academy.extraction import extract
from courses import actions
from courses.blocks import MediaBlock
from courses.models import ActivityRecord, LessonPage
from tests.factories.courses import make_lesson, make_module
from tests.factories.recordings import make_recording

pytestmark = pytest.mark.django_db
BLOCK = "5b1f0e8e-3c1a-4f0e-9a52-0c6f6f1d2a11"  # the same in every process that collects these tests


def media(**value) -> dict:
    captions = [{"type": "item", "id": str(uuid.uuid4()), "value": one} for one in value.pop("captions", [])]
    value = {"title": "The first meeting", "transcript": "", "minutes": None, "audio": None, "poster": None, **value}
    return {"type": "media", "id": BLOCK, "value": {**value, "captions": captions}}


def make_media_lesson(**value) -> LessonPage:
    return make_lesson(make_module(), "Watch it", body=[media(**value)])


@translation.override("en")
def problems(*, draft: bool = False, **value) -> dict[str, list[str]]:
    """What the editor says, field by field."""
    block = MediaBlock()
    try:
        (block.clean_deferred if draft else block.clean)(block.to_python(media(**value)["value"]))
    except StructBlockValidationError as refused:
        return {name: getattr(error, "messages", ["inside"]) for name, error in refused.block_errors.items()}
    return {}


def test_a_video_is_published_with_captions_or_a_transcript_and_may_wait_for_them_as_a_draft():
    video = make_recording("a.mp4").pk
    captions = [{"language": "fr", "document": make_recording("fr.vtt").pk}]
    said = "Add captions or write the transcript: who cannot hear has nothing else."
    assert problems(file=video) == problems(file=video, transcript="<p> </p>") == {"transcript": [said]}
    assert (
        problems(file=video, draft=True) == problems(file=video, captions=captions) == problems(file=video, transcript="<p>Hello</p>") == {}
    )


def test_sound_needs_a_transcript_because_captions_show_on_pictures_only():
    sound = make_recording("a.mp3").pk
    captions = [{"language": "fr", "document": make_recording("fr.vtt").pk}]
    assert problems(file=sound, captions=captions) == {"transcript": ["Write the transcript: who cannot hear has nothing else."]}
    assert problems(file=sound, transcript="<p>Hello</p>") == {}


def test_files_of_another_kind_are_refused_with_what_to_choose():
    words = {"transcript": "<p>Hello</p>"}
    video, note = make_recording("a.mp4").pk, make_recording("n.txt", b"note").pk
    assert problems(file=note, **words) == {"file": ["n.txt is of another kind: choose .mp4, .webm, .mp3, .ogg, .m4a."]}
    assert problems(file=video, audio=video, **words) == {"audio": ["a.mp4 is of another kind: choose .mp3, .ogg, .m4a."]}
    assert list(problems(file=video, captions=[{"language": "fr", "document": note}], **words)) == ["captions"]
    broken = make_recording("b.webm", b"no video")
    said = "b.webm is not what its name says, so it would not play. Export it again from the programme that made it."
    assert problems(file=broken.pk, draft=True) == {"file": [said]}
    assert list(problems(file=None, **words)) == ["file"]


def test_nothing_is_loaded_before_it_is_asked_for_and_its_size_is_written(client):
    video = make_recording("a.mp4", make_recording("x.mp4").file.read() + b"x" * 2_000_000)
    captions = [{"language": "fr", "document": make_recording("fr.vtt").pk}, {"language": "en", "document": None}]
    sound = make_recording("a.mp3")
    lesson = make_media_lesson(file=video.pk, minutes=4, captions=captions, transcript="<p>Hello <b>all</b></p>", audio=sound.pk)
    html = client.get(lesson.url).content.decode().replace("\xa0", " ")
    assert '<video controls playsinline preload="none" aria-label="The first meeting">' in html
    assert f'<source src="{video.url}" type="video/mp4">' in html
    assert html.count("<track ") == 1
    assert 'kind="captions" src="/documents/' in html
    assert 'srclang="fr" label="Français"' in html
    assert "Play the video (1.9 MB, 4 min)" in html
    assert "<summary>Listen only, on a slow connection (2.9 KB)</summary>" in html
    assert f'preload="none" aria-label="The first meeting"><source src="{sound.url}" type="audio/mpeg"></audio>' in html
    assert "<summary>Transcript</summary>" in html
    assert "Hello <b>all</b>" in html
    assert "js/media" in html
    assert "js/media" not in client.get(make_lesson(make_module("Other")).url).content.decode()


def test_sound_has_a_player_of_its_own_and_a_draft_without_a_file_shows_nothing(client):
    html = client.get(make_media_lesson(file=make_recording("a.ogg").pk, transcript="<p>Hello</p>").url).content.decode()
    assert '<audio controls preload="none" aria-label="The first meeting"><source' in html
    assert "Play the sound (2.9" in html
    assert "<figure" not in client.get(make_media_lesson(file=None).url).content.decode()


def test_many_videos_cost_no_more_than_one(client):
    def queries(number: int) -> int:
        body = [{**media(file=make_recording(f"{n}.mp4").pk, transcript="<p>Hello</p>"), "id": str(uuid.uuid4())} for n in range(number)]
        lesson = make_lesson(make_module(), "Watch", body=body)
        client.get(lesson.url)
        LessonPage.objects.get(pk=lesson.pk).save_revision().publish()
        with CaptureQueriesContext(connection) as found:
            client.get(lesson.url)
        return len(found)

    assert queries(1) == queries(3)


# --- where they go on


def tell(client, lesson, position, sequence=1):
    data = {"client": "tab", "sequence": sequence, "progress": "0.5", "position": position, "seconds": 3}
    return client.post(reverse("courses_progress", args=[lesson.translation_key]), data, headers={"accept": "application/json"})


def test_another_device_goes_on_at_the_heading_and_at_the_second(client_for, promoter):
    heading = {"type": "heading", "id": str(uuid.uuid4()), "value": {"level": "2", "text": "Why it pays", "anchor": ""}}
    body = [heading, media(file=make_recording("a.mp4").pk, transcript="<p>Hello</p>")]
    lesson, client = make_lesson(make_module(), body=body), client_for(promoter)
    assert 'data-academy-place=""' in client.get(lesson.url).content.decode()
    assert tell(client, lesson, f"why-it-pays media-{BLOCK}@205").status_code == 200
    html = client.get(lesson.url).content.decode()
    assert f'data-academy-heading="why-it-pays" data-academy-place="media-{BLOCK}@205"' in html
    assert '<a href="#why-it-pays">' in html
    assert f'<a href="#media-{BLOCK}">Go on playing at 3:25</a>' in html
    actions.record_progress(lesson, by=promoter, client="tab", sequence=2, progress=1.0, position=f"media-{BLOCK}@9")
    html = client.get(lesson.url).content.decode()
    assert "Go on where you stopped" not in html
    assert "Go on playing at 0:09" in html


@pytest.mark.parametrize("position", ["media-0f2c4b6d-8e1a-4c3b-9d5e-7a6b5c4d3e2f@12", f"media-{BLOCK}@0", "media-x@1", "why"])
def test_what_is_no_place_in_this_lesson_is_not_gone_on_with(client_for, promoter, position):
    lesson, client = make_media_lesson(file=make_recording("a.mp4").pk, transcript="<p>Hello</p>"), client_for(promoter)
    tell(client, lesson, position)
    assert ActivityRecord.objects.get().position == position
    assert "Go on playing" not in client.get(lesson.url).content.decode()


# --- elsewhere


def test_search_finds_what_is_said(client, django_capture_on_commit_callbacks):
    video = make_recording("a.mp4").pk
    with django_capture_on_commit_callbacks(execute=True):
        lesson = make_media_lesson(file=video, transcript="<p>The zircon is a stone</p>", captions=[])
    found = client.get("/en/search/?q=zircon").context["found"]
    assert [hit.href for hit in found.hits] == [lesson.url]


def test_paper_says_what_it_is_where_it_is_and_what_is_said(client):
    video = make_recording("a.mp4")
    lesson = make_media_lesson(file=video.pk, minutes=4, transcript="<p>Hello from Brussels</p>")
    module = lesson.get_parent().specific
    pdf = client.get(reverse("courses_module_pdf", args=[module.translation_key])).content
    words = " ".join(" ".join(passage.text for passage in extract(pdf, "m.pdf").passages).split())
    parts = ("The first meeting", "Video · 4 min ·", f"/documents/{video.pk}/a.mp4", "Transcript", "Hello from Brussels")
    assert [part for part in parts if part not in words] == []
    book = ZipFile(BytesIO(client.get(reverse("courses_module_epub", args=[module.translation_key])).content))
    chapter = book.read("book/chapter-1.xhtml").decode()
    assert [part for part in parts if part not in chapter] == []
    html = client.get(reverse("courses_module_print", args=[module.translation_key])).content.decode()
    assert "Hello from Brussels" in html
