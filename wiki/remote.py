"""Pictures that a document shows from elsewhere: fetched from the hosts of IMPORT_IMAGE_HOSTS alone, by https, never from our own network."""

import http.client
import ipaddress
import socket
import ssl
import time
from urllib.parse import quote, urlsplit

from django.conf import settings

LARGEST = 15 * 1024 * 1024
SECONDS = 10


class NotFetched(Exception):
    """The picture stays where it is; the message says why, for the log."""


def is_allowed(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and (parts.hostname or "") in settings.IMPORT_IMAGE_HOSTS and parts.port in (None, 443)
    except ValueError:
        return False


def fetch(address: str) -> bytes:
    """The bytes at an allowed address. Follows no redirection; raises NotFetched."""
    if not is_allowed(address):
        raise NotFetched("this host is not in IMPORT_IMAGE_HOSTS")
    parts = urlsplit(address)
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (f"?{parts.query}" if parts.query else "")
    connection = _Pinned(parts.hostname, public_address(parts.hostname))
    try:
        connection.request("GET", target, headers={"User-Agent": "SmartAcademy-import", "Accept": "image/*"})
        answer = connection.getresponse()
        if answer.status != 200 or not answer.headers.get_content_type().startswith("image/"):
            raise NotFetched(f"answered {answer.status} {answer.headers.get_content_type()}")
        content = _within(answer, time.monotonic() + SECONDS)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotFetched(str(error)) from error
    finally:
        connection.close()
    return content


def _within(answer: http.client.HTTPResponse, end: float) -> bytes:
    """All of an answer, however its sender drips it: so much and so long at most."""
    content = bytearray()
    while piece := answer.read1(65536):
        content += piece
        if len(content) > LARGEST:
            raise NotFetched("too large")
        if time.monotonic() > end:
            raise NotFetched("too slow")
    return bytes(content)


def public_address(host: str) -> str:
    """An address of the host, when all that it has are public: the connection then goes to this one, whatever the name says later."""
    try:
        found = [entry[4][0] for entry in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]
    except OSError as error:
        raise NotFetched(str(error)) from error
    if not found or not all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in found):
        raise NotFetched("the host leads to a private address")
    return found[0]


class _Pinned(http.client.HTTPSConnection):
    def __init__(self, host: str, address: str) -> None:
        super().__init__(host, 443, timeout=SECONDS, context=ssl.create_default_context())
        self._address = address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, 443), SECONDS)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)
