"""A site of any size that nobody wrote, for measuring search: pages in sections, some of them closed, and files of many pages.

The words are invented, the same at each run, and stand as often as words do: a few everywhere, most of them hardly ever.
"""

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from wagtail.models import Collection, Locale, Page, PageViewRestriction

from academy.models import AcademyDocument, HomePage
from academy.search import index, registry
from academy.search.models import SearchEntry
from wiki.models import WikiPage

SECTIONS, CLOSED = 20, 4  # sections of pages, and how many of them are for people with an account
BATCH = 2000
SYLLABLES = [
    "ba",
    "ca",
    "cé",
    "co",
    "da",
    "dé",
    "di",
    "do",
    "fa",
    "fi",
    "ga",
    "gé",
    "gra",
    "la",
    "lé",
    "li",
    "lo",
    "ma",
    "mé",
    "mi",
    "mo",
    "na",
    "né",
    "ni",
    "no",
    "pa",
    "pé",
    "pi",
    "po",
    "pra",
    "ra",
    "ré",
    "ri",
    "ro",
    "sa",
    "sé",
    "si",
    "so",
    "ta",
    "té",
    "ti",
    "to",
    "tra",
    "va",
    "vé",
    "vi",
]
COMMON = ["smart", "coopérative", "contrat", "projet", "entreprise", "travail", "salarié", "membre", "partage", "formation"]


class Words:
    """An invented language with the habits of French."""

    def __init__(self, seed: int = 7, size: int = 6_000):
        self.random = random.Random(seed)  # noqa: S311 (nothing is secret here)
        invented = {"".join(self.random.choices(SYLLABLES, k=self.random.randint(2, 4))) for _number in range(size)}
        self.words = [*COMMON, *sorted(invented)]
        self.weights = list(accumulate(1 / (rank + 8) for rank in range(len(self.words))))

    def some(self, count: int) -> list[str]:
        picked = self.random.choices(self.words, cum_weights=self.weights, k=count)
        return [word + self.random.choice(("", "", "s", "e")) for word in picked]

    def text(self, count: int) -> str:
        return " ".join(f"l’{word}" if word[0] in "ae" else word for word in self.some(count)).capitalize() + "."


def fill(entries: int) -> None:
    """Makes the pages, the files and their entries; nine in ten are pages. The site itself must be there (`manage.py setup`)."""
    words = Words()
    locale = Locale.objects.get(language_code="fr")
    home = HomePage.objects.filter(locale=locale).first()
    sections = [_section(home, locale, number) for number in range(SECTIONS)]
    for section in sections[:CLOSED]:
        PageViewRestriction.objects.create(page=section, restriction_type=PageViewRestriction.LOGIN)
    files = entries // 10
    for made in _batches(entries - files):
        _pages(made, sections, locale, words)
    for made in _batches(files):
        _passages(made, words)


def _batches(total: int) -> Iterator[range]:
    for start in range(0, total, BATCH):
        yield range(start, min(start + BATCH, total))


def _section(home: HomePage, locale: Locale, number: int) -> Page:
    return home.add_child(instance=Page(title=f"Rayon {number}", slug=f"rayon-{number}", locale=locale, live=True))


def _pages(numbers: range, sections: list[Page], locale: Locale, words: Words) -> None:
    kind = ContentType.objects.get_for_model(WikiPage)
    pages = []
    for number in numbers:
        section = sections[number % SECTIONS]
        title = " ".join(words.some(4)).capitalize()
        pages.append(
            Page(
                path=Page._get_path(section.path, section.depth + 1, number // SECTIONS + 1),
                depth=section.depth + 1,
                title=title,
                draft_title=title,
                slug=f"page-{number}",
                url_path=f"{section.url_path}page-{number}/",
                locale=locale,
                content_type=kind,
                live=True,
            )
        )
    Page.objects.bulk_create(pages)
    found = registry.findable("wiki.wikipage")
    entries = [
        registry.Entry(
            title=page.title, body=words.text(85), language="fr", page=page, changed_at=timezone.now() - timedelta(days=page.pk % 900)
        )
        for page in pages
    ]
    _write(found, [(f"synthetic:{page.pk}", entry) for page, entry in zip(pages, entries, strict=True)])


def _passages(numbers: range, words: Words) -> None:
    document = AcademyDocument.objects.create(
        title=words.text(3), collection=Collection.get_first_root_node(), file=f"documents/{numbers[0]}.pdf"
    )
    found = registry.findable("academy.academydocument")
    owner = f"synthetic-file:{document.pk}"
    entries = [
        registry.Entry(title=document.title, body=words.text(120), language="fr", document=document, part=part, number=part + 1)
        for part in range(len(numbers))
    ]
    _write(found, [(owner, entry) for entry in entries])


def _write(found: registry.Findable, made: list[tuple[str, registry.Entry]]) -> None:
    now = timezone.now()
    rows = [index.entry_row(found, owner, entry, None, now) for owner, entry in made]
    SearchEntry.objects.bulk_create(rows, batch_size=500)
    index.keep_words(rows)
