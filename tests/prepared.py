"""What takes long to make and is the same each time: made once, kept in .pytest_cache under a hash of what it is made of."""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import allauth
import django
import wagtail

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".pytest_cache"
APPS = ("academy", "wiki", "courses", "cohorts")
OURS = ("DATABASE_URL", "CACHE_URL", "STORAGE_URL", "EMAIL_URL", "DJANGO_SETTINGS_MODULE", "BASE_URL")


def digest(*parts: object) -> str:
    """Of words, and of what files hold."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part.read_bytes() if isinstance(part, Path) else f"{part}\n".encode())
    return found.hexdigest()[:16]


@cache
def sources() -> str:
    """Everything that setup, demo and collectstatic could read."""
    folders = [path for name in (*APPS, "static", "templates") for path in (ROOT / name).rglob("*")]
    return digest(ROOT / "requirements.txt", *sorted(path for path in folders if path.is_file() and path.suffix != ".pyc"))


def manage(*arguments: str, **env: str) -> None:
    given = {name: value for name, value in os.environ.items() if name not in OURS}
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env={**given, **env}, check=True, stdout=subprocess.DEVNULL)


def settle(database: Path) -> None:
    """Everything into the one file, so that it can be copied."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")


def kept(name: str, of: str, make: Callable[[Path], None]) -> Path:
    """The file or folder that `make` writes; older ones of this name are removed. Whoever comes second waits for it."""
    wanted, making = CACHE / f"{name}-{of}", CACHE / f"making-{name}"
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if wanted.exists():
            return wanted
        for old in [*CACHE.glob(f"{name}-*"), *CACHE.glob(f"{making.name}*")]:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        make(making)
        making.rename(wanted)
    return wanted


def template() -> Path:
    """An SQLite file in which every migration has run."""
    migrations = [path for app in APPS for path in sorted((ROOT / app / "migrations").glob("*.py"))]
    hooks = [ROOT / app / "apps.py" for app in APPS]
    hooks += [ROOT / "academy" / "roles.py", ROOT / "academy" / "search" / "schema.py"]
    of = digest(django.__version__, wagtail.__version__, allauth.__version__, *migrations, *hooks)

    def make(database: Path) -> None:
        manage("migrate", "-v0", DATABASE_URL=f"sqlite:///{database}")
        settle(database)

    return kept("template", f"{of}.sqlite3", make)


def starter() -> Path:
    """An SQLite file as `manage.py setup` leaves it."""

    def make(database: Path) -> None:
        shutil.copyfile(template(), database)
        with TemporaryDirectory() as data:
            for command in ("migrate", "setup"):  # what follows every migrate, as the indexes of search, may be newer than the template
                manage(command, "-v0", DATABASE_URL=f"sqlite:///{database}", DATA_DIR=data, BASE_URL="http://127.0.0.1:8000")
        settle(database)

    return kept("starter", f"{sources()}.sqlite3", make)


def demo(password: str) -> Path:
    """A DATA_DIR as `make run` leaves it today: database, media, static files."""

    def make(folder: Path) -> None:
        folder.mkdir()
        shutil.copyfile(starter(), folder / "academy.sqlite3")
        for command in (["collectstatic", "--noinput", "-v0"], ["demo"]):
            manage(*command, DATA_DIR=str(folder), DEMO_PASSWORD=password, BASE_URL="http://127.0.0.1:8000")
        settle(folder / "academy.sqlite3")
        shutil.rmtree(folder / "cache", ignore_errors=True)

    return kept("demo", digest(sources(), date.today(), password), make)


def copy_demo(folder: Path, *, password: str, port: int) -> None:
    """A copy of one's own, whose site answers at this port."""
    shutil.copytree(demo(password), folder, dirs_exist_ok=True)
    with closing(sqlite3.connect(folder / "academy.sqlite3")) as connection, connection:
        connection.execute("update wagtailcore_site set port = ?", [port])
