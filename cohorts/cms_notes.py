"""The notes of the meetings with a project, inside the CMS: read, written, corrected."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.admin.widgets import AdminDateInput

from academy.cms_verbs import crumbs, words
from academy.http import accepted
from cohorts.actions import correct_meeting_note, write_meeting_note
from cohorts.mentoring import mentors_of, notes_for
from cohorts.models import MeetingNote, Participation
from cohorts.permissions import can_correct_meeting_note, can_write_meeting_note


class MeetingNoteForm(forms.Form):
    met_on = forms.DateField(label=gettext_lazy("Day of the meeting"), widget=AdminDateInput)
    words = forms.CharField(label=gettext_lazy("What was said and agreed"), widget=words(8), max_length=8000)
    visibility = forms.ChoiceField(
        label=gettext_lazy("Who reads it"),
        choices=MeetingNote.Visibility,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("What is shared is read by everybody in the project, who are told of it. It can be corrected, not erased."),
    )


@require_http_methods(["GET", "POST"])
def notes(request: HttpRequest, pk, note: int | None = None) -> HttpResponse:
    """All of them with a form for one more; with `note`, the form corrects that one."""
    rows = Participation.objects.for_user(request.user).select_related("project", "cohort")
    row = get_object_or_404(rows, pk=pk)
    if not can_write_meeting_note(request.user, row):
        raise Http404
    corrected = _to_correct(request, row, note) if note else None
    form = MeetingNoteForm(request.POST or None, initial=_proposed(corrected))
    verb, about = (correct_meeting_note, corrected) if corrected else (write_meeting_note, row)
    if accepted(form, lambda: verb(about, by=request.user, **form.cleaned_data)):
        messages.success(request, _("The note is corrected.") if corrected else _("The note is kept."))
        return redirect("cohorts_cms_notes", pk=row.pk)
    found = notes_for(request.user, row.project)
    title = _("Correct a note") if corrected else _("Meetings with %(project)s") % {"project": row.project}
    return render(
        request,
        "cohorts/cms/notes.html",
        {
            "participation": row,
            "form": form,
            "corrected": corrected,
            "notes": [(one, can_correct_meeting_note(request.user, one.note)) for one in found],
            "mentors": mentors_of(row.project),
            "header_title": title,
            "header_icon": "comment",
            "breadcrumbs_items": crumbs(
                (str(row.cohort), reverse("cohorts_cms_cohort", args=[row.cohort_id])),
                (str(row.project), reverse("cohorts_cms_participation", args=[row.pk])),
                (_("Meetings"), reverse("cohorts_cms_notes", args=[row.pk]) if corrected else ""),
                *([(title, "")] if corrected else []),
            ),
        },
    )


def _to_correct(request: HttpRequest, row: Participation, note: int) -> MeetingNote:
    """Also one that was corrected meanwhile: the verb refuses it, in words."""
    rows = MeetingNote.objects.for_user(request.user).of_project(row.project).select_related("participation__project")
    found = get_object_or_404(rows, pk=note)
    if not can_correct_meeting_note(request.user, found):
        raise Http404
    return found


def _proposed(corrected: MeetingNote | None) -> dict:
    if corrected is None:
        return {"met_on": timezone.localdate()}
    return {"met_on": corrected.met_on, "words": corrected.words, "visibility": corrected.visibility}
