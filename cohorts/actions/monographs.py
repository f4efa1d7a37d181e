"""The dossier of a project becomes the draft of its monograph. A trainer publishes it, in the wiki, as any page."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.audit import record
from academy.locking import lock
from academy.models import User
from academy.rules import RuleViolation
from cohorts.interests import check_decides_freely
from cohorts.letters import tell_project
from cohorts.models import Dossier, Participation, dossier_of
from cohorts.monographs import READY, language_of, monograph_of
from wiki.actions import begin_monograph
from wiki.models import MonographPage, WikiSection


def _check(participation: Participation, section: WikiSection, *, by: User) -> None:
    check_decides_freely(participation.project, by=by)
    if participation.state not in READY:
        raise RuleViolation(_("The monograph is drafted once the project is ready to graduate."), code="wrong_state")
    if page := monograph_of(participation):
        raise RuleViolation(_("There is a monograph already: “%(title)s”. Open it and go on there.") % {"title": page.title}, code="exists")
    language = language_of(participation)
    if section.locale.language_code != language:
        name = dict(settings.LANGUAGES)[language]
        raise RuleViolation(
            _("The dossier is in another language: choose a section in %(language)s.") % {"language": name}, code="language"
        )


@transaction.atomic
def draft_monograph(participation: Participation, *, by: User, section: WikiSection) -> MonographPage:
    """A draft under the ten headings, word for word what the dossier says now. Made once: it never overwrites a page, nor publishes one."""
    lock(participation)
    project = lock(participation.project)
    _check(participation, section, by=by)
    dossier = dossier_of(project)
    chapters = {key: text for key in Dossier.KEYS if (text := getattr(dossier, key).strip())}
    if not chapters:
        raise RuleViolation(_("The dossier of this project is empty: there is nothing to make a monograph of yet."), code="empty")
    page = begin_monograph(section, title=project.name, summary=project.summary, country=project.country, chapters=chapters, by=by)
    project.monograph = page
    project.save(update_fields=["monograph"])
    record(participation, "cohorts.draft_monograph", by=by, data={"page": page.pk, "headings": len(chapters)})
    tell_project(
        project,
        subject=gettext_lazy("Your dossier becomes a monograph"),
        lines=[
            gettext_lazy("We have made a draft of it for our wiki, in your own words. A trainer reads it before it is published."),
            gettext_lazy("Is something in it that should stay between us? Tell us now."),
        ],
        link="cohorts_my_pathway",
        link_label=gettext_lazy("Open my pathway"),
        cause=f"monograph:{page.translation_key}",
        by=by,
    )
    return page
