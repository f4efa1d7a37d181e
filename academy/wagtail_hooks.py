"""What the floor adds to the CMS."""

from allauth.mfa.models import Authenticator
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component

from academy import rich_text

__all__ = ["rich_text"]


@hooks.register("register_log_actions")
def register_log_actions(actions) -> None:
    actions.register_action("academy.update_profile", _("Change a profile"), _("Profile changed"))


class SecondFactorPanel(Component):
    """Asks staff without a second factor to set one up. Asked, not forced: a lost phone must not close the house on a session day."""

    order = 50

    def render_html(self, parent_context=None):
        user = parent_context["request"].user
        if Authenticator.objects.filter(user=user).exists():
            return ""
        return render_to_string("academy/second_factor_panel.html", {"setup": reverse("mfa_index")})


@hooks.register("construct_homepage_panels")
def ask_for_a_second_factor(request, panels) -> None:
    panels.append(SecondFactorPanel())


@hooks.register("insert_global_admin_js")
def start_widgets_from_data() -> SafeString:
    return format_html('<script src="{}"></script>', static("js/cms-start.js"))


# --- brand


@hooks.register("insert_global_admin_css")
def brand_colours() -> SafeString:
    """The CMS wears the accent of the site; the logo is in templates/wagtailadmin/base.html."""
    return format_html(
        '<link rel="stylesheet" href="{}"><link rel="stylesheet" href="{}">', reverse("brand_css"), static("css/cms/brand.css")
    )
