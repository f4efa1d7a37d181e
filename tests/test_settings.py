"""A wrong value stops the start with one sentence that names the variable and the fix."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from academy import env

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = {
    "DEBUG": lambda name, folder: env.boolean(name),
    "SECRET_KEY": lambda name, folder: env.secret_key(name, folder / "secret-key"),
    "BADGE_KEYS": lambda name, folder: env.rsa_keys(name, folder / "badge-keys.pem"),
    "VISA_KEYS": lambda name, folder: env.keys(name),
    "BASE_URL": lambda name, folder: env.base_url(name, "http://127.0.0.1:8000"),
    "ALLOWED_HOSTS": lambda name, folder: env.host_list(name, []),
    "DATA_DIR": lambda name, folder: env.directory(name, folder),
    "DATABASE_URL": lambda name, folder: env.database(name, folder / "academy.sqlite3"),
    "CACHE_URL": lambda name, folder: env.cache(name, folder / "cache"),
    "EMAIL_URL": lambda name, folder: env.email(name, folder / "mail"),
    "STORAGE_URL": lambda name, folder: env.storage(name, folder / "media"),
}
WRONG = [
    ("DEBUG", "maybe", "1 (yes) or 0 (no)"),
    ("SECRET_KEY", "short", "at least 50 random characters"),
    ("SECRET_KEY", "a" * 60, "at least 50 random characters"),
    ("BADGE_KEYS", "-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----", "RSA private keys of 2048 bits"),
    ("BADGE_KEYS", "secret", "RSA private keys of 2048 bits"),
    ("VISA_KEYS", "x" * 60, "at least 50 random characters"),
    ("BASE_URL", "academy.example", "https://academy.example"),
    ("BASE_URL", "https://academy.example/fr/", "https://academy.example"),
    ("BASE_URL", "https://academy.example:door", "https://academy.example"),
    ("ALLOWED_HOSTS", "https://academy.example", "without scheme or port"),
    ("ALLOWED_HOSTS", "academy.example:8000", "without scheme or port"),
    ("DATA_DIR", "/proc/nowhere", "choose a folder you can write"),
    ("DATABASE_URL", "oracle://host/name", "postgres://user:password@host:5432/name"),
    ("DATABASE_URL", "postgres://host:door/name", "postgres://user:password@host:5432/name"),
    ("DATABASE_URL", "postgres://host", "postgres://user:password@host:5432/name"),
    ("DATABASE_URL", "sqlite://", "sqlite:////absolute/path"),
    ("CACHE_URL", "memcached://host", "redis://host:6379/0"),
    ("CACHE_URL", "file://", "file:///absolute/folder"),
    ("EMAIL_URL", "mail.example", "smtp://user:password@host:587"),
    ("EMAIL_URL", "smtp://host:door", "smtp://user:password@host:587"),
    ("STORAGE_URL", "s3://bucket", "file:///absolute/folder"),
]


@pytest.mark.parametrize(("name", "value", "fix"), WRONG, ids=[f"{name}={value[:30]}" for name, value, _fix in WRONG])
def test_wrong_value_is_one_sentence_with_its_name_and_the_fix(monkeypatch, tmp_path, name, value, fix):
    monkeypatch.setenv(name, value)
    with pytest.raises(env.WrongSetting) as refusal:
        SETTINGS[name](name, tmp_path)
    sentence = str(refusal.value)
    assert sentence.startswith(name)
    assert fix in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "value"), [("DATABASE_URL", "oracle://who:hidden-word@host/name"), ("EMAIL_URL", "pop://who:hidden-word@host")]
)
def test_refused_address_does_not_print_its_password(monkeypatch, tmp_path, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(env.WrongSetting) as refusal:
        SETTINGS[name](name, tmp_path)
    assert "hidden-word" not in str(refusal.value)


def test_wrong_value_stops_the_start(tmp_path):
    given = {**os.environ, "DATA_DIR": str(tmp_path), "DEBUG": "maybe"}
    done = subprocess.run([sys.executable, "manage.py", "check"], cwd=ROOT, env=given, capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stderr.strip() == "DEBUG is 'maybe': write 1 (yes) or 0 (no)."


def test_deployment_behind_https_has_no_warning(tmp_path):
    given = {**os.environ, "DATA_DIR": str(tmp_path), "BASE_URL": "https://academy.example"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], cwd=ROOT, env=given, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_unset_variables_give_a_working_default(monkeypatch, tmp_path):
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    found = {name: read(name, tmp_path) for name, read in SETTINGS.items()}
    assert found["DATABASE_URL"]["NAME"] == str(tmp_path / "academy.sqlite3")
    assert found["DATABASE_URL"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert found["CACHE_URL"]["LOCATION"] == str(tmp_path / "cache")
    assert found["EMAIL_URL"]["EMAIL_FILE_PATH"] == str(tmp_path / "mail")
    assert found["STORAGE_URL"] == tmp_path / "media"
    assert found["DEBUG"] is False


def test_secret_key_is_made_once_and_kept_for_its_owner_alone(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    file = tmp_path / "secret-key"
    first = env.secret_key("SECRET_KEY", file)
    assert env.secret_key("SECRET_KEY", file) == first
    assert len(first) >= 50
    assert file.stat().st_mode & 0o777 == 0o600


def test_badge_keys_are_made_once_and_the_first_of_several_signs(monkeypatch, tmp_path):
    monkeypatch.delenv("BADGE_KEYS", raising=False)
    file = tmp_path / "badge-keys.pem"
    (first,) = env.rsa_keys("BADGE_KEYS", file)
    assert env.rsa_keys("BADGE_KEYS", file) == (first,)
    assert file.stat().st_mode & 0o777 == 0o600
    (second,) = env.rsa_keys("BADGE_KEYS", tmp_path / "newer.pem")
    monkeypatch.setenv("BADGE_KEYS", f"{second}\n{first}".replace("\n", "\\n"))
    assert env.rsa_keys("BADGE_KEYS", file) == (second, first)


def test_postgresql_address_is_read_part_by_part(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://who:pass%40word@db.example:6543/academy?sslmode=require")
    found = env.database("DATABASE_URL", tmp_path / "unused")
    assert (found["ENGINE"], found["HOST"], found["PORT"]) == ("django.db.backends.postgresql", "db.example", "6543")
    assert (found["NAME"], found["USER"], found["PASSWORD"]) == ("academy", "who", "pass@word")
    assert found["OPTIONS"]["sslmode"] == "require"


def test_mail_address_is_read_part_by_part(monkeypatch, tmp_path):
    monkeypatch.setenv("EMAIL_URL", "smtp://who%40example.org:secret@mail.example/?tls=1")
    found = env.email("EMAIL_URL", tmp_path)
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("mail.example", 587, True)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("who@example.org", "secret")


def test_what_needs_https_follows_the_address_of_the_site():
    https = settings.BASE_URL.startswith("https://")
    assert settings.SESSION_COOKIE_SECURE is settings.CSRF_COOKIE_SECURE is settings.SECURE_SSL_REDIRECT is https
    assert bool(settings.SECURE_HSTS_SECONDS) is https


def test_connection_to_sqlite_is_kept_between_requests(monkeypatch, tmp_path):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert env.database("DATABASE_URL", tmp_path / "academy.sqlite3")["CONN_MAX_AGE"] == 600


def test_server_opens_no_connection_before_it_forks(tmp_path):
    """A connection of SQLite must not cross a fork; gunicorn loads the application first (`preload_app`)."""
    code = "from academy.wsgi import application; from django.db import connection; print(connection.connection)"
    given = {**os.environ, "DATA_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=given, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "None")


def test_nobody_takes_the_write_lock_to_read():
    assert settings.DATABASES["default"].get("ATOMIC_REQUESTS", False) is False
