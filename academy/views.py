"""The shell's own pages."""

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage
from django.core.signing import BadSignature, Signer
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe
from wagtail.contrib.redirects.views import process_import
from wagtail.models import Site

from academy import actions, erasure, gallery, signing
from academy.brand import stylesheet
from academy.forms import ErasureForm, ProfileForm
from academy.models import Brand, User
from academy.permissions import is_staff_member
from academy.rules import RuleViolation
from academy.second_factor import lacks_second_factor


def to_language(request: HttpRequest) -> HttpResponse:
    """`/` leads to the home page of the person's language: account, else cookie, else browser, else French."""
    codes = dict(settings.LANGUAGES)
    language = request.user.language if request.user.is_authenticated else translation.get_language_from_request(request)
    response = redirect(f"/{language if language in codes else settings.LANGUAGE_CODE}/")
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Touches nothing else."""
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, migrations, cache and storage work; 503 names what does not."""
    checks = {"database": _database_is_migrated, "cache": _cache_works, "storage": _storage_works}
    failed = {}
    for name, check in checks.items():
        try:
            check()
        except Exception as error:  # whatever breaks, the answer must be 503 with its name
            failed[name] = type(error).__name__
    return JsonResponse({"status": "failed" if failed else "ok", "failed": sorted(failed)}, status=503 if failed else 200)


def _published(data: dict) -> JsonResponse:
    """For programs of others, also in a browser."""
    return JsonResponse(data, headers={"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"})


@require_safe
def signing_keys(request: HttpRequest) -> HttpResponse:
    return _published({"keys": signing.public_keys()})


@require_safe
def signing_key(request: HttpRequest, name: str) -> HttpResponse:
    """One key alone, as Open Badges wants it at the address that a credential names."""
    try:
        return _published(signing.badge_keys()[name])
    except KeyError:
        raise Http404 from None


def _database_is_migrated() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("migrations are missing")


def _cache_works() -> None:
    cache.set("readyz", "1", 10)
    if cache.get("readyz") != "1":
        raise RuntimeError("the cache does not keep a value")


def _storage_works() -> None:
    default_storage.listdir("") if default_storage.exists("") else default_storage.save(".ready", _empty_file())


def _empty_file():
    from django.core.files.base import ContentFile  # a leaf, only on the first start

    return ContentFile(b"")


@cache_control(public=True, max_age=300)
def brand_css(request: HttpRequest) -> HttpResponse:
    """The accent of this site's brand as two custom properties, so that no page needs an inline style."""
    brand = Brand.objects.filter(site=Site.find_for_request(request)).first() or Brand()
    css = stylesheet(brand.accent, brand.accent_dark, paper=Brand.PAPER, paper_dark=Brand.PAPER_DARK)
    return HttpResponse(css, content_type="text/css; charset=utf-8")


@login_required
def ui_gallery(request: HttpRequest) -> HttpResponse:
    """Every component with real words, for those who build. Staff only."""
    if not is_staff_member(request.user):
        raise Http404
    return gallery.answer(request)


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """A person's own name, language, country and time zone."""
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if form.is_valid():
        person = actions.update_profile(request.user, by=request.user, **form.cleaned_data)
        with translation.override(person.language):
            messages.success(request, translation.gettext("Saved."))
        response = redirect("account_profile")
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, person.language, max_age=31536000, secure=settings.HTTPS, httponly=True, samesite="Lax"
        )
        return response
    return render(request, "academy/profile.html", {"form": form, "asked_for_second_factor": lacks_second_factor(request.user)})


@login_required
@reauthentication_required
def close_account(request: HttpRequest) -> HttpResponse:
    """A person erases themselves, for ever; what stands in the way is said before they type anything."""
    person = User.objects.get(pk=request.user.pk)
    form = ErasureForm(request.POST or None, person=person, own=True)
    if form.is_valid():
        try:
            actions.erase_person(person, by=person)
        except RuleViolation:
            pass  # the page says what stands in the way, each with its place
        else:
            logout(request)
            messages.success(request, translation.gettext("Your account is closed. Nothing here names you any more."))
            return redirect("root")
    return render(request, "academy/close_account.html", {"form": form, "obstacles": erasure.obstacles_to(person)})


def redirects_import(request: HttpRequest) -> HttpResponse:
    """Wagtail's own, which breaks down where one of the two fields that it signed is missing or was changed."""
    try:
        for name in ("import_file_name", "input_format") if request.method == "POST" else ():
            Signer().unsign(request.POST.get(name, ""))
    except BadSignature as error:
        raise SuspiciousOperation("a redirects file that was not sent from here") from error
    return process_import(request)
