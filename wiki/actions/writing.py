"""Beginning a page that others already ask for."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from academy.rules import RuleViolation
from wiki.actions.imports import _free_slug
from wiki.models import WikiPage, WikiSection


@transaction.atomic
def begin_page(section: WikiSection, *, title: str, asked: str = "", by: Any) -> WikiPage:
    """A draft under a section. Its address comes from the words that `asked` for it, so that red links find it whatever its title becomes."""
    section = WikiSection.objects.select_for_update(no_key=True, of=("self",)).get(pk=section.pk)
    if not section.permissions_for_user(by).can_add_subpage():
        raise RuleViolation(_("You may not add a page to “%(section)s”. Choose another section.") % {"section": section.title})
    title = " ".join(title.split())[:255]
    if not title:
        raise RuleViolation(_("Give the page a title."))
    page = WikiPage(title=title, slug=_free_slug(section, asked or title), locale=section.locale, live=False, owner=by)
    section.add_child(instance=page)
    page.save_revision(user=by, log_action=False)
    return page
