"""`manage.py bench`: what a page costs, as a multiple of the least that Django can do, both under the production server in one run.

CPU of the workers, not seconds on the clock: a busy machine changes the clock far more than the ratio. Rounds are interleaved and the
median is shown, so that a slow minute touches every line alike. It measures the database of this installation; `make bench` makes one.
Ends badly when an aim is missed or something was lost, and says at the end what was not measured.
"""

import http.client
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.http import urlencode

from academy.management import import_bench, long_course, many_applications, sent
from academy.management.commands.bench_search import postgresql_answers
from academy.management.server import Server, serving
from cohorts.models import Cohort
from courses.models import CourseIndexPage, CoursePage, LessonPage, ModulePage, QuizPage
from wiki.models import WikiPage, WikiSection

ANONYMOUS, SIGNED_IN, SEARCH, MATRIX = 2.0, 12.0, 25.0, 120.0  # the aims, in multiples of a bare view
LESSON, FORTY, PROGRESS, HANDED_IN = 15.0, 20.0, 10.0, 60.0
LIST, DASHBOARD = 60.0, 150.0
CSRF = "a" * 32  # the cookie and the field of a form, alike
CPU_PER_ROUND = 0.3  # seconds: thirty ticks of the kernel's clock


@dataclass
class Line:
    """One page, read by one person. `most` is the aim of its ratio; None where there is none.

    `send`: a form is posted instead; called before each request, it makes things ready and answers what the form holds.
    """

    name: str
    address: str
    who: str = ""
    most: float | None = None
    cookie: str = ""
    send: Callable[[], dict] | None = None
    requests: int = 20
    queries: int | None = None
    costs: list[float] = field(default_factory=list)

    @property
    def cost(self) -> float:
        return statistics.median(self.costs)


class Command(BaseCommand):
    help = "Measures CPU per request of the main pages against a bare Django view. Ends badly when an aim is missed."

    def add_arguments(self, parser):
        parser.add_argument("--rounds", type=int, default=5)
        parser.add_argument("--long-course", action="store_true", help="make a course of forty activities first, and measure it too")
        parser.add_argument("--imports", action="store_true", help="measure the import of a thousand pages instead")
        parser.add_argument(
            "--learners", type=int, default=200, help="how many send their progress at once, in databases of its own; 0: not"
        )
        parser.add_argument(
            "--search", type=int, default=100_000, help="entries that search is measured over, in databases of its own; 0: not"
        )

    def handle(self, *args, **options):
        if options["imports"]:
            import_bench.measure(self.stdout)
            return
        if options["long_course"] and (promoter := demo_person("promoter")):
            long_course.make(promoter)
            many_applications.make()
        lines = pages()
        bare = Line("bare Django view, no middleware", "/")
        alone = {"WORKERS": "1", "MAX_REQUESTS": "0"}  # one worker, never renewed: its counters only grow
        with serving("academy.bare:application", ready="/", **alone) as yardstick, serving("academy.wsgi:application", **alone) as server:
            pairs = [(yardstick, bare), *((server, line) for line in lines)]
            for where, line in pairs:
                calibrate(where, line)
            for _round in range(options["rounds"]):
                for where, line in pairs:
                    line.costs.append(measure(where, line, line.requests))
        for line in lines:
            line.queries = count_queries(line)
        wrong = [self.report(bare, lines)]
        if options["learners"]:
            wrong.append(self.another("bench_learning", learners=options["learners"]))
        if options["search"]:
            wrong.append(self.another("bench_search", entries=options["search"]))
        for line in unmeasured(options, has_postgresql=postgresql_answers()):
            self.stdout.write(f"!! NOT MEASURED: {line}")
        if any(wrong):
            raise CommandError(" ".join(filter(None, wrong)))

    def another(self, command: str, **options) -> str:
        """What another command finds wrong: the ones after it are measured all the same."""
        try:
            call_command(command, stdout=self.stdout, **options)
        except CommandError as wrong:
            return str(wrong)
        return ""

    def report(self, bare: Line, lines: list[Line]) -> str:
        """Writes the table, and answers what is wrong, if anything is."""
        self.stdout.write(f"{'page':<34}{'CPU ms':>9}{'× bare':>9}{'aim':>7}{'queries':>9}")
        self.stdout.write(f"{bare.name:<34}{bare.cost * 1000:>9.2f}{1:>9.1f}")
        missed = 0
        for line in lines:
            ratio = line.cost / bare.cost
            miss = line.most is not None and ratio > line.most
            missed += miss
            aim = f"≤ {line.most:g}" if line.most else ""
            self.stdout.write(f"{line.name:<34}{line.cost * 1000:>9.2f}{ratio:>9.1f}{aim:>7}{line.queries:>9}{'   missed' if miss else ''}")
        if not missed:
            self.stdout.write("Every aim is met.")
        return f"{missed} of {sum(line.most is not None for line in lines)} aims missed." if missed else ""


def unmeasured(options: dict, *, has_postgresql: bool) -> list[str]:
    """What this run leaves out: nobody shall take silence for a good result."""
    found = []
    if not options["learners"]:
        found.append("many learners at once (--learners 0)")
    if not options["search"]:
        found.append("search over many entries (--search 0)")
    if not has_postgresql:
        found.append("anything on PostgreSQL: none answers on 127.0.0.1:5432 to the role root")
    if not CoursePage.objects.live().filter(slug=long_course.SLUG).exists():
        found.append("the course of forty, a quiz of ten and the matrix of 200 x 40 (--long-course makes them)")
    return found


def pages() -> list[Line]:
    """The pages that exist, each with the person of the demo who would read it. `?cold` passes by the page cache."""
    users = {name: demo_person(name) for name in ("promoter", "coordinator")}
    if None in users.values():
        raise CommandError("There is no demo data here: run `manage.py demo` first, or `make bench`.")
    language = users["promoter"].language
    kinds = (WikiPage, WikiSection, LessonPage, QuizPage, ModulePage, CoursePage, CourseIndexPage)
    pages_of = [model.objects.live().public().filter(locale__language_code=language).order_by("path").first() for model in kinds]
    wiki, section, lesson, quiz, module, course, courses = pages_of
    forty = CoursePage.objects.live().filter(slug=long_course.SLUG).first()
    cohort = Cohort.objects.filter(participations__isnull=False).order_by("pk").first()
    few = Cohort.objects.filter(title__en=many_applications.FEW_TITLE["en"]).first()
    report = named("courses_cms_course", forty.translation_key) if forty else ""
    with translation.override(language):
        found = [
            Line("home, anonymous", f"/{language}/", most=ANONYMOUS),
            Line("wiki page, anonymous, kept", address(wiki), most=ANONYMOUS),
            Line("wiki page, anonymous, made", f"{address(wiki)}?cold=1"),
            Line("wiki page, signed in", address(wiki), "promoter", SIGNED_IN),
            Line("wiki section, signed in", address(section), "promoter", SIGNED_IN),
            Line("lesson, signed in", address(lesson), "promoter", LESSON),
            Line("quiz, signed in", address(quiz), "promoter", SIGNED_IN),
            Line("module, signed in", address(module), "promoter", SIGNED_IN),
            Line("list of courses, signed in", address(courses), "promoter", SIGNED_IN),
            Line("course home, signed in", address(course), "promoter", SIGNED_IN),
            Line("course home of forty, signed in", address(forty), "promoter", FORTY),
            Line("my Academy", named("my"), "promoter", SIGNED_IN),
            Line("my certificates", named("courses_my_certificates"), "promoter", SIGNED_IN),
            Line("calls for projects, signed in", named("cohorts_apply"), "promoter", SIGNED_IN),
            Line("my pathway", named("cohorts_my_pathway"), "promoter", SIGNED_IN),
            Line("sessions, signed in", named("cohorts_sessions"), "promoter", SIGNED_IN),
            Line("search, signed in", named("search") + "?q=smart", "promoter", SEARCH),
            Line("cohort matrix in the CMS", named("cohorts_cms_cohort", cohort.pk) if cohort else "", "coordinator"),
            *[
                Line(name, place, "promoter", most, send=send)
                for name, place, most, send in sent.lines(users["promoter"], PROGRESS, HANDED_IN)
            ],
            Line("50 of 2,000 applications", named("applications:index"), "coordinator", LIST),
            Line("the same, every column", f"{named('applications:index')}?{many_applications.EVERYTHING}", "coordinator"),
            Line("results of 200 applications", named("cohorts_cms_results", few.pk) if few else "", "coordinator", DASHBOARD),
            Line("200 people x 40 activities", f"{report}?size=200" if report else "", "coordinator", MATRIX),
        ]
    cookies = {
        name: f"{settings.SESSION_COOKIE_NAME}={session_of(user)}; django_language={language}; csrftoken={CSRF}"
        for name, user in users.items()
    }
    for line in found:
        line.cookie = cookies.get(line.who, f"django_language={language}")
    return [line for line in found if line.address]


def demo_person(name: str):
    return get_user_model().objects.filter(email=f"{name}@demo.example").first()


def address(page) -> str:
    return page.get_url() or "" if page is not None else ""


def named(name: str, *arguments) -> str:
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def session_of(user) -> str:
    session = SessionStore()
    session[SESSION_KEY] = user._meta.pk.value_to_string(user)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


def calibrate(where: Server, line: Line) -> None:
    """Warms every worker up, then finds how many requests one round takes."""
    measure(where, line, 20)
    line.requests = 100
    line.requests = min(3000, max(20, int(CPU_PER_ROUND / max(measure(where, line, line.requests), 0.0001))))


def measure(where: Server, line: Line, requests: int) -> float:
    """CPU seconds of the workers per request, over one connection that stays open."""
    client = http.client.HTTPConnection("127.0.0.1", where.port, timeout=60)
    before = where.cpu_seconds()
    for _request in range(requests):
        client.request(*asked(line))
        response = client.getresponse()
        response.read()
        if response.status != 200:
            raise CommandError(f"{line.name}: {line.address} answered {response.status} to {line.who or 'a visitor'}.")
    client.close()
    return (where.cpu_seconds() - before) / requests


def asked(line: Line) -> tuple[str, str, str | None, dict]:
    """Method, address, body and head of the next request of this line."""
    head = {"Cookie": line.cookie, "Accept-Encoding": "gzip, br"}
    if line.send is None:
        return "GET", line.address, None, head
    head |= {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    return "POST", line.address, urlencode({**line.send(), "csrfmiddlewaretoken": CSRF}, doseq=True), head


def ask(client: Client, line: Line, form: dict | None):
    if form is None:
        return client.get(line.address)
    return client.post(line.address, form, headers={"accept": "application/json"})


def count_queries(line: Line) -> int:
    """Of a second request, with whatever the first one leaves in the caches."""
    client = Client(headers={"host": "127.0.0.1"})
    client.cookies.load(line.cookie)
    ask(client, line, line.send and line.send())
    form = line.send and line.send()
    with CaptureQueriesContext(connection) as queries:
        answer = ask(client, line, form)
    if answer.status_code != 200:
        raise CommandError(f"{line.name}: {line.address} answered {answer.status_code}.")
    return len(queries)
