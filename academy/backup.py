"""One file that holds a whole Academy: its database and its files, each with its sha256.

A zip with `manifest.json` first. SQLite is copied by `VACUUM INTO`, PostgreSQL by `pg_dump`: both see one moment, while people work.
The secret key is not in it: with the file alone nobody can sign in as somebody. Keep it apart.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

FORMAT = 1
CHUNK = 1 << 20


class BackupError(Exception):
    """A backup cannot be written, read or put back; the message says why and what to do."""


def write(target: Path) -> dict[str, Any]:
    """Writes the backup beside its final name, reads it again whole, and only then gives it its name."""
    if target.exists():
        raise BackupError(f"{target} exists already: choose another name.")
    if not target.parent.is_dir():
        raise BackupError(f"The folder {target.parent} does not exist.")
    partial = target.with_name(f".{target.name}.partial")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            database = dump_database(Path(folder))
            entries = {f"database/{database.name}": database, **dict(media_files())}
            manifest = {
                "format": FORMAT,
                "made_at": timezone.now().isoformat(),
                "engine": connection.vendor,
                "migrations": applied_migrations(),
                "files": {name: {"sha256": digest_of(path), "size": path.stat().st_size} for name, path in entries.items()},
            }
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("manifest.json", json.dumps(manifest, indent=1))
                for name, path in entries.items():
                    archive.write(path, name)
        verify(partial)
        partial.rename(target)
    except OSError as error:
        raise BackupError(f"{target} could not be written ({error.strerror}).") from None
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def verify(source: Path) -> dict[str, Any]:
    """The manifest, when every file in the backup is the one that was put in, and nothing else is there."""
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = json.loads(archive.read("manifest.json"))
            if manifest.get("format") != FORMAT:
                raise BackupError(f"{source} was written in format {manifest.get('format')}; this version reads format {FORMAT}.")
            if set(archive.namelist()) != {"manifest.json", *manifest["files"]}:
                raise BackupError(f"{source} is damaged: it does not hold the files that it lists.")
            for name, wanted in manifest["files"].items():
                if not is_safe(name):
                    raise BackupError(f"{source} is not a backup of the Academy: it holds {name!r}.")
                with archive.open(name) as stream:
                    if hashlib.file_digest(stream, "sha256").hexdigest() != wanted["sha256"]:
                        raise BackupError(f"{source} is damaged: {name} is not the file that was put in.")
    except FileNotFoundError:
        raise BackupError(f"There is no file {source}.") from None
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise BackupError(f"{source} is damaged, or not a backup of the Academy ({error}).") from None
    return manifest


def restore(source: Path) -> dict[str, Any]:
    """Puts the database and the files back as they were. The caller has asked whether what is here may go."""
    manifest = verify(source)
    if manifest["engine"] != connection.vendor:
        raise BackupError(f"{source} holds the data of {manifest['engine']}; DATABASE_URL leads to {connection.vendor}.")
    unknown = sorted(set(manifest["migrations"]) - known_migrations())
    if unknown:
        raise BackupError(f"{source} was made by a newer version of the Academy ({unknown[0]} is not known here): upgrade first.")
    root = Path(settings.MEDIA_ROOT)
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent) as folder, zipfile.ZipFile(source) as archive:
        for name in manifest["files"]:
            archive.extract(name, folder)
        load_database(next((Path(folder) / "database").iterdir()))
        fresh, old = Path(folder) / "media", Path(folder) / "replaced"
        fresh.mkdir(exist_ok=True)
        if root.exists():
            root.rename(old)
        fresh.rename(root)
    return manifest


def is_empty() -> bool:
    """Nobody has an account here and no file was uploaded."""
    from academy.models import User  # the models are not ready when a command is first imported

    if "academy_user" in connection.introspection.table_names() and User.objects.exists():
        return False
    return not any(media_files())


def media_files() -> Iterator[tuple[str, Path]]:
    root = Path(settings.MEDIA_ROOT)
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.name != ".ready":
            yield f"media/{path.relative_to(root).as_posix()}", path


def is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and path.parts[0] in {"database", "media"} and "\\" not in name


def digest_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def applied_migrations() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def known_migrations() -> set[str]:
    from django.db.migrations.loader import MigrationLoader

    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


# --- the two databases


def dump_database(folder: Path) -> Path:
    if connection.vendor == "sqlite":
        file = folder / "academy.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(file)])
        return file
    file = folder / "academy.pgdump"
    run_tool("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}", str(connection.settings_dict["NAME"]))
    return file


def load_database(file: Path) -> None:
    """In one step: whoever reads at that moment sees the old database or the new one."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(file)) as kept:
            if kept.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupError("The database in the backup is damaged: nothing was changed.")
            connection.ensure_connection()
            kept.backup(connection.connection)
    else:
        run_tool(
            "pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
            f"--dbname={connection.settings_dict['NAME']}", str(file),
        )  # fmt: skip
    connection.close()


def run_tool(name: str, *arguments: str) -> None:
    """pg_dump or pg_restore, told where the server is by libpq's own variables, so that no password is on a command line."""
    tool = shutil.which(name)
    if tool is None:
        raise BackupError(f"{name} was not found: install PostgreSQL's client programs (on Debian: apt install postgresql-client).")
    settings_dict = connection.settings_dict
    env = {"PGHOST": settings_dict["HOST"], "PGPORT": settings_dict["PORT"], "PGUSER": settings_dict["USER"]}
    env |= {"PGPASSWORD": settings_dict["PASSWORD"], "PGSSLMODE": settings_dict["OPTIONS"].get("sslmode", "")}
    connection.close()
    given = {**os.environ, **{key: str(value) for key, value in env.items() if value}}
    done = subprocess.run([tool, *arguments], env=given, capture_output=True, text=True)
    if done.returncode:
        raise BackupError(f"{name} failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}")
