"""The files of a section: a collection for each section that has some, which asks of readers what the section asks (design.md §2)."""

from typing import Any

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from wagtail.documents import get_document_model
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction
from wagtail.signals import post_page_move

from academy.permissions import COORDINATORS, TRAINERS
from academy.privacy import restrictions_of
from wiki.importer import SourceFile
from wiki.models import SectionFiles, WikiSection

ORIGINALS, FILES = "Imports", "Wiki"


def collection_of(section: WikiSection) -> Collection:
    """The collection of a section's files, made at its first file."""
    kept = SectionFiles.objects.select_related("collection").filter(section=section).first()
    if kept is None:
        name = f"{section.title[:200]} ({section.locale.language_code})"
        collection = _under_root(FILES).add_child(name=name)
        kept = SectionFiles.objects.create(section=section, collection=collection)
    _follow(kept)
    return kept.collection


def originals() -> Collection:
    """What pages were made from, for those who work in the CMS only."""
    collection = _under_root(ORIGINALS)
    restriction, created = CollectionViewRestriction.objects.get_or_create(
        collection=collection, defaults={"restriction_type": CollectionViewRestriction.GROUPS}
    )
    if created:
        restriction.groups.set(Group.objects.filter(name__in=[TRAINERS, COORDINATORS]))
    return collection


def _under_root(name: str) -> Collection:
    root = Collection.get_first_root_node()
    found = root.get_children().filter(name=name).first()
    if found is None:
        root = Collection.objects.select_for_update(no_key=True).get(pk=root.pk)
        found = root.get_children().filter(name=name).first() or root.add_child(name=name)
    return found


# --- privacy


def _rules(restrictions) -> set[tuple]:
    return {(one.restriction_type, one.password, frozenset(group.pk for group in one.groups.all())) for one in restrictions}


def _follow(kept: SectionFiles) -> None:
    """Gives the collection what stands between a reader and the section, and nothing else."""
    wanted = _rules(restrictions_of(kept.section).exclude(restriction_type=PageViewRestriction.NONE).prefetch_related("groups"))
    standing = CollectionViewRestriction.objects.filter(collection=kept.collection)
    if _rules(standing.prefetch_related("groups")) == wanted:
        return
    standing.delete()
    for kind, password, groups in wanted:
        made = CollectionViewRestriction.objects.create(collection=kept.collection, restriction_type=kind, password=password)
        made.groups.set(groups)


@transaction.atomic
def follow_under(page: Page) -> None:
    """After the privacy or the place of a page has changed: the files of what is under it follow."""
    for kept in SectionFiles.objects.select_related("section", "collection").filter(section__path__startswith=page.path):
        _follow(kept)


def _restriction_changed(sender: type, instance: PageViewRestriction, raw: bool = False, **_kwargs) -> None:
    page = None if raw or not isinstance(instance, PageViewRestriction) else Page.objects.filter(pk=instance.page_id).first()
    if page is not None:
        follow_under(page)


def _page_moved(sender: type, instance: Page, **_kwargs) -> None:
    follow_under(instance)


def install() -> None:
    """Called once, by WikiConfig.ready."""
    post_save.connect(_restriction_changed, sender=PageViewRestriction, dispatch_uid="section-files-save")
    post_delete.connect(_restriction_changed, sender=PageViewRestriction, dispatch_uid="section-files-delete")
    m2m_changed.connect(_restriction_changed, sender=PageViewRestriction.groups.through, dispatch_uid="section-files-groups")
    post_page_move.connect(_page_moved, dispatch_uid="section-files-move")


# --- keeping a file


def keep_original(source: SourceFile, by: Any):
    """What a page was made from, as it came, once per content. Nobody searches in it: no signal is sent."""
    documents = get_document_model()
    collection = originals()
    known = documents.objects.filter(sha256=source.sha256, collection=collection).first()
    if known is None:
        known = _new(source, collection, by)
        documents.objects.bulk_create([known])
    return known


def keep_file(source: SourceFile, section: WikiSection, by: Any, *, title: str = ""):
    """A file that readers get: the one of the section with this content, else a new one. Gives it, and whether it is new."""
    documents = get_document_model()
    collection = collection_of(section)
    known = documents.objects.filter(sha256=source.sha256, collection=collection).first()
    if known is not None:
        rename_file(known, title)
        return known, False
    document = _new(source, collection, by)
    document.title = title[:255] or document.title
    document.save()
    return document, True


def rename_file(document, title: str) -> None:
    """Called otherwise from now on; nothing chosen leaves the title that it has."""
    if title and document.title != title[:255]:
        document.title = title[:255]
        document.save()


def replace_file(document, source: SourceFile, *, title: str = "") -> None:
    """The same file with new content: every link to it stays."""
    old, storage = document.file.name, document.file.storage
    document.title = title[:255] or document.title
    _fill(document, source)
    document.save()
    transaction.on_commit(lambda: storage.delete(old))


def _new(source: SourceFile, collection: Collection, by: Any):
    document = get_document_model()(
        title=source.name[:255], collection=collection, uploaded_by_user=by if getattr(by, "pk", None) else None
    )
    _fill(document, source)
    return document


def _fill(document, source: SourceFile) -> None:
    document.sha256, document.text_extracted_at = source.sha256, None
    document.file.save(source.name, ContentFile(source.content), save=False)
    document._set_document_file_metadata()
