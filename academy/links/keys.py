"""Names made comparable: “L’Économie sociale”, “l-economie-sociale” and “docs/l_economie_sociale.md” ask for the same page. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

from academy.links.models import LONGEST_KEY

FILE_ENDINGS = re.compile(r"\.(?:md|markdown|html?|docx?|odt|txt|rst|pdf)$", re.I)
FOLDER_PAGES = {"index", "readme", "_index", "summary"}


def key_of(words: str) -> str:
    """Letters and digits of any script, small, without accents; hyphens for whatever stands between."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", words.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "-", bare).strip("-")[:LONGEST_KEY].strip("-")


def path_key(path: str) -> str:
    """The same for the path of a file, part by part; `index` and `readme` stand for their folder."""
    path = unquote(re.split(r"[?#]", path.strip(), maxsplit=1)[0]).replace("\\", "/")
    parts = [part for part in FILE_ENDINGS.sub("", path).split("/") if part not in ("", ".", "..")]
    if len(parts) > 1 and parts[-1].lower() in FOLDER_PAGES:
        parts.pop()
    return "/".join(filter(None, map(key_of, parts)))[:LONGEST_KEY]


def looks_like_a_path(target: str) -> bool:
    bare = re.split(r"[?#]", target, maxsplit=1)[0]
    return bool(FILE_ENDINGS.search(bare)) or target.startswith(("./", "../", "/")) or ("/" in bare and " " not in bare.strip())


@dataclass(frozen=True)
class Asked:
    """What a red link asks for: its key, and for a path the key of its last part alone. Both empty: words without a letter."""

    key: str
    short_key: str = ""

    @property
    def keys(self) -> list[str]:
        return [key for key in (self.key, self.short_key) if key]


def asked(target: str) -> Asked:
    """The keys of a target as somebody wrote it: a title, a slug, or the path of a file."""
    if not looks_like_a_path(target):
        return Asked(key_of(target))
    whole = path_key(target)
    last = whole.rpartition("/")[2]
    return Asked(whole, last if last != whole and last not in FOLDER_PAGES else "")


def title_of(target: str) -> str:
    """What a page asked for by this target could be called: the title as written, or the last part of a path with its words apart."""
    target = " ".join(target.split())
    if not looks_like_a_path(target):
        return target[:255]
    parts = [
        part for part in FILE_ENDINGS.sub("", unquote(re.split(r"[?#]", target, maxsplit=1)[0])).split("/") if part not in ("", ".", "..")
    ]
    if len(parts) > 1 and parts[-1].lower() in FOLDER_PAGES:
        parts.pop()
    words = re.sub(r"[-_\s]+", " ", parts[-1]).strip() if parts else ""
    return (words[:1].upper() + words[1:])[:255]
