"""Addresses of the promoter's, the reviewer's and the desk's screens (the CMS has its own, in wagtail_hooks)."""

from django.urls import path

from cohorts.views import application, apply, assess, calendars, desk, discussion, pathway, review, sessions, team

site_urlpatterns: list = [
    path("apply/", apply.apply, name="cohorts_apply"),
    path("apply/start/<uuid:pk>/", apply.start, name="cohorts_start"),
    path("apply/<uuid:pk>/", application.application, name="cohorts_application"),
    path("apply/<uuid:pk>/submitted/", application.application_submitted, name="cohorts_application_submitted"),
    path("apply/<uuid:pk>/withdraw/", application.application_withdraw, name="cohorts_application_withdraw"),
    path("apply/<uuid:pk>/invite/", team.application_invite, name="cohorts_application_invite"),
    path("apply/<uuid:pk>/team/", team.team, name="cohorts_team"),
    path("apply/<uuid:pk>/team/<uuid:invitation>/", team.team_take_back, name="cohorts_team_take_back"),
    path("apply/<uuid:pk>/team/<int:member>/<slug:verb>/", team.team_member, name="cohorts_team_member"),
    path("apply/files/<uuid:pk>/", application.application_file, name="cohorts_application_file"),
    path("apply/join/<str:token>/", team.join, name="cohorts_join"),
    path("pathway/", pathway.pathway, name="cohorts_pathway"),
    path("my/", pathway.my, name="my"),
    path("my/pathway/", pathway.my_pathway_page, name="cohorts_my_pathway"),
    path("my/calendar/", calendars.my_calendar, name="cohorts_my_calendar"),
    path("my/calendar/<slug:verb>/", calendars.my_calendar_act, name="cohorts_my_calendar_act"),
    path("my/steps/<uuid:project>/<int:requirement>/", pathway.step, name="cohorts_step"),
    path("my/place/<uuid:pk>/", pathway.place, name="cohorts_place"),
    path("my/decisions/<uuid:pk>/", pathway.decision, name="cohorts_decision"),
    path("my/assessment/<uuid:project>/<uuid:cohort>/<slug:moment>/", assess.self_assessment, name="cohorts_self_assessment"),
    path("my/assessment/<uuid:pk>/", assess.assessment, name="cohorts_assessment"),
    path("my/assessment/<uuid:pk>/<slug:part>/", assess.assessment_part, name="cohorts_assessment_part"),
    path("review/", review.reviews, name="cohorts_reviews"),
    path("review/profile/", review.review_profile, name="cohorts_reviewer_profile"),
    path("review/<uuid:pk>/", review.review, name="cohorts_review"),
    path("review/<uuid:pk>/decline/", review.review_decline, name="cohorts_review_decline"),
    path("review/<uuid:pk>/conflict/", review.review_conflict, name="cohorts_review_conflict"),
    path("review/<uuid:pk>/discussion/", discussion.discussion, name="cohorts_discussion"),
    path("review/<uuid:pk>/discussion/<int:note>/take-back/", discussion.take_back, name="cohorts_discussion_take_back"),
    path("review/<uuid:pk>/begin/", review.review_begin, name="cohorts_review_begin"),
    path("review/<uuid:pk>/reopen/", review.review_reopen, name="cohorts_review_reopen"),
    path("sessions/", sessions.sessions, name="cohorts_sessions"),
    path("sessions/<uuid:pk>/", sessions.session, name="cohorts_session"),
    path("sessions/<uuid:pk>/register/", sessions.session_register, name="cohorts_session_register"),
    path("sessions/<uuid:pk>/calendar.ics", sessions.session_ics, name="cohorts_session_ics"),
    path("sessions/<uuid:pk>/desk/", desk.desk, name="cohorts_desk"),
    path("sessions/<uuid:pk>/desk/check-in/", desk.desk_check_in, name="cohorts_desk_check_in"),
    path("sessions/<uuid:pk>/desk/funding/", desk.desk_verify, name="cohorts_desk_verify"),
    path("sessions/<uuid:pk>/desk/annul/", desk.desk_annul, name="cohorts_desk_annul"),
    path("sessions/<uuid:pk>/desk/close/", desk.desk_close, name="cohorts_desk_close"),
    path("sessions/places/<uuid:pk>/funding/", sessions.registration_funding, name="cohorts_registration_funding"),
    path("sessions/places/<uuid:pk>/cancel/", sessions.registration_cancel, name="cohorts_registration_cancel"),
]
plain_urlpatterns: list = [
    path("calendar/<str:token>.ics", calendars.feed, name="cohorts_calendar_feed"),
    path("check-in/<uuid:pk>/", desk.to_desk, name="cohorts_check_in"),
]
