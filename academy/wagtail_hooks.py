"""What the floor adds to the CMS."""

from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from academy import rich_text

__all__ = ["rich_text"]


@hooks.register("register_log_actions")
def register_log_actions(actions) -> None:
    actions.register_action("academy.update_profile", _("Change a profile"), _("Profile changed"))


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
