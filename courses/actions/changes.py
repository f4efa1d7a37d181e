"""Telling those who finished that an activity, or a module as a whole, has changed since."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from academy import audit, messages, pagecache
from academy.models import User
from academy.rules import RuleViolation
from courses.access import lasting_guards, opens_to
from courses.finished import who_had_finished
from courses.models import ActivityChange, ActivityPage, ModulePage
from courses.models.changes import key_of
from courses.syllabus import page_address


@transaction.atomic
def announce_change(page: ActivityPage | ModulePage, *, words: dict[str, str], by: User) -> ActivityChange:
    """Marks the activity or the module as changed for who finished it before; the clock writes to them. Nobody's completion is touched.

    Raises RuleViolation: not published, or not said in every language of the site.
    """
    model = ModulePage if isinstance(page, ModulePage) else ActivityPage
    model.objects.select_for_update(no_key=True, of=("self",)).get(pk=page.pk)
    if not page.live:
        raise RuleViolation(_("Publish the change first: nobody can read it yet."), code="not_live")
    words = {code: " ".join(words.get(code, "").split()) for code, _name in settings.LANGUAGES}
    for code, name in settings.LANGUAGES:
        if not words[code]:
            raise RuleViolation(_("Say what changed in %(language)s too.") % {"language": translation.gettext(name)}, code="no_words")
    change = ActivityChange.objects.create(**key_of(page), words=words, revision=page.live_revision_id, announced_by=by)
    audit.record(page, "courses.announce_change", by=by, data={"reason": words[settings.LANGUAGE_CODE], "words": words})
    pagecache.clear()  # outlines show it
    return change


def tell_changes(*, by: User | None, now: datetime) -> int:
    """The clock: one mail to each person who had finished what changed before it changed, and may still open it.

    Returns how many; run again, it sends none twice. What was taken off the site meanwhile is told when it is back.
    """
    sent = 0
    for change in ActivityChange.objects.untold():
        model, key = (ModulePage, change.module_key) if change.module_key else (ActivityPage, change.activity_key)
        versions = list(model.objects.filter(translation_key=key).select_related("locale"))
        pages = {page.locale.language_code: page for page in versions if page.live}
        if versions and not pages:
            continue
        guards = lasting_guards() if pages else []
        for person in who_had_finished(change.announced_at, pages) if pages else []:
            open_to_them = {language: page for language, page in pages.items() if opens_to(person, page, guards)}
            sent += _tell(change, person, open_to_them, by) if open_to_them else 0
        ActivityChange.objects.filter(pk=change.pk).update(told_at=now)
    return sent


@transaction.atomic
def _tell(change: ActivityChange, person: User, pages: dict[str, ActivityPage] | dict[str, ModulePage], by: User | None) -> bool:
    page = pages.get(person.language) or pages.get(settings.LANGUAGE_CODE) or next(iter(pages.values()))
    words = change.words.get(person.language) or change.words[settings.LANGUAGE_CODE]
    context = {"title": page.title, "words": words, "href": page_address(page.locale.language_code, page.url_path)}
    return messages.queue(person, template="courses_changed", context=context, cause=f"courses.changed:{change.pk}", by=by) is not None
