"""`manage.py bench_search`: search over entries that nobody wrote (academy.management.synthetic), in databases made for it and thrown away.

Two measures. How long one search takes, with everything the page needs, over 100,000 entries: on SQLite, and on PostgreSQL where one
answers on 127.0.0.1:5432. Ends badly when an aim is missed. And the CPU of one request of the search page against a bare view, at 1,000 and at 10,000 pages.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from wagtail.models import Page

from academy.management.server import serving
from academy.management.synthetic import fill

SCRATCH = "ACADEMY_SCRATCH"  # set in the databases made here, so that no real one is ever filled
MOST_MS, MOST_RATIO, MOST_GROWTH = 100, 25, 1.5
QUERIES = {
    "a common word": "coopérative",
    "several common words": "contrat projet travail",
    "a phrase": '"contrat projet"',
    "a phrase of the two commonest": '"smart coopérative"',
    "six common words": "smart coopérative contrat projet entreprise travail",
    "a word left out": "contrat -projet",
    "two letters": "co",
    "one letter": "é",
    "a typing error": "coopérattive",
    "a word and a typing error": "contrat coopérattive",
    "nothing like it": "xylophage introuvable",
    "a question": "comment est-ce que je signe le contrat de la coopérative ?",
    "signs": '"" - * ( AND',
    "50 kB of dashes": "—" * 50_000,
}
# A common word, narrowed: what the search form can say beside the words
NARROWED = {
    "in one section": {"section": "rayon-7"},
    "in a section that nobody reads": {"section": "rayon-0"},
    "verified alone": {"fresh": "verified"},
    "changed this month": {"fresh": "month"},
    "files alone": {"kind": "file"},
}
NO_POSTGRESQL = "!! NOT MEASURED on PostgreSQL: none answers on 127.0.0.1:5432 to the role root"
BEGUN = ("c", "co", "con", "contr", "contrat pro", "ba", "le")


class Command(BaseCommand):
    help = "Measures search in databases of its own. Takes minutes: most of it is writing the entries."

    misses = 0

    def add_arguments(self, parser):
        parser.add_argument("--entries", type=int, default=100_000)
        parser.add_argument("--rounds", type=int, default=15)
        parser.add_argument("--here", action="store_true", help="used by the command itself, in a database that it has made")

    def handle(self, *args, **options):
        if options["here"]:
            if not os.environ.get(SCRATCH):
                raise CommandError("--here fills the database with invented pages: only the command itself may say it.")
            fill(options["entries"])
            if connection.vendor == "postgresql":  # it does so by itself, some minutes later
                with connection.cursor() as cursor:
                    cursor.execute("ANALYZE")
            if options["rounds"]:
                self.measure(options["rounds"])
            self.judge()
            return
        with tempfile.TemporaryDirectory(prefix="bench-search-") as folder:
            self.stdout.write(f"search over {options['entries']} entries, ms: p50, p95 (aim: under {MOST_MS})")
            self.say_times("SQLite", f"sqlite:///{folder}/many.sqlite3", folder, options)
            with postgresql() as url:
                if url:
                    self.say_times("PostgreSQL", url, folder, options)
                else:
                    self.stdout.write(NO_POSTGRESQL)
            self.say_ratios(folder)
        self.judge()

    def judge(self) -> None:
        if self.misses:
            raise CommandError(f"{self.misses} aims of search missed.")

    def missed(self, is_missed: bool) -> str:
        self.misses += is_missed
        return "   missed" if is_missed else ""

    def say_times(self, name: str, url: str, folder: str, options: dict) -> None:
        self.stdout.write(f"-- {name}")
        self.stdout.flush()
        self.misses += not manage(url, folder, "bench_search", "--here", f"--entries={options['entries']}", f"--rounds={options['rounds']}")

    def say_ratios(self, folder: str) -> None:
        """Like the other lines of `manage.py bench`: the workers' own CPU, so that a busy machine changes little."""
        from academy.management.commands.bench import Line, calibrate, measure  # that command calls this one

        found = {}
        alone = {"WORKERS": "1", "MAX_REQUESTS": "0"}
        for pages in (1000, 10_000):
            url = f"sqlite:///{folder}/{pages}.sqlite3"
            if not manage(url, folder, "bench_search", "--here", f"--entries={pages}", "--rounds=0"):
                raise CommandError("The pages to search in could not be made.")
            line, bare = Line("search", "/fr/search/?q=contrat+projet"), Line("bare", "/")
            with (
                serving("academy.bare:application", ready="/", **alone) as yardstick,
                serving("academy.wsgi:application", **alone, **scratch(url, folder)) as server,
            ):
                pairs = ((yardstick, bare), (server, line))
                for where, one in pairs:
                    calibrate(where, one)
                for _round in range(5):
                    for where, one in pairs:
                        one.costs.append(measure(where, one, one.requests))
            found[pages] = line.cost / bare.cost
        growth = found[10_000] / found[1000]
        self.stdout.write(
            f"CPU of one search, × a bare view: {found[1000]:.1f} at 1,000 pages (aim: ≤ {MOST_RATIO}){self.missed(found[1000] > MOST_RATIO)}"
        )
        self.stdout.write(f"at 10,000 pages {growth:.2f} × that (aim: ≤ {MOST_GROWTH}){self.missed(growth > MOST_GROWTH)}")

    def measure(self, rounds: int) -> None:
        """Each search as the page makes it: found, counted, marked, and nearest words where nothing is."""
        from academy.search import engine
        from academy.search.query import Query
        from academy.search.reader import reader_from
        from academy.search.results import Asked, search
        from academy.search.words import as_key

        person = get_user_model().objects.create_user(email="promoter@bench.example", name="Bench")
        for who, reader in (("visitor", reader_from(None)), ("promoter", reader_from(person))):
            every: list[float] = []
            for name, typed in QUERIES.items():
                every += self.say(name, rounds, lambda typed=typed, reader=reader: search(Asked(text=typed, language="fr"), reader))
            for name, narrowed in NARROWED.items():
                asked = Asked(text=QUERIES["a common word"], language="fr", **self.narrowed(narrowed))
                every += self.say(name, rounds, lambda asked=asked, reader=reader: search(asked, reader))
            for typed in BEGUN:
                *_whole, last = as_key(typed).split()
                query = Query(typed, (), (), as_key(typed))
                ask = partial(engine.begun, query, last, reader, first="fr", most=8)
                every += self.say(f"suggestions for {typed}", rounds, ask)
            self.line(f"all of them, {who}", every)

    @staticmethod
    def narrowed(said: dict[str, str]) -> dict[str, str]:
        """A section is named by its tree path, as the form sends it."""
        slug = said.get("section")
        return {"section": Page.objects.get(slug=slug).path} if slug else said

    def say(self, name: str, rounds: int, work) -> list[float]:
        times = []
        work()
        for _round in range(rounds):
            began = time.perf_counter()
            work()
            times.append((time.perf_counter() - began) * 1000)
        self.line(name, times)
        return times

    def line(self, name: str, times: list[float]) -> None:
        p95 = statistics.quantiles(times, n=20)[-1]
        self.stdout.write(f"{name:<34}{statistics.median(times):>9.1f}{p95:>9.1f}{self.missed(p95 > MOST_MS)}")


def scratch(url: str, folder: str) -> dict[str, str]:
    """The environment of a database made here; the static files are those of this installation."""
    home = Path(folder) / "data"
    home.mkdir(exist_ok=True)
    static = home / "static"
    if not static.exists() and Path(settings.STATIC_ROOT).exists():
        static.symlink_to(settings.STATIC_ROOT)
    return {"DATABASE_URL": url, "DATA_DIR": str(home), SCRATCH: "1", "LOG_LEVEL": "ERROR"}


def manage(url: str, folder: str, *command: str) -> bool:
    """Makes the database ready, then runs the command in it. Whether that went well: it says itself what did not."""
    environment, place = {**os.environ, **scratch(url, folder)}, settings.PROJECT_DIR
    for arguments in (("migrate", "-v0"), ("setup", "-v0")):
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=place, env=environment, check=True)
    return subprocess.run([sys.executable, "manage.py", *command], cwd=place, env=environment).returncode == 0


def server_of_postgresql():
    """A connection to the server of this machine; None where none answers, or where there is nothing to ask it with."""
    try:
        import psycopg
    except ImportError:
        return None
    try:
        return psycopg.connect("host=127.0.0.1 port=5432 user=root dbname=postgres connect_timeout=2", autocommit=True)
    except psycopg.OperationalError:
        return None


def postgresql_answers() -> bool:
    server = server_of_postgresql()
    if server is not None:
        server.close()
    return server is not None


class postgresql:
    """A database of its own on the server of this machine, or an empty address where there is none."""

    name = "bench_search"

    def __enter__(self) -> str:
        self.server = server_of_postgresql()
        if self.server is None:
            return ""
        self.server.execute(f"DROP DATABASE IF EXISTS {self.name}")
        self.server.execute(f"CREATE DATABASE {self.name}")
        return f"postgres://root@127.0.0.1:5432/{self.name}"

    def __exit__(self, *_error) -> None:
        if getattr(self, "server", None):
            self.server.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            self.server.close()
