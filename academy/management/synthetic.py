"""A site of any size that nobody wrote, for measuring search: pages in sections, some of them closed, and files of many pages.

The words are invented, the same at each run, and stand as often as words do: a few everywhere, most of them hardly ever.
"""

import random
import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model
from django.utils import timezone
from wagtail.models import Collection, Locale, Page, PageViewRestriction

from academy.models import AcademyDocument, HomePage
from academy.search import schema
from academy.search.models import SearchEntry, SearchWord
from academy.search.words import VERSION, as_key, forms
from wiki.models import WikiPage

SECTIONS, CLOSED = 20, 4  # sections of pages, and how many of them are for people with an account
BATCH = 2000
SYLLABLES = ["ba", "ca", "cé", "co", "da", "dé", "di", "do", "fa", "fi", "ga", "gé", "gra", "la", "lé", "li", "lo", "ma", "mé", "mi", "mo", "na", "né", "ni", "no", "pa", "pé", "pi", "po", "pra", "ra", "ré", "ri", "ro", "sa", "sé", "si", "so", "ta", "té", "ti", "to", "tra", "va", "vé", "vi"]  # fmt: skip
COMMON = ["smart", "coopérative", "contrat", "projet", "entreprise", "travail", "salarié", "membre", "partage", "formation"]


class Words:
    """An invented language with the habits of French. What the index keeps of each word is worked out once, not at each of its places."""

    def __init__(self, seed: int = 7, size: int = 6_000):
        self.random = random.Random(seed)  # noqa: S311 (nothing is secret here)
        invented = {"".join(self.random.choices(SYLLABLES, k=self.random.randint(2, 4))) for _number in range(size)}
        words = [*COMMON, *sorted(invented)]
        weights = [1 / (rank + 8) for rank in range(len(words))]
        spelled = [(word + ending, weight) for word, weight in zip(words, weights, strict=True) for ending in ("", "", "s", "e")]
        self.written = [(f"l’{word}" if word[0] in "ae" else word, forms(word, "fr")) for word, _weight in spelled]
        self.weights = list(accumulate(weight for _word, weight in spelled))

    def some(self, count: int) -> tuple[str, str]:
        """A text of so many words, and those by which the index finds it: just what `words.indexed` makes of it."""
        picked = self.random.choices(self.written, cum_weights=self.weights, k=count)
        main = [found[0] for _word, found in picked]
        known = set(main)
        others = dict.fromkeys(form for _word, found in picked for form in found if form not in known)
        return " ".join(word for word, _found in picked).capitalize(), " ".join([*main, *others])

    @property
    def every(self) -> set[str]:
        return {form for _word, found in self.written for form in found}


def fill(entries: int) -> None:
    """Makes the pages, the files and their entries; nine in ten are pages. The site itself must be there (`manage.py setup`)."""
    words = Words()
    locale = Locale.objects.get(language_code="fr")
    home = HomePage.objects.filter(locale=locale).first()
    sections = [_section(home, locale, number) for number in range(SECTIONS)]
    for section in sections[:CLOSED]:
        PageViewRestriction.objects.create(page=section, restriction_type=PageViewRestriction.LOGIN)
    files = entries // 10
    with schema.paused(connection):
        for made in _batches(entries - files):
            _pages(made, sections, words)
        for made in _batches(files):
            _passages(made, words)
    kept = sorted(word for word in words.every if 4 <= len(word) <= 30 and word.isalpha())
    SearchWord.objects.bulk_create([SearchWord(word=word) for word in kept], ignore_conflicts=True, batch_size=500)


def _batches(total: int) -> Iterator[range]:
    for start in range(0, total, BATCH):
        yield range(start, min(start + BATCH, total))


def _section(home: HomePage, locale: Locale, number: int) -> Page:
    return home.add_child(instance=Page(title=f"Rayon {number}", slug=f"rayon-{number}", locale=locale, live=True))


def _pages(numbers: range, sections: list[Page], words: Words) -> None:
    of_all = {"content_type_id": ContentType.objects.get_for_model(WikiPage).pk, "locale_id": sections[0].locale_id, "live": True}
    pages, titled = [], {}
    for number in numbers:
        section = sections[number % SECTIONS]
        path = Page._get_path(section.path, section.depth + 1, number // SECTIONS + 1)
        title, _words = titled[path] = words.some(4)
        slug, key = f"page-{number}", uuid.UUID(int=words.random.getrandbits(128))
        own = {"path": path, "depth": section.depth + 1, "title": title, "draft_title": title, "slug": slug, "translation_key": key}
        pages.append({**of_all, **own, "url_path": f"{section.url_path}{slug}/"})
    insert(Page, pages)
    made = Page.objects.filter(path__in=list(titled)).order_by("path").values_list("pk", "path")
    insert(SearchEntry, [_entry(words, 85, *titled[path], kind="page", owner=f"wiki.wikipage:{pk}", page_id=pk) for pk, path in made])


def _passages(numbers: range, words: Words) -> None:
    title, title_words = words.some(3)
    document = AcademyDocument.objects.create(title=title, collection=Collection.get_first_root_node(), file=f"documents/{numbers[0]}.pdf")
    whose = {"kind": "file", "owner": f"academy.academydocument:{document.pk}", "document_id": document.pk}
    insert(
        SearchEntry,
        [_entry(words, 120, title, "" if part else title_words, part=part, number=part + 1, **whose) for part in range(len(numbers))],
    )


def _entry(words: Words, length: int, title: str, title_words: str, **said: Any) -> dict[str, Any]:
    body, body_words = words.some(length)
    found = {
        "title": title,
        "title_words": title_words,
        "title_key": as_key(title) if title_words else "",
        "body": body,
        "body_words": body_words,
    }
    changed_at = timezone.now() - timedelta(days=words.random.randrange(900))
    return {"language": "fr", "version": VERSION, "changed_at": changed_at, **found, **said}


def insert(model: type[Model], rows: list[dict[str, Any]]) -> None:
    """As a bulk_create would, many times quicker. What a row does not say is as in an empty one."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    empty = model()
    usual = {field.attname: field.get_db_prep_save(getattr(empty, field.attname), connection) for field in fields}
    said = [field for field in fields if field.attname in rows[0]]
    ready = (
        list({**usual, **{field.attname: field.get_db_prep_save(row[field.attname], connection) for field in said}}.values())
        for row in rows
    )
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN') as copy:
                for row in ready:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places})', list(ready))  # noqa: S608 (our own columns)
