"""`make bench ARGS=--imports`: a thousand pages of markdown brought into a wiki of its own, again, and how much memory that takes."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.core.management.base import CommandError

PAGES, SECONDS = 1000, 180
SENTENCE = "Les salariés de la coopérative décident ensemble des contrats et des rémunérations. "


def write_pages(folder: Path) -> None:
    """Ten folders of a hundred pages that link to each other, some three thousand characters each."""
    for number in range(PAGES):
        following = (number + 1) % PAGES
        lines = [f"# Page {number}"]
        for part in range(5):
            lines += [f"## Partie {part}", SENTENCE * 6, f"- un **point**\n- [la suite](../{following // 100}/{following:04}.md)"]
        path = folder / str(number // 100) / f"{number:04}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join(lines), encoding="utf-8")


def measure(out) -> None:
    """One line for the first import, one for the same files again. Its own database: nothing of this installation is touched."""
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        write_pages(folder / "pages")
        outside = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CACHE_URL", "STORAGE_URL")}
        env = {**outside, "DATA_DIR": str(folder / "data")}
        for command in (["migrate", "-v0"], ["setup", "-v0"]):
            subprocess.run([sys.executable, "manage.py", *command], env=env, check=True)
        for name in ("first import", "the same again"):
            seconds, memory = _run([sys.executable, "manage.py", "import_documents", str(folder / "pages"), "--into", "wiki"], env)
            miss = "   missed" if seconds > SECONDS else ""
            out.write(f"{PAGES} pages of markdown, {name:<16}{seconds:>7.1f} s{memory:>7.0f} MB   aim ≤ {SECONDS} s{miss}")


def _run(command: list[str], env: dict) -> tuple[float, float]:
    """Seconds on the clock, and the most memory that the process had."""
    began = time.monotonic()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandError("The import failed: what is above says why.")
    return time.monotonic() - began, used.ru_maxrss / 1024
