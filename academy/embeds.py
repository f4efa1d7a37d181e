"""Which videos may play inside a page, and which code draws a picture elsewhere. Pure: an address in, a player's address out, or None
(then the page shows a link)."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

PEERTUBE_HOSTS = ("framatube.org", "video.coop", "peertube.tv")
# The content security policy of the site allows these in `frame-src`, nothing else.
FRAME_HOSTS = ("https://www.youtube-nocookie.com", "https://player.vimeo.com", *(f"https://{host}" for host in PEERTUBE_HOSTS))
# Pads draw these; here they are shown as their source.
DIAGRAMS = {"mermaid", "graphviz", "sequence", "flow", "abc", "plantuml", "vega", "vega-lite", "geo", "fretboard", "markmap"}


@dataclass(frozen=True)
class Player:
    """Where a video plays: the name a reader knows, the address of the frame."""

    provider: str
    src: str


def _youtube_id(host: str, path: str, query: dict[str, list[str]]) -> str:
    if host == "youtu.be":
        return path.strip("/").split("/")[0]
    if path == "/watch":
        return query.get("v", [""])[0]
    match = re.match(r"/(?:embed|shorts|live)/([^/]+)", path)
    return match[1] if match else ""


def player_for(url: str) -> Player | None:
    """The player of an allow-listed video, built from its identifier only: nothing of the address typed is passed on."""
    try:
        parts = urlsplit((url or "").strip())
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or parts.username or not parts.hostname:
        return None
    host = parts.hostname.removeprefix("www.").removeprefix("m.")
    if host in ("youtube.com", "youtu.be", "youtube-nocookie.com"):
        found = _youtube_id(host, parts.path, parse_qs(parts.query))
        if re.fullmatch(r"[\w-]{6,20}", found, re.ASCII):
            return Player("YouTube", f"https://www.youtube-nocookie.com/embed/{found}")
    elif host in ("vimeo.com", "player.vimeo.com"):
        match = re.fullmatch(r"/(?:video/)?(\d{4,14})/?", parts.path, re.ASCII)
        if match:
            return Player("Vimeo", f"https://player.vimeo.com/video/{match[1]}?dnt=1")
    elif parts.hostname in PEERTUBE_HOSTS:
        match = re.fullmatch(r"/(?:w|videos/watch|videos/embed)/([\w-]{8,40})/?", parts.path, re.ASCII)
        if match:
            return Player("PeerTube", f"https://{parts.hostname}/videos/embed/{match[1]}")
    return None
