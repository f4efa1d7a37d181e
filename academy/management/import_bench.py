"""`make bench ARGS=--imports`: a thousand pages of markdown brought into a wiki of its own, again, and how much memory that takes; then
the words of a long PDF. On a machine that does other work too, the processor time says more than the clock."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.core.management.base import CommandError

from academy.extraction import extract

PAGES, SECONDS = 1000, 180
PDF_PAGES, PDF_SECONDS = 800, 30
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
            seconds, cpu, memory, curve = _run(
                [sys.executable, "manage.py", "import_documents", str(folder / "pages"), "--into", "wiki"], env
            )
            miss = "   missed" if seconds > SECONDS else ""
            out.write(
                f"{PAGES} pages of markdown, {name:<16}{seconds:>7.1f} s ({cpu:.1f} s of processor){memory:>7.0f} MB   aim ≤ {SECONDS} s{miss}"
            )
            out.write(f"    memory on the way: {' '.join(f'{megabytes:.0f}' for megabytes in curve)} MB (flat is the aim)")
        _measure_pdf(folder / "long.pdf", out)


def _measure_pdf(path: Path, out) -> None:
    source = path.with_suffix(".typ")
    source.write_text("\n#pagebreak()\n".join(SENTENCE * 30 for _page in range(PDF_PAGES)), encoding="utf-8")
    subprocess.run([sys.executable, "-c", "import sys, typst; typst.compile(sys.argv[1], output=sys.argv[2])", source, path], check=True)
    content = path.read_bytes()
    began = time.monotonic()
    found = extract(content, path.name)
    seconds = time.monotonic() - began
    if len(found.passages) != PDF_PAGES:
        raise CommandError(f"{len(found.passages)} pages of the PDF were read, not {PDF_PAGES}.")
    miss = "   missed" if seconds > PDF_SECONDS else ""
    out.write(f"{PDF_PAGES} pages of a PDF, their words      {seconds:>7.1f} s   aim ≤ {PDF_SECONDS} s{miss}")


def _run(command: list[str], env: dict) -> tuple[float, float, float, list[float]]:
    """Seconds on the clock and of the processors, the most memory that the process had, and what it had at each tenth of its way."""
    began = time.monotonic()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    seen = []
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        seen.append(_megabytes(process.pid))
        time.sleep(0.25)
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandError("The import failed: what is above says why.")
    tenths = [seen[len(seen) * tenth // 10] for tenth in range(1, 10)] if seen else []
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, tenths


def _megabytes(pid: int) -> float:
    """What a process holds in memory now."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:  # it has ended meanwhile, or this system does not tell
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2
