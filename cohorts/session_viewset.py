"""The listing and the form of sessions in the CMS: facts, then the programme by half-day, in both languages."""

from __future__ import annotations

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic

from academy.admin import GuardedModelViewSet
from academy.permissions import is_coordinator, is_trainer
from academy.rules import RuleViolation
from academy.wall_clock import WallClockField, WallClockForm
from cohorts.actions import change_session
from cohorts.actions.sessions import CHANGEABLE, NOT_A_DAY
from cohorts.models import Session
from cohorts.viewsets import GuardedIndexView, page_of

MOMENTS = ("starts_at", "ends_at", "registration_deadline", "cancellation_deadline", "visa_deadline")


class SessionForm(WallClockForm, WagtailAdminModelForm):
    """Hours are typed in the time zone that the same form names: letters, calendars and the programme read them there."""

    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("The dates below are hours of this place."))

    class Meta(WagtailAdminModelForm.Meta):
        field_classes = dict.fromkeys(MOMENTS, WallClockField)


class SessionIndexView(GuardedIndexView):
    may_list = staticmethod(lambda user: is_coordinator(user) or is_trainer(user))

    def get_base_queryset(self):
        return super().get_base_queryset().with_places()

    @cached_property
    def columns(self):
        return [
            TitleColumn("title", label=_("Session"), get_url=page_of("session")),
            Column("place", label=_("Place"), sort_key="place"),
            Column("places", label=_("Seats"), accessor=lambda row: f"{row.held} / {row.capacity}"),
            Column("waiting", label=_("Waiting")),
            Column("starts_at", label=_("Starts"), sort_key="starts_at"),
        ]


def _check_days(form) -> bool:
    """Whether each half-day is on a day of the session; says so beside the row where it is not (`change_session` says it of the whole)."""
    outside = False
    for row in form.formsets["programme"].forms:
        day = row.cleaned_data.get("day")
        if day and not row.cleaned_data.get("DELETE") and not form.instance.takes_place_on(day):
            row.add_error("day", gettext("This day is not one of the session’s."))
            outside = True
    if outside:
        form.add_error(None, NOT_A_DAY)
    return not outside


class ChecksDays:
    """For a view that saves the form of a session."""

    def is_valid(self, form):
        return super().is_valid(form) and (_check_days(form) or self._refuse())

    def _refuse(self) -> bool:
        self.produced_error_code, self.produced_error_message = "validation_error", self.get_error_message()
        return False


class SessionCreateView(ChecksDays, generic.CreateView):
    pass


class SessionEditView(ChecksDays, generic.EditView):
    """Saves through the verb, so that the calendar entry's SEQUENCE rises and those who come are told."""

    def save_instance(self):
        row = Session.objects.get(pk=self.object.pk)
        facts = {name: self.form.cleaned_data[name] for name in CHANGEABLE}
        self.form.formsets["programme"].save(commit=False)
        change_session(row, by=self.request.user, programme=self.form.instance.programme.all(), **facts)
        row.cohorts.set(self.form.cleaned_data["cohorts"])
        return row

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except RuleViolation as refusal:
            form.add_error(None, str(refusal))
            self._refuse()
            return self.form_invalid(form)


class SessionViewSet(GuardedModelViewSet):
    model = Session
    add_view_class = SessionCreateView
    edit_view_class = SessionEditView
    name = "sessions"
    icon = "calendar-alt"
    menu_label = _("Sessions")
    index_view_class = SessionIndexView
    copy_view_enabled = False
    edit_handler = ObjectList(
        [
            MultiFieldPanel([FieldPanel("title"), FieldPanel("description"), FieldPanel("cohorts")], heading=_("The session")),
            MultiFieldPanel(
                [FieldPanel("place"), FieldPanel("address"), FieldPanel("arrival"), FieldPanel("time_zone")], heading=_("Where")
            ),
            MultiFieldPanel(
                [*(FieldPanel(name) for name in MOMENTS), FieldPanel("visa_lead_days")],
                heading=_("When"),
            ),
            InlinePanel(
                "programme",
                heading=_("Programme by half-day"),
                label=_("half-day"),
                panels=[FieldRowPanel([FieldPanel("day"), FieldPanel("half")]), FieldPanel("title"), FieldPanel("text")],
            ),
            FieldPanel("bring"),
            FieldPanel("visa_letter"),
            MultiFieldPanel(
                [
                    FieldPanel("capacity"),
                    FieldPanel("needs_approval"),
                    FieldPanel("offer_hours"),
                    FieldPanel("funding_lead_days"),
                    FieldPanel("estimated_cost"),
                    FieldPanel("currency"),
                    FieldPanel("cost_covers"),
                ],
                heading=_("Seats and costs"),
            ),
        ],
        base_form_class=SessionForm,
    )
