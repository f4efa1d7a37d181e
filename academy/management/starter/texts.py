"""Reads the starter texts: markdown with front matter, and YAML with the words of both languages side by side."""

import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

LANGUAGES = ("fr", "en")
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://smart.coop/academy/starter")


def key_of(name: str) -> uuid.UUID:
    """The identity of a starter thing, the same on every machine and in every language: `wiki/recipe`, `module/…`."""
    return uuid.uuid5(NAMESPACE, name)


@dataclass(frozen=True)
class Text:
    """One markdown file."""

    slug: str
    title: str
    summary: str
    order: int
    minutes: int | None
    body: str
    tags: tuple[str, ...] = ()


def read_text(path: Path) -> Text:
    head, _, body = path.read_text(encoding="utf-8").removeprefix("---\n").partition("\n---\n")
    meta = yaml.safe_load(head)
    return Text(
        meta["slug"],
        meta["title"],
        meta["summary"],
        meta.get("order", 0),
        meta.get("minutes"),
        body.strip() + "\n",
        tuple(meta.get("tags", ())),
    )


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def content(app: str) -> Path:
    return settings.PROJECT_DIR / app / "content"


def wiki_sections(language: str) -> list[tuple[Text, list[Text]]]:
    """Sections of the wiki in order, each with its pages in order."""
    sections = []
    for folder in sorted((content("wiki") / language).iterdir()):
        if folder.is_dir():
            pages = [read_text(path) for path in sorted(folder.glob("*.md")) if path.name != "_section.md"]
            sections.append((read_text(folder / "_section.md"), sorted(pages, key=lambda page: page.order)))
    return sorted(sections, key=lambda section: section[0].order)


LINK = re.compile(r"\]\((wiki|course|section):([a-z0-9-]+)\)")


def linked(markdown: str) -> list[str]:
    """The names of the starter pages that a text leads to: `wiki/recipe`."""
    return [f"{kind}/{slug}" for kind, slug in LINK.findall(markdown)]
