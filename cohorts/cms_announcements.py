"""The announcements of a cohort inside the CMS: written and looked at before they are posted, changed, withdrawn, with every wording."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import get_language, get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from academy.blocks import TEXT_FEATURES
from academy.cms_verbs import CHANGE, LETTERS, LettersFirst, Verb, crumbs, offered, perform, words
from academy.html import clean
from academy.models import Message, User
from academy.permissions import is_coordinator
from cohorts.actions import announce, change_announcement, withdraw_announcement
from cohorts.announcements import announced
from cohorts.models import Announcement, Cohort
from cohorts.models.announcement import in_language
from cohorts.permissions import can_announce
from wiki.question_cms import AnswerWriter

LANGUAGES = [code for code, _name in settings.LANGUAGES]


class BodyWriter(AnswerWriter):
    """Its own HTML comes back from the page that shows an announcement before it is posted; the action cleans it like any other."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        sent = data.get(name) or ""
        return sent if sent.lstrip().startswith("<") else super().value_from_datadict(data, files, name)


class WordsForm(forms.Form):
    """A title and a text for each language: one language is enough."""

    def __init__(self, *args: Any, row: Cohort | Announcement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        announcement = row if isinstance(row, Announcement) else Announcement()
        for code in LANGUAGES:
            language = {"language": get_language_info(code)["name_local"]}
            title, body = (_("Title (%(language)s)") % language, _("Text (%(language)s)") % language)
            self.fields[f"title_{code}"] = forms.CharField(label=title, required=False, max_length=Announcement.MOST_TITLE)
            self.fields[f"body_{code}"] = forms.CharField(label=body, required=False, widget=BodyWriter(features=TEXT_FEATURES))
            self.initial |= {f"title_{code}": announcement.title.get(code, ""), f"body_{code}": announcement.body.get(code, "")}
        self.fields["is_pinned"] = forms.BooleanField(
            label=_("It stays on top of the others"), required=False, initial=announcement.is_pinned
        )
        self.order_fields([name for name in self.fields if name != "delivery"])

    def clean(self) -> dict:
        """For the action: the words by language."""
        data = super().clean()
        found = {part: {code: data.pop(f"{part}_{code}", "") for code in LANGUAGES} for part in ("title", "body")}
        return {**data, **found}


class AnnounceForm(WordsForm):
    delivery = forms.ChoiceField(
        label=gettext_lazy("Who gets a letter"),
        choices=Announcement.Delivery,
        initial=Announcement.Delivery.SITE,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Whatever you choose, it stands on the pathway of each project and in the space of the cohort."),
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=1000, widget=words())


def _own(row: Announcement, user: User) -> bool:
    return row.withdrawn_at is None and can_announce(user, row.cohort)


ANNOUNCE = {
    "announce": Verb(
        "announce",
        gettext_lazy("Post an announcement"),
        announce,
        lambda row, user: can_announce(user, row),
        AnnounceForm,
        gettext_lazy("You see it as its readers will before it is posted, with every letter that leaves."),
        takes_row=True,
        writes=True,
    )
}
ANNOUNCEMENT_VERBS = {
    "change": Verb(
        "change",
        gettext_lazy("Change it"),
        change_announcement,
        _own,
        WordsForm,
        gettext_lazy("What it said before stays readable here. Nobody is written to again."),
        takes_row=True,
    ),
    "withdraw": Verb(
        "withdraw",
        gettext_lazy("Withdraw it"),
        withdraw_announcement,
        lambda row, user: row.withdrawn_at is None and is_coordinator(user),
        WithdrawForm,
        gettext_lazy("Nobody of the cohort reads it any more; its comments go with it."),
        is_grave=True,
    ),
}


def _cohort(request: HttpRequest, pk) -> Cohort:
    if not is_coordinator(request.user):
        raise Http404
    return get_object_or_404(Cohort.objects.for_user(request.user).select_related("coordinator"), pk=pk)


def _page(row: Cohort, title: str, *between: tuple[str, str]) -> dict:
    above = ((_("Cohorts"), reverse("cohorts:index")), (str(row), reverse("cohorts_cms_cohort", args=[row.pk])))
    return {"cohort": row, "header_title": title, "header_icon": "mail", "breadcrumbs_items": crumbs(*above, *between, (title, ""))}


def _list_page(row: Cohort) -> tuple[str, str]:
    return (_("Announcements"), reverse("cohorts_cms_announcements", args=[row.pk]))


@require_http_methods(["GET", "POST"])
def announcements(request: HttpRequest, pk, verb: str = "") -> HttpResponse:
    """All of a cohort, those that were withdrawn too; and one more, looked at before it is posted."""
    row = _cohort(request, pk)
    refused = None
    if request.method == "POST":
        if not can_announce(request.user, row):
            raise Http404
        refused = perform(request, ANNOUNCE, row, verb)
        if refused is None:
            return redirect("cohorts_cms_announcements", pk=row.pk)
        if isinstance(refused, LettersFirst):
            return _look(request, row, refused)
    rows = announced(list(row.announcements.select_related("posted_by").pinned_first()))
    context = {
        **_page(row, _("Announcements")),
        "rows": rows,
        "may_announce": can_announce(request.user, row),
        "verbs": offered(ANNOUNCE, row, request.user, refused),
    }
    return render(request, "cohorts/cms/announcements.html", context)


def _look(request: HttpRequest, row: Cohort, first: LettersFirst) -> HttpResponse:
    """The announcement in each language of its readers, and the letters, before anything is posted."""
    data = first.form.cleaned_data
    bodies = {code: clean(html or "") for code, html in data["body"].items()}
    context = {
        **_page(row, _("Post an announcement"), _list_page(row)),
        "first": first,
        "readings": [(code, in_language(data["title"], bodies, code)) for code in LANGUAGES],
        "letters": _by_language(first.letters),
        "number": len(first.letters),
        "weekly": data["delivery"] == Announcement.Delivery.WEEKLY,
        "stamp": first.stamp,
        "field": LETTERS,
        "change": CHANGE,
    }
    return render(request, "cohorts/cms/announcement_look.html", context, status=409 if first.is_changed else 200)


def _by_language(letters: list[Message]) -> list[tuple[Message, list[str]]]:
    """One letter of each language (they differ by the name of who is greeted), and who gets it."""
    found: dict[str, tuple[Message, list[str]]] = {}
    for letter in letters:
        found.setdefault(letter.language, (letter, []))[1].append(str(letter.to))
    return list(found.values())


@require_http_methods(["GET", "POST"])
def announcement(request: HttpRequest, pk, verb: str = "") -> HttpResponse:
    """One of them: as it stands, what can be done with it, and every wording that it had."""
    if not is_coordinator(request.user):
        raise Http404
    row = get_object_or_404(Announcement.objects.select_related("cohort", "posted_by", "withdrawn_by"), pk=pk)
    refused = None
    if request.method == "POST":
        if verb not in ANNOUNCEMENT_VERBS or (verb == "change" and not can_announce(request.user, row.cohort)):
            raise Http404
        refused = perform(request, ANNOUNCEMENT_VERBS, row, verb)
        if isinstance(refused, LettersFirst):
            return refused.page(request, back=reverse("cohorts_cms_announcement", args=[row.pk]))
        if refused is None:
            return redirect("cohorts_cms_announcement", pk=row.pk)
    versions = list(row.versions.select_related("written_by"))
    context = {
        **_page(row.cohort, row.in_language(get_language()).title, _list_page(row.cohort)),
        "announcement": row,
        "readings": [(code, row.in_language(code)) for code in LANGUAGES if row.title.get(code)],
        "versions": [(one, [(code, one.in_language(code)) for code in LANGUAGES if one.title.get(code)]) for one in versions[1:]],
        "verbs": offered(ANNOUNCEMENT_VERBS, row, request.user, refused),
    }
    return render(request, "cohorts/cms/announcement.html", context)


def pages() -> list:
    return [
        path("cohorts/<uuid:pk>/announcements/", announcements, name="cohorts_cms_announcements"),
        path("cohorts/<uuid:pk>/announcements/<slug:verb>/", announcements, name="cohorts_cms_announcements_verb"),
        path("announcements/<uuid:pk>/", announcement, name="cohorts_cms_announcement"),
        path("announcements/<uuid:pk>/<slug:verb>/", announcement, name="cohorts_cms_announcement_verb"),
    ]
