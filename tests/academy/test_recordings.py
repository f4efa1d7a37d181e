"""Video, sound and captions: taken by what they are, given back by whoever may read them, in parts for a player that seeks."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.models import Collection, CollectionViewRestriction

from academy import recordings
from academy.extraction import ExtractionStatus, extract
from academy.models import AcademyDocument
from tests.factories.recordings import HEADS, make_recording


@pytest.mark.parametrize(("kind", "head"), HEADS.items())
def test_each_kind_is_known_by_its_first_bytes_and_its_name(kind, head):
    assert recordings.is_what_it_says(head, f"A.{kind.upper()}") is True
    assert [other for other in HEADS if recordings.is_what_it_says(head, f"a.{other}")] == (
        ["mp4", "m4a"] if kind in ("mp4", "m4a") else [kind]
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.mp4", b"<!doctype html><script>alert(1)</script>"),
        ("a.mp4", b"\x00\x00\x00\x1cftypavif"),
        ("a.webm", b"\x1aE\xdf\xa3\x42\x82\x88matroska"),
        ("a.mp3", b"\xff\xf1\x50\x80"),
        ("a.vtt", b"1\n00:00:01,000 --> 00:00:02,000\nHello"),
        ("a.vtt", b"WEBVTTX"),
        ("a.wav", b"RIFF\x00\x00\x00\x00WAVE"),
        ("a.ogg", b""),
    ],
)
def test_what_would_not_play_is_none_of_them(name, content):
    assert recordings.is_what_it_says(content, name) is False


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "taken"), [("x.mp4", True), ("x.vtt", True), ("y.mp4", False), ("y.vtt", False), ("y.wav", False)])
def test_trainer_uploads_what_plays_and_is_told_what_does_not(client_for, trainer, name, taken):
    content = HEADS[name[2:]] if taken else b"<!doctype html><script>alert(1)</script>"
    data = {"title": "A file", "file": SimpleUploadedFile(name, content), "collection": Collection.get_first_root_node().pk}
    answer = client_for(trainer).post(reverse("wagtaildocs:add"), data, headers={"accept-language": "en"})
    assert AcademyDocument.objects.count() == taken
    if taken:
        with AcademyDocument.objects.get().file.open() as file:
            assert file.read() == content
    elif not name.endswith("wav"):
        assert f"{name} is not what its name says" in answer.content.decode()


def test_nobody_looks_for_words_inside_a_recording():
    assert [extract(head, f"a.{kind}").status for kind, head in HEADS.items()] == [ExtractionStatus.UNSUPPORTED] * len(HEADS)


# --- the door


def body_of(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.fixture
def video(db):
    return make_recording("lesson.mp4", HEADS["mp4"] + bytes(range(256)) * 4)


@pytest.fixture
def content(video):
    with video.file.open() as file:
        return file.read()


@pytest.mark.parametrize(
    ("asked", "start", "end"), [("bytes=0-9", 0, 10), ("bytes=100-", 100, None), ("bytes=-7", -7, None), ("bytes=50-999999", 50, None)]
)
def test_a_part_is_given_to_who_asks_for_a_part(video, content, visitor_client, asked, start, end):
    answer = visitor_client.get(video.url, headers={"range": asked})
    wanted = content[start:end]
    first = start if start >= 0 else len(content) + start
    assert (answer.status_code, body_of(answer)) == (206, wanted)
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(wanted) - 1}/{len(content)}"
    assert (answer.headers["Content-Length"], answer.headers["Content-Type"]) == (str(len(wanted)), "video/mp4")
    assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-cache", "nosniff")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_whole_file_says_that_it_can_be_had_in_parts(video, content, visitor_client):
    answer = visitor_client.get(video.url)
    assert (answer.status_code, body_of(answer), answer.headers["Accept-Ranges"]) == (200, content, "bytes")
    assert "Content-Encoding" not in answer.headers
    answer = visitor_client.head(video.url, headers={"range": "bytes=0-9"})
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(len(content)))


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=9-3", "bytes=-", "lines=1-2", "bytes=a-b", ""])
def test_what_is_no_single_part_gives_the_whole(video, content, visitor_client, asked):
    answer = visitor_client.get(video.url, headers={"range": asked})
    assert (answer.status_code, body_of(answer)) == (200, content)


@pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=-0"])
def test_a_part_beyond_the_end_is_refused_with_the_size(video, content, visitor_client, asked):
    answer = visitor_client.get(video.url, headers={"range": asked})
    assert (answer.status_code, answer.headers["Content-Range"], body_of(answer)) == (416, f"bytes */{len(content)}", b"")


def test_who_has_the_beginning_of_an_older_file_gets_the_new_one_whole(video, content, visitor_client):
    tag = visitor_client.get(video.url).headers["ETag"]
    answer = visitor_client.get(video.url, headers={"range": "bytes=5-", "if-range": tag})
    assert (answer.status_code, body_of(answer)) == (206, content[5:])
    answer = visitor_client.get(video.url, headers={"range": "bytes=5-", "if-range": '"older"'})
    assert (answer.status_code, body_of(answer)) == (200, content)


def test_a_player_that_asks_for_the_rest_gets_a_part_of_it_and_a_download_all(video, content, visitor_client, monkeypatch):
    monkeypatch.setattr("academy.documents.PART_FOR_PLAYERS", 100)
    asked = {"range": "bytes=10-", "sec-fetch-dest": "video"}
    answer = visitor_client.get(video.url, headers=asked)
    assert (body_of(answer), answer.headers["Content-Range"]) == (content[10:110], f"bytes 10-109/{len(content)}")
    assert body_of(visitor_client.get(video.url, headers={**asked, "sec-fetch-dest": "document"})) == content[10:]


@pytest.mark.django_db
def test_a_part_asks_who_reads_as_the_whole_does(visitor_client, client_for, promoter):
    closed = make_recording(collection=Collection.get_first_root_node().add_child(name="Closed"))
    CollectionViewRestriction.objects.create(collection=closed.collection, restriction_type="login")
    answer = visitor_client.get(closed.url, headers={"range": "bytes=0-9"})
    assert (answer.status_code, "/accounts/login/" in answer.headers["Location"]) == (302, True)
    answer = client_for(promoter).get(closed.url, headers={"range": "bytes=0-9"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (206, "private, no-store")


def test_captions_are_given_as_captions(db, visitor_client):
    assert visitor_client.get(make_recording("fr.vtt").url).headers["Content-Type"] == "text/vtt"
    assert visitor_client.get(make_recording("fr.m4a").url).headers["Content-Type"] == "audio/mp4"
