"""Keeping pages true, and bringing them in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, Locale, Page

from academy import audit, pagecache
from academy.links.table import read_again
from academy.permissions import COORDINATORS, TRAINERS
from academy.rules import RuleViolation
from wiki.importer import SourceFile, place_images, read_source
from wiki.models import ImportSource, WikiPage, WikiSection
from wiki.pad import Pad

PRIVATE_COLLECTION = "Imports"


@transaction.atomic
def verify_page(page: WikiPage, *, by: Any, note: str = "", at: datetime | None = None) -> WikiPage:
    """Says that the page is still true today. Moves the next review; changes no word, makes no revision."""
    page = WikiPage.objects.select_for_update(no_key=True, of=("self",)).get(pk=page.pk)
    if not page.live:
        raise RuleViolation(_("This page is not published: publish it, then verify it."))
    page.verified_at = at or timezone.now()
    page.verified_by = by
    page.review_due_on = page.next_review(page.verified_at)
    page.save(update_fields=["verified_at", "verified_by", "review_due_on"], clean=False)
    audit.record(page, "wiki.verify", by=by, data={"note": note[:500], "next_review": page.review_due_on.isoformat()})
    pagecache.clear()
    return page


@dataclass
class ImportResult:
    """What became of one source: `outcome` is created, updated, draft or unchanged."""

    source: ImportSource
    outcome: str
    pad: Pad


@transaction.atomic
def import_source(section: WikiSection, *, source: SourceFile, by: Any = None, publish: bool = True) -> ImportResult:
    """Makes or updates the page of a source under a section. The same bytes again write nothing.

    A page that a person has edited since the last import is not overwritten: the new text becomes a draft for them to
    compare. Raises RefusedFile for what cannot be read.
    """
    section = WikiSection.objects.select_for_update(no_key=True, of=("self",)).get(pk=section.pk)
    pad = read_source(source)
    place_images(pad, {})
    known = ImportSource.objects.select_related("page").filter(key=source.key, locale=section.locale).first()
    if known and known.page_id and known.sha256 == source.sha256:
        return ImportResult(known, "unchanged", pad)
    record = known or ImportSource(key=source.key, locale=section.locale)
    if record.page_id is None:
        outcome = "created"
        page = _new_page(section, pad, publish)
        page.save_revision(user=by, log_action=False)
    else:
        page = record.page
        outcome = "draft" if record.is_edited_since else "updated"
        page = page.get_latest_revision_as_object()
        _fill(page, pad)
        page.save_revision(user=by, log_action=True, changed=True)
    page.refresh_from_db()
    revision = page.latest_revision
    if publish and outcome != "draft":
        revision.publish(user=by, log_action=False)
    record.page, record.revision = page, revision
    record.sha256, record.report = source.sha256, {**pad.report.as_json(), "outcome": outcome}
    record.imported_at, record.imported_by = timezone.now(), by if getattr(by, "pk", None) else None
    record.original = _keep_original(source, by)
    record.save()
    read_again(page)  # now it answers to the name of its file too
    audit.record(page, "wiki.import", by=by, data={"source": source.key, "outcome": outcome})
    return ImportResult(record, outcome, pad)


def _fill(page: WikiPage, pad: Pad) -> None:
    page.title = page.draft_title = pad.title[:255]
    page.summary = pad.description[:500] or page.summary
    page.body = pad.blocks
    page.tags.set([tag[:100] for tag in pad.tags[:20]])


def _new_page(section: WikiSection, pad: Pad, publish: bool) -> WikiPage:
    page = WikiPage(slug=_free_slug(section, pad.title), live=False, locale=section.locale)
    _fill(page, pad)
    return section.add_child(instance=page)


def _free_slug(section: WikiSection, title: str) -> str:
    stem = slugify(title)[:80].strip("-") or "page"
    taken = set(Page.objects.child_of(section).filter(slug__startswith=stem).values_list("slug", flat=True))
    slug, number = stem, 2
    while slug in taken:
        slug, number = f"{stem}-{number}", number + 1
    return slug


def _private_collection() -> Collection:
    """The originals, for those who work in the CMS only."""
    root = Collection.get_first_root_node()
    collection = root.get_children().filter(name=PRIVATE_COLLECTION).first() or root.add_child(name=PRIVATE_COLLECTION)
    restriction, created = CollectionViewRestriction.objects.get_or_create(
        collection=collection, defaults={"restriction_type": CollectionViewRestriction.GROUPS}
    )
    if created:
        restriction.groups.set(Group.objects.filter(name__in=[TRAINERS, COORDINATORS]))
    return collection


def _keep_original(source: SourceFile, by: Any):
    """The file as it came, once per content."""
    documents = get_document_model()
    collection = _private_collection()
    known = documents.objects.filter(sha256=source.sha256, collection=collection).first()
    if known is not None:
        return known
    document = documents(
        title=source.name[:255],
        collection=collection,
        sha256=source.sha256,
        uploaded_by_user=by if getattr(by, "pk", None) else None,
    )
    document.file.save(source.name, ContentFile(source.content), save=False)
    document._set_document_file_metadata()
    document.save()
    return document


def section_for(slug: str, *, language: str, by: Any = None) -> WikiSection:
    """The section to import into: its slug, or `wiki` for the top. Raises RuleViolation with the choices when there is none."""
    locale = Locale.objects.filter(language_code=language).first()
    if locale is None:
        raise RuleViolation(_("The site has no language “%(language)s”.") % {"language": language})
    sections = WikiSection.objects.filter(locale=locale).order_by("path")
    found = sections.filter(slug=slug).first()
    if found is None:
        choices = ", ".join(sections.values_list("slug", flat=True)) or "—"
        raise RuleViolation(
            _("There is no wiki section “%(slug)s” in %(language)s. Sections there: %(choices)s.")
            % {"slug": slug, "language": language, "choices": choices}
        )
    return found
