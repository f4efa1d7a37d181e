"""The map of the site (the shell: may know every app)."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.auth import require_admin_access, user_passes_test
from wagtail.admin.views import workflows
from wagtail.admin.views.account import LogoutView
from wagtail.documents import urls as wagtaildocs_urls

import cohorts.urls
import courses.urls
import wiki.urls
from academy import documents, media, signed_out, views
from academy.permissions import is_administrator
from academy.search import views as search_views
from academy.search.cms import DocumentsIndex
from cohorts.closed_history import ClosedHistoryView


def for_administrators(view):
    return never_cache(require_admin_access(user_passes_test(is_administrator)(view)))


urlpatterns = [
    path("", views.to_language, name="root"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path(".well-known/jwks.json", views.signing_keys, name="signing_keys"),
    path(".well-known/keys/<str:name>.json", views.signing_key, name="signing_key"),
    path("brand.css", views.brand_css, name="brand_css"),
    path("ui/", views.ui_gallery, name="ui_gallery"),
    # Wagtail's own sign-in would give a session on the password alone: allauth's is the only one (stack.md §6)
    path("cms/login/", RedirectView.as_view(pattern_name="account_login", query_string=True), name="cms_login"),
    path("cms/logout/", require_POST(never_cache(LogoutView.as_view()))),  # Wagtail's forgets the session on a GET too
    # The log of everything names rows that its reader may not open (design.md §3, invariant 6)
    path("cms/reports/site-history/", for_administrators(ClosedHistoryView.as_view())),
    path("cms/reports/site-history/results/", for_administrators(ClosedHistoryView.as_view(results_only=True))),
    # Wagtail asks nobody who may choose the tasks of a workflow; setting workflows up is for administrators
    path("cms/workflows/task_chooser/", for_administrators(workflows.TaskChooserView.as_view())),
    path("cms/workflows/task_chooser/results/", for_administrators(workflows.TaskChooserResultsView.as_view())),
    path("cms/workflows/task_chooser/create/", for_administrators(workflows.TaskChooserCreateView.as_view())),
    path("cms/workflows/task_chooser/<int:task_id>/", for_administrators(workflows.task_chosen)),
    # Wagtail's listing of files, with what search knows of each
    path("cms/documents/", never_cache(require_admin_access(DocumentsIndex.as_view()))),
    path("cms/documents/results/", never_cache(require_admin_access(DocumentsIndex.as_view(results_only=True)))),
    # Wagtail's breaks down on what it has not signed
    path("cms/redirects/import/process/", never_cache(require_admin_access(views.redirects_import))),
    path("cms/", include(wagtailadmin_urls)),
    re_path(r"^documents/(\d+)/(.*)$", documents.serve, name="wagtaildocs_serve"),
    path("documents/", include(wagtaildocs_urls)),
    path("media/images/<path:path>", media.picture, name="picture"),
    path("accounts/profile/", views.profile, name="account_profile"),
    path("accounts/close/", never_cache(views.close_account), name="account_close"),
    path("accounts/", include("allauth.urls")),
    *wiki.urls.plain_urlpatterns,
    *courses.urls.plain_urlpatterns,
    *cohorts.urls.plain_urlpatterns,
]

urlpatterns += i18n_patterns(
    path("search/", search_views.results, name="search"),
    path("search/suggest/", search_views.suggest, name="search_suggest"),
    path("search/opened/", search_views.opened, name="search_opened"),
    *wiki.urls.site_urlpatterns,
    *courses.urls.site_urlpatterns,
    *cohorts.urls.site_urlpatterns,
    path("my/unsent/", signed_out.unsent, name="unsent"),
    path("my/account/", RedirectView.as_view(pattern_name="account_profile"), name="my_account"),
    path("_util/login/", RedirectView.as_view(pattern_name="account_login", query_string=True), name="page_login"),
    path("", include(wagtail_urls)),
)
