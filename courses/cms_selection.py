"""Acting on people chosen in the matrix of a course: a letter to them, or one activity completed, excused, opened again for each.

Three steps, all posted and all without script: who (the matrix), what and why (the form), and for a letter the preview. Each person is one
action of its own; what is refused is said with its reason, and the others are done.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages

from academy import messages as outbox
from academy.cms_verbs import crumbs
from academy.models import User
from academy.rules import RuleViolation
from courses import actions, learner_groups
from courses.access import any_course
from courses.cms import specific_activity_page
from courses.cms_progress import course_address, require_follower, syllabus_or_404
from courses.forms import ReasonForm
from courses.models import ActivityPage, ActivityRecord
from courses.permissions import can_follow
from courses.redo import place_of
from courses.report_forms import ReportForm
from courses.reports import course_report
from courses.syllabus import Syllabus

NAMED = 10  # so many people are named in a refusal; the others are counted


class LetterForm(forms.Form):
    """What is written to them."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=150)
    text = forms.CharField(label=gettext_lazy("Text"), max_length=8000, widget=forms.Textarea(attrs={"rows": 12}))
    letter = forms.UUIDField(widget=forms.HiddenInput)

    def clean_subject(self) -> str:
        return " ".join(self.cleaned_data["subject"].split())


class OneActivityForm(ReasonForm):
    """Which activity, and why."""

    field_order = ["activity", "reason"]
    activity = forms.ChoiceField(label=gettext_lazy("Activity"))

    def __init__(self, *args, syllabus: Syllabus, **kwargs):
        super().__init__(*args, **kwargs)
        modules = [(place.module.title, [(str(one.key), one.title) for one in place.module.activities]) for place in syllabus.places]
        self.fields["activity"].choices = [("", ""), *modules]


def _complete(activity: ActivityPage, person: User, **how: Any) -> None:
    actions.complete_activity(activity, user=person, **how)


def _excuse(activity: ActivityPage, person: User, **how: Any) -> None:
    actions.excuse_activity(activity, user=person, **how)


def _reopen(activity: ActivityPage, person: User, *, redo_in: str, **how: Any) -> None:
    record = ActivityRecord.objects.counting_in(redo_in).filter(user=person, activity_key=activity.translation_key).first()
    if record is None:
        raise RuleViolation(_("This activity is not complete."), code="not_complete")
    actions.reopen_activity(record, **how)


@dataclass(frozen=True)
class Act:
    label: Any
    do: Callable[..., None] | None = None  # None: a letter


ACTS = {
    "write": Act(gettext_lazy("Write to them")),
    "complete": Act(gettext_lazy("Complete an activity for them"), _complete),
    "excuse": Act(gettext_lazy("Excuse them from an activity"), _excuse),
    "reopen": Act(gettext_lazy("Open an activity again for them"), _reopen),
}


def _chosen(request: HttpRequest, syllabus: Syllabus) -> list[User]:
    """The people ticked, or everybody that the filters list; nobody who does not follow the course."""
    cohorts = learner_groups.names_for(request.user)
    if "everybody" in request.POST:
        form = ReportForm(QueryDict(request.POST.get("query", "")), cohorts=cohorts)
        wanted = {one.person_id for one in course_report(syllabus, form.wanted()).learners}
    else:
        ticked = ",".join(request.POST.getlist("person")).split(",")
        wanted = {int(pk) for pk in ticked if pk.isascii() and pk.isdigit() and len(pk) < 19}
    followers = User.objects.filter(enrolments__course_key=syllabus.course_key, is_active=True)
    return [person for person in followers.order_by("name", "email") if person.pk in wanted]


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, key: UUID) -> HttpResponse:
    require_follower(request)
    syllabus = syllabus_or_404(request, key)
    if request.method == "GET":  # somebody reloads the address: the choice is made on the matrix
        return redirect(course_address(key))
    chosen_act = ACTS.get(request.POST.get("verb", ""))
    if chosen_act is None:
        raise Http404
    query = request.POST.get("query", "")
    back = f"{course_address(key)}?{query}" if query else course_address(key)
    people = _chosen(request, syllabus)
    if not people:
        messages.error(request, _("Choose the people first: tick them, or everybody in the list."))
        return redirect(back)
    step = request.POST.get("step", "")
    data = request.POST if step else None
    form = OneActivityForm(data, syllabus=syllabus) if chosen_act.do else LetterForm(data, initial={"letter": uuid4()})
    preview = False
    if step and form.is_valid() and step != "change":
        if chosen_act.do or step == "send":
            _perform(request, chosen_act, syllabus, people, form.cleaned_data)
            return redirect(back)
        preview = True
    context = {
        "verb": request.POST["verb"],
        "act": chosen_act.label,
        "is_letter": chosen_act.do is None,
        "people": people,
        "keys": ",".join(str(person.pk) for person in people),  # one field: Django reads no more than a thousand
        "query": query,
        "back": back,
        "form": form,
        "preview": preview,
        "header_title": chosen_act.label,
        "header_icon": "mail" if chosen_act.do is None else "tick-inverse",
        "breadcrumbs_items": crumbs(
            (_("Progress by course"), reverse("courses_cms_progress")), (syllabus.title, back), (chosen_act.label, "")
        ),
    }
    return render(request, "courses/cms/act.html", context)


def _perform(request: HttpRequest, chosen: Act, syllabus: Syllabus, people: list[User], said: dict[str, Any]) -> None:
    if chosen.do is None:
        course = any_course(syllabus.course_key)
        if course is None:
            messages.error(request, _("This course is not on the site now: nobody could open it from a letter. Write once it is back."))
            return
        with outbox.some_at_once():
            sent = actions.write_to_learners(course, people=people, by=request.user, **said)
        words = ngettext("The letter goes to %(n)d person.", "The letter goes to %(n)d people.", sent) % {"n": sent}
        messages.success(request, words if sent else _("Everybody has this letter already: nothing was sent again."))
        return
    activity = specific_activity_page(UUID(said["activity"]))
    if activity is None:
        messages.error(request, _("This activity is gone."))
        return
    done, refused = 0, defaultdict(list)
    for person in people:
        try:
            if not can_follow(request.user, person):
                raise RuleViolation(_("Nobody corrects their own record."), code="own")
            place = place_of(person, syllabus, activity.translation_key)
            chosen.do(activity, person, reason=said["reason"], by=request.user, redo_in=place)
        except RuleViolation as refusal:
            refused[str(refusal)].append(str(person))
        else:
            done += 1
    if done:
        messages.success(request, ngettext("Done for %(n)d person.", "Done for %(n)d people.", done) % {"n": done})
    for reason, names in refused.items():
        messages.warning(request, _("Not done for %(names)s: %(reason)s") % {"names": _named(names), "reason": reason})


def _named(names: list[str]) -> str:
    listed, others = ", ".join(names[:NAMED]), len(names) - NAMED
    if others <= 0:
        return listed
    return ngettext("%(names)s and %(n)d other person", "%(names)s and %(n)d other people", others) % {"names": listed, "n": others}
