"""Addresses of learning that are not pages of the tree."""

from django.urls import path

from courses import badge_views, booklet_views, check_views, feed_views, learning_views, views, work_views

site_urlpatterns: list = [
    path("learn/courses/<uuid:key>/enrol", views.enrol, name="courses_enrol"),
    path("learn/courses/<uuid:key>/renew", views.renew, name="courses_renew"),
    path("learn/<uuid:key>/progress", views.progress, name="courses_progress"),
    path("learn/<uuid:key>/complete", views.complete, name="courses_complete"),
    path("learn/<uuid:key>/check/<str:question>", check_views.check, name="courses_check"),
    path("learn/<uuid:key>/attempt", views.start, name="courses_attempt_start"),
    path("learn/<uuid:key>/attempt/<int:number>/", views.attempt, name="courses_attempt"),
    path("learn/<uuid:key>/attempt/<int:number>/save", views.save, name="courses_attempt_save"),
    path("learn/<uuid:key>/attempt/<int:number>/submit", views.submit, name="courses_attempt_submit"),
    path("learn/<uuid:key>/work", work_views.work, name="courses_work"),
    path("learn/<uuid:key>/work/hand-in/", work_views.hand_in, name="courses_work_hand_in"),
    path("learn/<uuid:key>/work/count", work_views.count, name="courses_work_count"),
    path("learn/files/<uuid:pk>", work_views.work_file, name="courses_work_file"),
    path("learn/join/", learning_views.join, name="courses_join"),
    path("my/learning/", learning_views.my_learning, name="courses_my_learning"),
    path("learn/modules/<uuid:key>/parcel", views.module_parcel, name="courses_module_parcel"),
    path("learn/modules/<uuid:key>/print/", booklet_views.module_print, name="courses_module_print"),
    path("learn/modules/<uuid:key>/module.pdf", booklet_views.module_pdf, name="courses_module_pdf"),
    path("learn/modules/<uuid:key>/module.epub", booklet_views.module_epub, name="courses_module_epub"),
    path("learn/offline/", views.offline, name="courses_offline"),
    path("my/certificates/", views.my_certificates, name="courses_my_certificates"),
    path("certificates/<uuid:pk>/", views.certificate, name="courses_certificate"),
    path("certificates/<uuid:pk>/pdf", views.certificate_pdf, name="courses_certificate_pdf"),
    path("certificates/<uuid:pk>/badge.jwt", badge_views.badge, name="courses_certificate_badge"),
]
plain_urlpatterns: list = [
    path("feeds/xapi/", feed_views.feed, name="courses_xapi_feed"),
    path("badges/issuer.json", badge_views.issuer, name="courses_badge_issuer"),
    path("badges/revocations.json", badge_views.revocations, name="courses_badge_revocations"),
    path("badges/achievements/<slug:kind>/<uuid:subject>/<slug:language>.json", badge_views.achievement, name="courses_achievement"),
    path("sw.js", views.service_worker, name="courses_service_worker"),
    path("verify/<str:reference>/", views.verify, name="courses_verify"),
]
