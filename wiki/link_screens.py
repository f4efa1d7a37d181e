"""The screens of the CMS about links: suggesting pages while one writes, beginning a page that others ask for, and the two reports."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from wagtail.admin import messages
from wagtail.models import Page

from academy.links import rounds
from academy.links.keys import title_of
from academy.links.models import GonePage, LinkCheck
from academy.links.report import broken_links, wanted_pages
from academy.links.suggestions import drafts_called, suggest
from academy.permissions import works_in_cms
from academy.privacy import hidden_for
from academy.rules import RuleViolation
from wiki import actions
from wiki.models import WikiSection

LONGEST_TARGET = 500
ROWS_A_PAGE = 50


def _refuse_others(request: HttpRequest) -> None:
    if not works_in_cms(request.user):
        raise PermissionDenied


def _page(number: str | None) -> Page | None:
    return Page.objects.filter(pk=number).first() if (number or "").isdigit() and len(number) < 12 else None


@require_GET
def suggestions(request: HttpRequest) -> HttpResponse:
    """Pages whose title has the words typed after `[[`, as JSON for static/js/cms-links.js."""
    _refuse_others(request)
    found = suggest(request.GET.get("q", ""), user=request.user, near=_page(request.GET.get("near")), request=request)
    return JsonResponse({"pages": found})


class WriteForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=255)
    section = forms.ModelChoiceField(label=gettext_lazy("Section"), queryset=WikiSection.objects.none(), empty_label=None)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        sections = WikiSection.objects.select_related("locale").defer("body").order_by("locale", "path")
        self.fields["section"].queryset = sections
        self.fields["section"].label_from_instance = lambda one: f"{'— ' * max(0, one.depth - 3)}{one.title} ({one.locale.language_code})"


def write(request: HttpRequest) -> HttpResponse:
    """Begins the page that a red link asks for: its title is there already, the section is the one of the page that asks."""
    _refuse_others(request)
    number = request.GET.get("page")
    known = _page(number)
    if known is not None:
        return redirect("wagtailadmin_pages:edit", known.pk)
    gone = GonePage.objects.filter(number=number).first() if (number or "").isdigit() and len(number) < 12 else None
    asked = gone.title if gone else request.GET.get("title", "")[:LONGEST_TARGET]
    near = _page(request.GET.get("near"))
    section = (
        WikiSection.objects.filter(pk__in=near.get_ancestors(inclusive=True).values("pk")).order_by("-depth").first() if near else None
    )
    form = WriteForm(request.POST or None, user=request.user, initial={"title": title_of(asked), "section": section})
    if form.is_valid():
        try:
            page = actions.begin_page(
                form.cleaned_data["section"], title=form.cleaned_data["title"], asked=title_of(asked), by=request.user
            )
        except RuleViolation as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                _("“%(title)s” is begun as a draft. Red links that ask for it turn blue when you publish it.") % {"title": page.title},
            )
            return redirect("wagtailadmin_pages:edit", page.pk)
    context = {
        "form": form,
        "near": near,
        "drafts": drafts_called(asked, user=request.user),
        "header_title": _("Write a page that is asked for"),
        "header_icon": "doc-empty-inverse",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": "", "label": _("Write a page that is asked for")},
        ],
    }
    return TemplateResponse(request, "wiki/cms/write.html", context)


# --- reports


def _crumbs(label: str) -> list[dict]:
    return [{"url": reverse("wagtailadmin_home"), "label": _("Home")}, {"url": "", "label": label}]


@require_GET
def wanted(request: HttpRequest) -> HttpResponse:
    """Pages that are asked for and do not exist: how many pages ask, which, and a button to begin each."""
    _refuse_others(request)
    page = Paginator(wanted_pages(hidden_for(request)), ROWS_A_PAGE).get_page(request.GET.get("p"))
    title = _("Wanted pages")
    context = {"page_obj": page, "header_title": title, "header_icon": "help", "breadcrumbs_items": _crumbs(title)}
    return TemplateResponse(request, "wiki/cms/wanted.html", context)


@require_GET
def broken(request: HttpRequest) -> HttpResponse:
    """Links that lead nowhere: inside the site as of now, to other sites as of the last check."""
    _refuse_others(request)
    hidden = hidden_for(request)
    inside = Paginator(broken_links(hidden), ROWS_A_PAGE).get_page(request.GET.get("p"))
    outside = Paginator(rounds.to_look_at(), ROWS_A_PAGE).get_page(request.GET.get("o"))
    title = _("Broken links")
    context = {
        "inside": inside,
        "outside": rounds.with_pages(outside.object_list, hidden),
        "outside_page": outside,
        "counts": rounds.counts(),
        "check": LinkCheck.objects.select_related("by").first(),
        "header_title": title,
        "header_icon": "link",
        "breadcrumbs_items": _crumbs(title),
    }
    return TemplateResponse(request, "wiki/cms/broken.html", context)


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Starts a round of visits to other sites, or stops the one under way."""
    _refuse_others(request)
    try:
        if "stop" in request.POST:
            rounds.stop(get_object_or_404(LinkCheck, is_open=True), by=request.user)
            messages.success(request, _("The check stops after the address it is visiting. What it found is kept."))
        else:
            rounds.start(by=request.user)
            messages.success(request, _("The check has begun. It goes slowly, to spare the other sites; you may leave this page."))
    except RuleViolation as refusal:
        messages.error(request, str(refusal))
    return redirect("wiki_broken")
