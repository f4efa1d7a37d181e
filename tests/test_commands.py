"""What `make run`, `backup` and `restore` do, and what they say when they cannot."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from academy import backup, start
from academy.models import User
from tests.factories.academy import UserFactory

# --- is it alive, is it ready


def test_health_touches_no_database(visitor_client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert visitor_client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_when_everything_works(visitor_client):
    response = visitor_client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "failed": []})


@pytest.mark.django_db
def test_not_ready_names_the_migration_the_cache_and_the_storage(visitor_client, settings, tmp_path):
    MigrationRecorder.Migration.objects.filter(app="academy").delete()
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}}
    response = visitor_client.get("/readyz")
    assert (response.status_code, response.json()["failed"]) == (503, ["cache", "database", "storage"])


# --- make run


@pytest.fixture
def said(capsys):
    """Runs something that must stop, and gives the one sentence."""

    def run(function, *arguments) -> str:
        with pytest.raises(SystemExit) as end:
            function(*arguments)
        assert end.value.code == 1
        sentence = capsys.readouterr().err.strip()
        assert "\n" not in sentence
        return sentence

    return run


def test_taken_port_is_said_before_anything_is_installed(said):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert said(start.check_port, port).startswith(f"Port {port} is already taken")


@pytest.mark.parametrize("value", ["door", "0", "65536", "-1", "８０"])
def test_port_must_be_a_number(monkeypatch, said, value):
    monkeypatch.setenv("PORT", value)
    assert said(start.port_wanted).startswith("PORT is ")


def test_folder_that_cannot_be_written(monkeypatch, said, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file" / "data"))
    assert "choose a folder you can write" in said(start.data_dir)


def test_old_python(monkeypatch, said):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    assert said(start.check_python).startswith("Smart Academy needs Python 3.11")


def test_demo_password_is_kept_for_its_owner_alone(monkeypatch, tmp_path):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    made = start.demo_password(tmp_path)
    assert start.demo_password(tmp_path) == made
    assert (tmp_path / "demo-password").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("DEMO_PASSWORD", "chosen")
    assert start.demo_password(tmp_path) == "chosen"
    monkeypatch.delenv("DEMO_PASSWORD")
    assert start.demo_password(tmp_path) == "chosen"


def test_wrong_setting_is_one_sentence_and_its_own_status(tmp_path):
    given = {**os.environ, "DATA_DIR": str(tmp_path), "CACHE_URL": "memcached://here"}
    done = subprocess.run([sys.executable, "manage.py", "prepare"], cwd=start.ROOT, env=given, capture_output=True, text=True)
    assert done.returncode == os.EX_CONFIG
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("CACHE_URL is ")


def test_prepare_serves_without_demo_where_real_people_are(db):
    UserFactory(email="someone@real.example")
    with pytest.raises(CommandError) as refusal:
        call_command("prepare")
    assert refusal.value.returncode == start.WITHOUT_DEMO
    assert not User.objects.filter(email__endswith="@demo.example").exists()


def test_prepare_says_that_a_database_is_older_than_the_first_release(db):
    MigrationRecorder(connection).record_applied("wiki", "0002_search_indexes")
    with pytest.raises(CommandError, match="made by a version before the first release"):
        call_command("prepare")


def test_translations_ask_for_gettext(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CommandError, match="install it"):
        call_command("translations")


# --- backup and restore


@pytest.mark.django_db(transaction=True)
def test_restore_puts_back_people_and_files(tmp_path):
    file = tmp_path / "academy.zip"
    UserFactory(email="kept@example.org")
    default_storage.save("documents/charter.txt", ContentFile(b"the charter"))
    call_command("backup", str(file), verbosity=0)
    assert file.stat().st_mode & 0o777 == 0o600

    User.objects.all().delete()
    UserFactory(email="later@example.org")
    default_storage.save("documents/later.txt", ContentFile(b"later"))
    with pytest.raises(CommandError, match="--force"):
        call_command("restore", str(file), verbosity=0)
    assert list(User.objects.values_list("email", flat=True)) == ["later@example.org"]

    call_command("restore", str(file), force=True, verbosity=0)
    assert list(User.objects.values_list("email", flat=True)) == ["kept@example.org"]
    assert [name for name, _path in backup.media_files()] == ["media/documents/charter.txt"]
    assert (Path(django_settings.MEDIA_ROOT) / "documents" / "charter.txt").read_bytes() == b"the charter"


def make_zip(file: Path, **changes) -> Path:
    files = {"database/academy.sqlite3": b"not a database"}
    manifest = {
        "format": backup.FORMAT,
        "made_at": "2026-11-23T00:00:00+00:00",
        "engine": connection.vendor,
        "migrations": [],
        "files": {name: {"sha256": hashlib.sha256(words).hexdigest(), "size": len(words)} for name, words in files.items()},
        **changes,
    }
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        for name, words in files.items():
            archive.writestr(name, words)
    return file


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 99}, "format 99"),
        ({"files": {}}, "does not hold the files that it lists"),
        ({"files": {"database/academy.sqlite3": {"sha256": "0" * 64, "size": 14}}}, "is not the file that was put in"),
        ({"engine": "oracle"}, "holds the data of oracle"),
        ({"migrations": ["academy.9999_future"]}, "upgrade first"),
    ],
)
def test_wrong_backup_is_refused_before_anything_changes(db, tmp_path, changes, words):
    with pytest.raises(CommandError, match=words):
        call_command("restore", str(make_zip(tmp_path / "wrong.zip", **changes)))


def test_file_that_is_no_backup_is_refused(db, tmp_path):
    (tmp_path / "letter.zip").write_text("Dear all")
    with pytest.raises(CommandError, match="is damaged, or not a backup"):
        call_command("restore", str(tmp_path / "letter.zip"))
    with pytest.raises(CommandError, match="There is no file"):
        call_command("restore", str(tmp_path / "nothing.zip"))


@pytest.mark.parametrize("name", ["/etc/passwd", "media/../../etc/passwd", "elsewhere/file", "media\\..\\x"])
def test_name_that_leads_out_of_the_folder_is_not_safe(name):
    assert not backup.is_safe(name)
