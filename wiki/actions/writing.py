"""Beginning a page: one that others already ask for, or a monograph out of words that somebody wrote elsewhere. Always a draft."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.html import escape
from django.utils.translation import gettext as _

from academy.rules import RuleViolation
from wiki.actions.imports import _free_slug
from wiki.models import MonographPage, WikiPage, WikiSection


@transaction.atomic
def begin_page(section: WikiSection, *, title: str, asked: str = "", by: Any) -> WikiPage:
    """A draft under a section. Its address comes from the words that `asked` for it, so that red links find it whatever its title becomes."""
    return _begin(WikiPage(title=title), section, asked=asked, by=by)


@transaction.atomic
def begin_monograph(
    section: WikiSection, *, title: str, summary: str = "", country: str = "", chapters: Mapping[str, str], by: Any
) -> MonographPage:
    """A draft about a project. `chapters`: plain text by the key of its heading, kept as it was written, paragraph by paragraph."""
    about = {"kind": MonographPage.Kind.PROJECT, "organisation": title[:150], "country": country}
    page = MonographPage(title=title, summary=_first_of(summary), **about)
    for key, text in chapters.items():
        setattr(page, key, _as_blocks(text))
    return _begin(page, section, asked="", by=by)


def _begin(page: WikiPage, section: WikiSection, *, asked: str, by: Any) -> WikiPage:
    section = WikiSection.objects.select_for_update(no_key=True, of=("self",)).get(pk=section.pk)
    if not section.permissions_for_user(by).can_add_subpage():
        raise RuleViolation(_("You may not add a page to “%(section)s”. Choose another section.") % {"section": section.title})
    page.title = " ".join(page.title.split())[:255]
    if not page.title:
        raise RuleViolation(_("Give the page a title."))
    page.slug, page.locale, page.live, page.owner = _free_slug(section, asked or page.title), section.locale, False, by
    section.add_child(instance=page)
    page.save_revision(user=by, log_action=False)
    return page


def _first_of(text: str, *, most: int = 500) -> str:
    """Whole words, as many as a summary holds."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rpartition(' ')[0]}…"


def _as_blocks(text: str) -> list[dict]:
    """Paragraphs that were parted by an empty line; line ends stay. Nothing that was typed is markup."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n"))]
    html = "".join(f"<p>{escape(part).replace(chr(10), '<br/>')}</p>" for part in paragraphs if part)
    return [{"type": "text", "value": html, "id": str(uuid.uuid4())}] if html else []
