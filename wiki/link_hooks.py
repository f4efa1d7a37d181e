"""What links add to the CMS: the two reports, short links, and where they lead."""

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import CreateView
from wagtail.models import Page

from academy.admin import GuardedModelViewSet
from academy.links.models import ShortLink
from academy.permissions import works_in_cms
from wiki import link_screens


class ReportItem(MenuItem):
    def is_shown(self, request) -> bool:
        return works_in_cms(request.user)


class MakeShortLink(CreateView):
    """From the page it is for, the page is chosen already."""

    def get_initial(self):
        number = self.request.GET.get("page", "")
        page = Page.objects.filter(pk=number).first() if number.isdigit() and len(number) < 12 else None
        return {**super().get_initial(), **({"page": page} if page else {})}


class ShortLinkViewSet(GuardedModelViewSet):
    """Short addresses that trainers choose: /go/charter."""

    model = ShortLink
    icon = "link"
    menu_label = _("Short links")
    menu_order = 158
    add_to_admin_menu = True
    copy_view_enabled = False
    add_view_class = MakeShortLink
    list_display = [Column("slug", label=_("Short address"), accessor=str, sort_key="slug"), "page", "document", "created_on"]
    search_fields = ["slug"]
    list_per_page = 50
    ordering = ["slug"]

    def get_index_view_kwargs(self, **kwargs):
        queryset = ShortLink.objects.select_related("page", "document")
        return super().get_index_view_kwargs(**{"queryset": queryset, **kwargs})


@hooks.register("register_admin_urls")
def urls():
    return [
        path("links/suggest/", link_screens.suggestions, name="wiki_suggest"),
        path("links/write/", link_screens.write, name="wiki_write"),
        path("links/wanted/", link_screens.wanted, name="wiki_wanted"),
        path("links/broken/", link_screens.broken, name="wiki_broken"),
        path("links/check/", link_screens.check, name="wiki_check_links"),
    ]


@hooks.register("register_reports_menu_item")
def wanted_item():
    return ReportItem(_("Wanted pages"), reverse("wiki_wanted"), name="wanted-pages", icon_name="help", order=100)


@hooks.register("register_reports_menu_item")
def broken_item():
    return ReportItem(_("Broken links"), reverse("wiki_broken"), name="broken-links", icon_name="link", order=110)


@hooks.register("register_admin_viewset")
def short_links():
    return ShortLinkViewSet("short_links", url_prefix="short-links")


@hooks.register("register_log_actions")
def log_actions(registry) -> None:
    registry.register_action("academy.check_links", _("Check links"), _("Links to other sites checked"))
    registry.register_action("academy.stop_link_check", _("Stop the check"), _("Check of links stopped"))
