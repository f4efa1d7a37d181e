"""No picture keeps what the camera wrote into it (where, when, with whose telephone), whatever door it comes in by; it is turned as it is to be
seen, and keeps its colours."""

from base64 import b64encode
from hashlib import sha1
from io import BytesIO

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, ImageCms, PngImagePlugin
from wagtail.models import Collection, UploadedFile

from academy.camera import bare
from academy.files import RefusedFile
from academy.models import AcademyImage
from courses import actions as course_actions
from courses.exchange.plain import Picture, PlainQuestion
from courses.uploads import taken
from tests.cohorts.test_afterwards import begun, photograph
from tests.cohorts.test_monographs import shelf_in
from tests.factories.cohorts import SessionFactory
from tests.factories.courses import make_module, make_quiz
from tests.wiki.test_import_pictures import word
from tests.wiki.test_import_tree import bring, folder_of
from wiki.pictures import keep_picture

pytestmark = pytest.mark.django_db
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def exif(turned: int = 6) -> Image.Exif:
    said = Image.Exif()
    said[0x0112], said[0x010F], said[0x0132] = turned, "Telephone of Ada", "2026:11:27 10:00:00"
    place = said.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (50.0, 50.0, 0.0), "E", (4.0, 21.0, 0.0)
    return said


def photo(kind: str = "JPEG", *, turned: int = 6, **said) -> bytes:
    out = BytesIO()
    Image.radial_gradient("L").resize((60, 40)).convert("RGB").save(out, kind, exif=exif(turned), icc_profile=PROFILE, **said)
    assert says_where(out.getvalue())
    return out.getvalue()


def says_where(content: bytes) -> bool:
    with Image.open(BytesIO(content)) as opened:
        opened.load()
        return bool(opened.getexif()) or b"Ada" in content or b"xmp" in content.lower()


def seen(content: bytes) -> tuple[tuple[int, int], bool]:
    with Image.open(BytesIO(content)) as opened:
        return opened.size, opened.info.get("icc_profile") == PROFILE


# --- the picture


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "PNG"])
@pytest.mark.parametrize(("turned", "size"), [(6, (40, 60)), (1, (60, 40))])
def test_it_goes_and_the_picture_stays_turned_with_its_colours(kind, turned, size):
    once = bare(photo(kind, turned=turned), name="a")
    assert (says_where(once), seen(once)) == (False, (size, True))
    assert bare(once, name="a") == once
    assert Image.open(BytesIO(once)).format == kind


def test_a_photo_that_is_not_turned_loses_nothing_of_what_is_seen():
    before, after = (Image.open(BytesIO(one)).convert("L") for one in (photo(turned=1), bare(photo(turned=1), name="a.jpg")))
    assert max(abs(one - other) for one, other in zip(before.tobytes(), after.tobytes(), strict=True)) <= 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_what_says_nothing_keeps_its_bytes(kind):
    out = BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, kind)
    assert bare(out.getvalue(), name="a") == out.getvalue()


def test_words_beside_the_points_go_without_a_point_changed():
    words, out = PngImagePlugin.PngInfo(), BytesIO()
    words.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>Ada</x:xmpmeta>")
    words.add_text("Author", "Ada", zip=False)
    Image.radial_gradient("L").save(out, "PNG", pnginfo=words)
    after = bare(out.getvalue() + b"Ada was here", name="a.png")
    assert says_where(after) is False
    assert Image.open(BytesIO(after)).tobytes() == Image.radial_gradient("L").tobytes()


def test_comments_xmp_and_what_hangs_behind_go():
    out = BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "JPEG", comment=b"Ada", xmp=b"<x:xmpmeta>Ada</x:xmpmeta>")
    assert says_where(bare(out.getvalue(), name="a.jpg")) is False
    plain = BytesIO()
    Image.new("RGB", (60, 40), "red").save(plain, "JPEG")
    assert says_where(bare(plain.getvalue() + b"ftypmp42 Ada", name="a.jpg")) is False
    parts = plain.getvalue()[:2] + b"\xff\xed\x00\x06Ada!" + plain.getvalue()[2:]
    assert says_where(bare(parts, name="a.jpg")) is False


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_what_moves_still_moves(kind):
    out = BytesIO()
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "blue", "green")]
    said = {"comment": b"Ada"} if kind == "GIF" else {"exif": exif()}
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0, **said)
    after = bare(out.getvalue(), name="a")
    opened = Image.open(BytesIO(after))
    assert (says_where(after), opened.n_frames, opened.info["loop"]) == (False, 3, 0)


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0", b"", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, b"<svg/>"])
def test_what_is_broken_or_no_picture_is_refused(content):
    with pytest.raises(RefusedFile):
        bare(content, name="a.jpg")


# --- the doors


def kept() -> AcademyImage:
    image = AcademyImage.objects.get()
    with image.file.open("rb") as file:
        content = file.read()
    assert (says_where(content), seen(content), image.width, image.height) == (False, ((40, 60), True), 40, 60)
    assert (image.get_file_size(), image.get_file_hash()) == (len(content), sha1(content, usedforsecurity=False).hexdigest())
    return image


def root():
    return Collection.get_first_root_node()


@pytest.mark.parametrize(
    ("view", "prefix", "name"),
    [
        ("wagtailimages:add", "", "file"),
        ("wagtailimages_chooser:create", "image-chooser-upload-", "file"),
        ("wagtailimages:add_multiple", "", "files[]"),
    ],
)
def test_added_in_the_cms(client_for, trainer, view, prefix, name):
    upload = SimpleUploadedFile("a.jpg", photo(), "image/jpeg")
    data = {f"{prefix}title": "A", f"{prefix}{name}": upload, f"{prefix}collection": root().pk}
    client_for(trainer).post(reverse(view), data, headers={"X-Requested-With": "XMLHttpRequest"})
    kept()


def test_added_in_the_cms_after_its_words_were_asked_for(client_for, trainer):
    upload = SimpleUploadedFile("a.jpg", photo(), "image/jpeg")
    kind = ContentType.objects.get_for_model(AcademyImage)
    waiting = UploadedFile.objects.create(for_content_type=kind, file=upload, uploaded_by_user=trainer)
    prefix = f"uploaded-image-{waiting.pk}"
    data = {f"{prefix}-title": "A", f"{prefix}-collection": root().pk, f"{prefix}-tags": ""}
    address = reverse("wagtailimages:create_multiple_from_uploaded_image", args=[waiting.pk])
    client_for(trainer).post(address, data, headers={"X-Requested-With": "XMLHttpRequest"})
    kept()


def test_put_in_the_place_of_another_in_the_cms(client_for, trainer):
    plain = BytesIO()
    Image.new("RGB", (10, 10), "red").save(plain, "PNG")
    image = AcademyImage.objects.create(title="A", file=ContentFile(plain.getvalue(), name="a.png"))
    data = {"title": "A", "file": SimpleUploadedFile("b.jpg", photo(), "image/jpeg"), "collection": root().pk}
    assert client_for(trainer).post(reverse("wagtailimages:edit", args=[image.pk]), data).status_code == 302
    assert kept() == image


def test_a_picture_that_is_refused_is_said_in_the_cms(client_for, trainer, settings):
    settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS = None
    out = BytesIO()
    Image.new("L", (20_001, 1)).save(out, "PNG")
    data = {"title": "A", "file": SimpleUploadedFile("a.png", out.getvalue(), "image/png"), "collection": root().pk}
    answer = client_for(trainer).post(reverse("wagtailimages:add"), data)
    assert (answer.status_code, list(answer.context["form"].errors), AcademyImage.objects.count()) == (200, ["file"], 0)


def test_made_by_code():
    AcademyImage.objects.create(title="A", file=ContentFile(photo(), name="a.jpg"))
    kept()


def test_inside_an_imported_pad(tmp_path):
    bring(shelf_in("en", "Shelf"), folder_of({"a.docx": word((photo(), "The plan"))}, tmp_path / "x"))
    kept()


def test_beside_an_imported_page_and_alone(tmp_path):
    bring(shelf_in("en", "Shelf"), folder_of({"a.md": "# A\n\n![The plan](plan.jpg)\n\nText.\n", "plan.jpg": photo()}, tmp_path / "x"))
    kept()


def test_the_same_photo_again_is_the_one_that_is_there(trainer):
    one, other = (keep_picture(photo(), name="a.jpg", collection=root(), by=trainer) for _time in range(2))
    assert (one, kept()) == (other, one)


def test_with_an_imported_question(trainer):
    quiz = make_quiz(make_module())
    question = PlainQuestion("true_false", "<p>Seen?</p>", {"is_true": True}, picture=Picture("a.jpg", photo(), "The plan"))
    course_actions.import_questions(quiz, questions=[question], by=trainer)
    kept()


def test_a_photo_of_a_session(trainer):
    photograph(begun(SessionFactory()), trainer, content=photo(), name="chairs.jpg")
    kept()


def test_handed_in_attached_or_brought_as_a_proof():
    brought = taken(SimpleUploadedFile("a.jpg", photo(), "image/jpeg"))
    assert (says_where(brought.content), seen(brought.content), brought.kind) == (False, ((40, 60), True), "jpg")
    assert brought == taken(SimpleUploadedFile("a.jpg", photo(), "image/jpeg"))


def test_inside_a_page_that_is_its_own_file(tmp_path):
    page = f'<!doctype html><h1>A</h1><p>Text.</p><img alt="The plan" src="data:image/jpeg;base64,{b64encode(photo()).decode()}">'
    bring(shelf_in("en", "Shelf"), folder_of({"a.html": page}, tmp_path / "x"))
    kept()
