"""The polite visitor of other sites: asks whether an address still answers. Network only; knows nothing of the database.

One request at a time, a pause between two to the same host, `robots.txt` obeyed, a name that says who asks. It never connects to
an address that is not public: the name is resolved first, and the connection goes to the very number that was judged.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from academy.links.models import WebState

TIMEOUT = 10
LONGEST = 25
PAUSE = 1.5
MOST_STEPS = 5
MOST_READ = 200_000
REFUSALS = {401, 402, 403, 405, 406, 407, 429, 451, 501, 503, 999}


def is_public(number: str) -> bool:
    """A number of the open internet: not this machine, not a private network, not the metadata of a cloud."""
    address = ipaddress.ip_address(number)
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return address.is_global and not address.is_multicast and (mapped is None or mapped.is_global)


class Forbidden(Exception):
    """The address leads to a place that this server must not visit."""


@dataclass(frozen=True)
class Answer:
    """What became of one address: its state, the last status, and where it leads for good."""

    state: str
    status: int | None = None
    leads_to: str = ""
    reason: str = ""


class _Pinned(http.client.HTTPConnection):
    """Connects to the number that was judged, whatever the name says a moment later."""

    def __init__(self, host: str, port: int, number: str, context: ssl.SSLContext | None):
        super().__init__(host, port, timeout=TIMEOUT)
        self.number, self.context = number, context

    def connect(self) -> None:
        self.sock = socket.create_connection((self.number, self.port), self.timeout)
        if self.context is not None:
            self.sock = self.context.wrap_socket(self.sock, server_hostname=self.host)

    def hang_up(self) -> None:
        """Ends a conversation that a site draws out drop by drop."""
        with contextlib.suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


@dataclass
class Visitor:
    """One round of visits. `may_visit` judges numbers, `rest` waits: both are given by tests, never by a setting."""

    site: str
    may_visit: Callable[[str], bool] = is_public
    rest: Callable[[float], None] = time.sleep
    _last: dict[str, float] = field(default_factory=dict)
    _robots: dict[str, RobotFileParser | None] = field(default_factory=dict)

    @property
    def agent(self) -> str:
        return f"SmartAcademyLinkCheck/1.0 (+{self.site})"

    def visit(self, url: str) -> Answer:
        """Asks with HEAD, then with GET where HEAD is refused; follows up to five steps."""
        here, moved_for_good = url, True
        try:
            for _step in range(MOST_STEPS + 1):
                if not self._robots_allow(here):
                    return Answer(WebState.REFUSED, reason="robots.txt")
                status, location, _body = self._ask("HEAD", here)
                if status >= 400:
                    status, location, _body = self._ask("GET", here)
                if status in (301, 302, 303, 307, 308) and location:
                    moved_for_good = moved_for_good and status in (301, 308)
                    here = urljoin(here, location)
                    continue
                return self._judge(status, url, here if moved_for_good else url)
            return Answer(WebState.UNREACHABLE, reason="more than five steps")
        except Forbidden as refusal:
            return Answer(WebState.REFUSED, reason=str(refusal)[:100])
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Answer(WebState.UNREACHABLE, reason=type(error).__name__)

    @staticmethod
    def _judge(status: int, asked: str, reached: str) -> Answer:
        if status in REFUSALS:
            return Answer(WebState.REFUSED, status)
        if status in (404, 410):
            return Answer(WebState.GONE, status)
        if status >= 400:
            return Answer(WebState.UNREACHABLE, status)
        if reached.partition("#")[0] != asked.partition("#")[0]:
            return Answer(WebState.MOVED, status, leads_to=reached[:2000])
        return Answer(WebState.OK, status)

    def _ask(self, method: str, url: str) -> tuple[int, str, bytes]:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise Forbidden("not a web address")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        number = self._number_of(parts.hostname, port)
        self._wait_for(parts.hostname)
        context = ssl.create_default_context() if parts.scheme == "https" else None
        connection = _Pinned(parts.hostname.encode("idna").decode(), port, number, context)
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
            f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
        )
        patience = threading.Timer(LONGEST, connection.hang_up)
        patience.start()
        try:
            connection.request(method, path, headers={"User-Agent": self.agent, "Accept": "*/*", "Connection": "close"})
            answer = connection.getresponse()
            body = answer.read(MOST_READ) if path == "/robots.txt" else b""
            return answer.status, answer.getheader("Location") or "", body
        finally:
            patience.cancel()
            connection.close()
            self._last[parts.hostname] = time.monotonic()

    def _number_of(self, host: str, port: int) -> str:
        numbers = [info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not numbers or not all(self.may_visit(number.partition("%")[0]) for number in numbers):
            raise Forbidden("not a public address")
        return min(numbers, key=lambda number: ":" in number)  # the older kind first: every network carries it

    def _wait_for(self, host: str) -> None:
        since = time.monotonic() - self._last.get(host, float("-inf"))
        if since < PAUSE:
            self.rest(PAUSE - since)

    def _robots_allow(self, url: str) -> bool:
        """Asked once for each site and round; a site without rules allows everything, one that forbids its rules forbids all."""
        parts = urlsplit(url)
        root = f"{parts.scheme}://{parts.netloc}"
        if root not in self._robots:
            rules = RobotFileParser()
            status, _location, body = self._ask("GET", f"{root}/robots.txt")
            if status in (401, 403):
                rules.disallow_all = True
            elif status == 200:
                rules.parse(body.decode("utf-8", "replace").splitlines())
            else:
                rules.allow_all = True
            self._robots[root] = rules
        return self._robots[root].can_fetch(self.agent, url)
