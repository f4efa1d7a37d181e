"""What the floor adds to the CMS."""

from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.log_actions import LogFormatter
from wagtail.permissions import register_permission_policy

from academy import people, rich_text
from academy.links import editor
from academy.models import User
from academy.permissions import is_administrator
from academy.search.cms import SearchesWithoutResults, may_read_searches
from academy.second_factor import lacks_second_factor

__all__ = ["editor", "rich_text"]

register_permission_policy(User, people.PeoplePolicy(User))


@hooks.register("register_log_actions")
def register_log_actions(actions) -> None:
    actions.register_action("academy.update_profile", _("Change a profile"), _("Profile changed"))
    actions.register_action("academy.save_view", _("Save a view"), _("View saved"))
    actions.register_action("academy.delete_view", _("Delete a view"), _("View deleted"))
    actions.register_action("academy.send_again", _("Send a mail again"), _("Mail sent again"))
    actions.register_action("academy.invite", _("Invite a person"), _("Invited by e-mail"))

    @actions.register_action("academy.erase")
    class PersonErased(LogFormatter):
        label = _("Erase a person")

        def format_message(self, log_entry):
            reason = (log_entry.data or {}).get("reason", "")
            return _("Erased: %(reason)s") % {"reason": reason} if reason else _("Erased at their own wish")

    @actions.register_action("academy.change_roles")
    class RolesChanged(LogFormatter):
        label = _("Change roles")

        def format_message(self, log_entry):
            data = log_entry.data or {}
            changes = [f"+ {name}" for name in data.get("given", [])] + [f"− {name}" for name in data.get("taken", [])]
            return _("Roles changed: %(changes)s") % {"changes": ", ".join(changes)}


class SecondFactorPanel(Component):
    """Asks staff without a second factor to set one up (decision 0011)."""

    order = 50

    def render_html(self, parent_context=None):
        user = parent_context["request"].user
        if not lacks_second_factor(user):
            return ""
        return render_to_string("academy/second_factor_panel.html", {"setup": reverse("mfa_index")})


@hooks.register("construct_homepage_panels")
def ask_for_a_second_factor(request, panels) -> None:
    panels.append(SecondFactorPanel())


@hooks.register("before_bulk_action")
def guard_people(request, action_type, objects, action) -> None:
    if action.model is User:
        people.guard_bulk_action(request, objects, action)


@hooks.register("construct_reports_menu")
def only_administrators_see_the_history_of_everything(request, menu_items) -> None:
    """Its rows name things that the reader may not open; each row's own history is guarded (academy.urls refuses the address)."""
    if not is_administrator(request.user):
        menu_items[:] = [item for item in menu_items if item.name != "site-history"]


@hooks.register("register_account_menu_item")
def account_on_the_site(request) -> dict:
    """Name, language, password and second factor have one place, whoever somebody is."""
    return {
        "url": reverse("account_profile"),
        "label": _("Your account"),
        "help_text": _("Name, language, password, second factor, sessions."),
    }


@hooks.register("insert_global_admin_js")
def start_widgets_from_data() -> SafeString:
    return format_html('<script src="{}"></script>', static("js/cms-start.js"))


@hooks.register("insert_global_admin_js")
def hand_over_what_is_typed() -> SafeString:
    return format_html('<script src="{}"></script>', static("js/cms-editors.js"))


# --- brand


@hooks.register("insert_global_admin_css")
def brand_colours() -> SafeString:
    """The CMS wears the accent of the site; the logo is in templates/wagtailadmin/base.html."""
    return format_html(
        '<link rel="stylesheet" href="{}"><link rel="stylesheet" href="{}">', reverse("brand_css"), static("css/cms/brand.css")
    )


# --- search


@hooks.register("register_admin_urls")
def search_report() -> list:
    report = SearchesWithoutResults
    return [
        path("reports/searches/", report.as_view(), name="search_report"),
        path("reports/searches/results/", report.as_view(results_only=True), name="search_report_results"),
    ]


class SearchReportItem(MenuItem):
    def is_shown(self, request) -> bool:
        return may_read_searches(request.user)


@hooks.register("register_reports_menu_item")
def search_report_menu_item() -> MenuItem:
    return SearchReportItem(_("Searches without results"), reverse("search_report"), name="searches", icon_name="search", order=300)
