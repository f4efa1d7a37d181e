"""What cohorts add to the CMS: two menus, and our own pages inside it."""

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from academy.permissions import is_coordinator, is_trainer
from cohorts import (
    cms,
    cms_afterwards,
    cms_announcements,
    cms_attention,
    cms_calls,
    cms_deliberation,
    cms_dossier,
    cms_forms,
    cms_graduation,
    cms_indicators,
    cms_mails,
    cms_network,
    cms_notes,
    cms_office_hours,
    cms_partnership,
    cms_places,
    cms_polls,
    cms_reading,
    cms_report,
    cms_results,
    cms_rounds,
    cms_satisfaction,
)
from cohorts.listing.history import history
from cohorts.programme_viewset import PathwayFormViewSet, RubricPartViewSet
from cohorts.session_viewset import SessionViewSet
from cohorts.viewsets import CohortGroup


@hooks.register("register_admin_viewset")
def cohort_group():
    return CohortGroup()


@hooks.register("register_admin_viewset")
def parts_of_rubrics():
    return RubricPartViewSet()


@hooks.register("register_admin_viewset")
def forms_of_pathways():
    return PathwayFormViewSet()


@hooks.register("register_admin_viewset")
def network_group():
    return cms_network.NetworkGroup()


@hooks.register("register_admin_viewset")
def session_viewset():
    return SessionViewSet(add_to_admin_menu=True, menu_order=220)


@hooks.register("register_admin_viewset")
def mails():
    return cms_mails.MailViewSet()


@hooks.register("register_reports_menu_item")
def mails_menu_item():
    return cms_mails.MailMenuItem(_("Mails"), reverse("mails:index"), name="mails", icon_name="mail", order=905)


@hooks.register("register_admin_viewset")
def attention_rules():
    return cms_attention.AttentionRuleViewSet()


class TeamMenuItem(MenuItem):
    def is_shown(self, request):
        return is_coordinator(request.user) or is_trainer(request.user)


@hooks.register("register_admin_menu_item")
def who_needs_you():
    return TeamMenuItem(_("Who needs you"), reverse("cohorts_cms_attention"), name="attention", icon_name="warning", order=205)


@hooks.register("register_reports_menu_item")
def indicators_compared():
    return cms_indicators.ComparisonMenuItem(
        _("Indicators, compared"), reverse("cohorts_cms_indicators"), name="indicators-compared", icon_name="list-ul", order=910
    )


@hooks.register("register_admin_urls")
def pages_of_ours():
    return [
        *cms_announcements.pages(),
        *cms_attention.pages(),
        *cms_dossier.pages(),
        *cms_mails.pages(),
        *cms_forms.pages(),
        *cms_indicators.pages(),
        *cms_network.pages(),
        path("cohorts/<uuid:pk>/", cms.cohort, name="cohorts_cms_cohort"),
        path("cohorts/<uuid:pk>/results/", cms_results.results, name="cohorts_cms_results"),
        path("cohorts/<uuid:pk>/deliberation/", cms_deliberation.board, name="cohorts_cms_deliberation"),
        path("cohorts/<uuid:pk>/deliberation/letters/", cms_deliberation.letters, name="cohorts_cms_letters"),
        path("cohorts/<uuid:pk>/results/compare/", cms_results.compare, name="cohorts_cms_results_compare"),
        path("cohorts/<uuid:pk>/letters/", cms_calls.letters, name="cohorts_cms_call_letters"),
        path("cohorts/<uuid:pk>/copy/", cms_calls.copy, name="cohorts_cms_copy"),
        path("cohorts/<uuid:pk>/report/", cms_report.report, name="cohorts_cms_report"),
        path("cohorts/<uuid:pk>/report/<slug:figure>/", cms_report.rows, name="cohorts_cms_report_rows"),
        path("cohorts/<uuid:pk>/<slug:verb>/", cms.cohort, name="cohorts_cms_cohort_verb"),
        path("applications/<uuid:pk>/", cms.application, name="cohorts_cms_application"),
        path("applications/<uuid:pk>/reading/", cms_reading.reading, name="cohorts_cms_reading"),
        path("applications/<uuid:pk>/reading/<slug:verb>/", cms_reading.reading, name="cohorts_cms_reading_verb"),
        path("applications/<uuid:pk>/history/", history, name="cohorts_cms_application_history"),
        path("applications/<uuid:pk>/<slug:verb>/", cms.application, name="cohorts_cms_application_verb"),
        path("review-rounds/<int:pk>/", cms_rounds.round, name="cohorts_cms_round"),
        path("review-rounds/<int:pk>/<slug:verb>/", cms_rounds.round, name="cohorts_cms_round_verb"),
        path("readers/<int:pk>/", cms_rounds.reader, name="cohorts_cms_reader"),
        path("participations/<uuid:pk>/", cms.participation, name="cohorts_cms_participation"),
        path("participations/<uuid:pk>/notes/", cms_notes.notes, name="cohorts_cms_notes"),
        path("participations/<uuid:pk>/notes/<int:note>/", cms_notes.notes, name="cohorts_cms_note"),
        path("participations/<uuid:pk>/graduation/", cms_graduation.graduation, name="cohorts_cms_graduation"),
        path("participations/<uuid:pk>/graduation/<slug:verb>/", cms_graduation.graduation, name="cohorts_cms_graduation_verb"),
        path("participations/<uuid:pk>/<slug:verb>/", cms.participation, name="cohorts_cms_participation_verb"),
        path("partnerships/<uuid:pk>/", cms_partnership.partnership, name="cohorts_cms_partnership"),
        path("partnerships/<uuid:pk>/<slug:verb>/", cms_partnership.partnership, name="cohorts_cms_partnership_verb"),
        path("office-hours/", cms_office_hours.office_hours, name="cohorts_cms_office_hours"),
        path("office-hours/<uuid:pk>/", cms_office_hours.office_hour, name="cohorts_cms_office_hour"),
        path("office-hours/<uuid:pk>/<slug:verb>/", cms_office_hours.office_hour, name="cohorts_cms_office_hour_verb"),
        path("sessions/<uuid:pk>/", cms_places.session, name="cohorts_cms_session"),
        path("sessions/<uuid:pk>/polls/", cms_polls.polls, name="cohorts_cms_polls"),
        path("sessions/<uuid:pk>/polls/<slug:verb>/", cms_polls.polls, name="cohorts_cms_polls_verb"),
        path("sessions/<uuid:pk>/afterwards/", cms_afterwards.afterwards, name="cohorts_cms_afterwards"),
        path("sessions/<uuid:pk>/afterwards/preview/", cms_afterwards.preview, name="cohorts_cms_afterwards_preview"),
        path("sessions/<uuid:pk>/afterwards/<slug:verb>/", cms_afterwards.afterwards, name="cohorts_cms_afterwards_verb"),
        path("sessions/<uuid:pk>/satisfaction/", cms_satisfaction.satisfaction, name="cohorts_cms_satisfaction"),
        path("sessions/<uuid:pk>/satisfaction/<slug:verb>/", cms_satisfaction.satisfaction, name="cohorts_cms_satisfaction_verb"),
        path("polls/<uuid:pk>/", cms_polls.poll, name="cohorts_cms_poll"),
        path("polls/<uuid:pk>/<slug:verb>/", cms_polls.poll, name="cohorts_cms_poll_verb"),
        path("sessions/<uuid:pk>/<slug:verb>/", cms_places.session, name="cohorts_cms_session_verb"),
        path("registrations/<uuid:pk>/", cms_places.registration, name="cohorts_cms_registration"),
        path("registrations/<uuid:pk>/<slug:verb>/", cms_places.registration, name="cohorts_cms_registration_verb"),
        path("letters/<uuid:pk>/<slug:verb>/", cms_places.letter, name="cohorts_cms_letter_verb"),
        path("funding/<uuid:pk>/<slug:verb>/", cms_places.source, name="cohorts_cms_source_verb"),
    ]


@hooks.register("register_admin_menu_item")
def office_hours_menu_item():
    return cms_office_hours.OfficeHoursMenuItem(_("Office hours"), reverse("cohorts_cms_office_hours"), icon_name="time", order=230)
