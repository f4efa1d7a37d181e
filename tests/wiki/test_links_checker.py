"""The polite visitor: a real server on this machine, allowed by the test alone."""

import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from academy.links import rounds
from academy.links.checker import Answer, Visitor, is_public
from academy.links.models import LinkCheck, WebAddress, WebState
from academy.rules import RuleViolation
from tests.factories.wiki import WikiPageFactory
from tests.wiki.test_links import text


class Site(BaseHTTPRequestHandler):
    seen: list[tuple[str, str, str]] = []

    def answer(self):
        type(self).seen.append((self.command, self.path, self.headers["User-Agent"]))
        path = self.path
        if path == "/robots.txt":
            body = b"User-agent: *\nDisallow: /closed\n"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)
            return
        statuses = {"/ok": 200, "/gone": 404, "/removed": 410, "/down": 500, "/busy": 429, "/head": 405 if self.command == "HEAD" else 200}
        moves = {"/moved": (301, "/ok"), "/elsewhere": (302, "/ok"), "/round": (302, "/round"), "/inside": (302, "http://169.254.169.254/")}
        if path in moves:
            self.send_response(moves[path][0])
            self.send_header("Location", moves[path][1])
        else:
            self.send_response(statuses.get(path, 200))
        self.end_headers()

    do_GET = do_HEAD = answer

    def log_message(self, *args):
        pass


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Site.seen = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def rests():
    return []


@pytest.fixture
def visitor(rests):
    return Visitor(site="https://academy.example", may_visit=lambda number: number == "127.0.0.1", rest=rests.append)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/ok", Answer(WebState.OK, 200)),
        ("/head", Answer(WebState.OK, 200)),
        ("/gone", Answer(WebState.GONE, 404)),
        ("/removed", Answer(WebState.GONE, 410)),
        ("/down", Answer(WebState.UNREACHABLE, 500)),
        ("/busy", Answer(WebState.REFUSED, 429)),
        ("/elsewhere", Answer(WebState.OK, 200)),
        ("/round", Answer(WebState.UNREACHABLE, reason="more than five steps")),
        ("/closed/x", Answer(WebState.REFUSED, reason="robots.txt")),
        ("/inside", Answer(WebState.REFUSED, reason="not a public address")),
    ],
)
def test_what_becomes_of_an_address(path, expected, site, visitor):
    assert visitor.visit(site + path) == expected


def test_a_move_for_good_says_where_to(site, visitor):
    assert visitor.visit(f"{site}/moved") == Answer(WebState.MOVED, 200, leads_to=f"{site}/ok")


def test_it_says_who_it_is_asks_the_rules_once_and_rests_between_two_requests(site, visitor, rests):
    visitor.visit(f"{site}/ok")
    visitor.visit(f"{site}/gone")
    assert [(method, path) for method, path, _agent in Site.seen] == [
        ("GET", "/robots.txt"),
        ("HEAD", "/ok"),
        ("HEAD", "/gone"),
        ("GET", "/gone"),
    ]
    assert {agent for _method, _path, agent in Site.seen} == {"SmartAcademyLinkCheck/1.0 (+https://academy.example)"}
    assert len(rests) == 3
    assert all(0 < rest <= 1.5 for rest in rests)


NOT_THE_INTERNET = """127.0.0.1 10.0.0.8 192.168.1.1 172.16.0.1 169.254.169.254 0.0.0.0 100.64.0.1 224.0.0.1
::1 fe80::1 fd00::1 ::ffff:127.0.0.1 2002:7f00:1::"""


@pytest.mark.parametrize("number", NOT_THE_INTERNET.split())
def test_what_is_not_the_open_internet_is_never_visited(number):
    assert not is_public(number)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/", "http://localhost/", "http://[::1]/", "http://2130706433/", "ftp://example.org/", "http://u:p@127.0.0.1/"],
)
def test_in_production_nothing_of_this_machine_is_reached(url, site):
    assert Visitor(site="x", rest=lambda seconds: None).visit(url).state in (WebState.REFUSED, WebState.UNREACHABLE)
    assert Site.seen == []


def test_open_addresses_are_public():
    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1:248:1893:25c8:1946")


# --- rounds


@pytest.fixture
def linking(wiki, french, site):
    links = "".join(f'<p><a href="{site}{path}">w{path}</a></p>' for path in ("/ok", "/gone", "/moved"))
    return WikiPageFactory(parent=wiki, slug="dehors", title="Dehors", locale=french, body=text(links))


def one_round(visitor) -> LinkCheck:
    check = rounds.begin(by=None)
    rounds.run(check, visitor)
    return LinkCheck.objects.get(pk=check.pk)


@pytest.mark.django_db
def test_broken_means_two_failures_on_different_days(linking, visitor, trainer, client_for):
    check = one_round(visitor)
    assert (check.done, check.total, check.is_open) == (3, 3, False)
    gone = WebAddress.objects.get(url__endswith="/gone")
    assert (gone.state, gone.is_broken, gone.first_failed_on) == (WebState.GONE, False, timezone.localdate())
    assert one_round(visitor).total == 0  # not twice the same day
    WebAddress.objects.update(tested_at=timezone.now() - timedelta(days=1))
    WebAddress.objects.filter(pk=gone.pk).update(first_failed_on=date(2026, 1, 1), last_failed_on=date(2026, 1, 1))
    one_round(visitor)
    gone.refresh_from_db()
    assert gone.is_broken
    html = client_for(trainer).get(reverse("wiki_broken")).content.decode()
    assert html.index("/gone") < html.index("/moved")
    assert "/ok</a>" in html
    assert "/ok</a></th>" not in html
    rounds.note(gone, Answer(WebState.OK, 200))
    assert (gone.is_broken, gone.first_failed_on) == (False, None)


@pytest.mark.django_db
def test_a_round_can_be_stopped_and_there_is_one_at_a_time(linking, visitor, trainer):
    check = rounds.begin(by=trainer)
    with pytest.raises(RuleViolation, match="already under way"):
        rounds.begin(by=trainer)
    rounds.stop(check, by=trainer)
    rounds.run(check, visitor)
    check.refresh_from_db()
    assert (check.done, check.is_open) == (0, False)
    with pytest.raises(RuleViolation, match="over already"):
        rounds.stop(check, by=trainer)


@pytest.mark.django_db
def test_a_dead_round_does_not_stand_in_the_way(trainer):
    dead = rounds.begin(by=trainer)
    LinkCheck.objects.update(moved_at=timezone.now() - timedelta(hours=1))
    assert rounds.begin(by=trainer).pk != dead.pk


@pytest.mark.django_db
def test_an_address_that_nobody_links_to_is_forgotten(linking, visitor):
    linking.body = []
    linking.save_revision().publish()
    one_round(visitor)
    assert WebAddress.objects.count() == 0


@pytest.mark.django_db
def test_the_button_starts_and_stops(trainer, client_for):
    client = client_for(trainer)
    client.post(reverse("wiki_check_links"))
    assert LinkCheck.objects.get().by == trainer
    client.post(reverse("wiki_check_links"), {"stop": "1"})
    assert LinkCheck.objects.get().stop_asked is True


@pytest.mark.django_db
def test_the_command_reads_again_and_fails_on_what_is_broken(linking):
    WebAddress.objects.filter(url__endswith="/gone").update(
        state=WebState.GONE, first_failed_on=date(2026, 1, 1), last_failed_on=date(2026, 1, 2), tested_at=timezone.now()
    )
    with pytest.raises(CommandError, match="1 broken link"):
        call_command("check_links", "--rebuild", "--offline")
