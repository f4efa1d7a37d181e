"""Wagtail's own template tags, with the menu and the dialog of shortcuts made once for each person (settings: TEMPLATES, `libraries`).

They are half of what a page of the CMS costs, and change only with who may do what: `academy.remembered` forgets them whenever a person, a
group, a permission or the site changes. The name of a kept part holds all that Wagtail's templates ask of the request beside that.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.template import Context, Library, Node
from django.template.base import Parser, Token
from wagtail.admin.templatetags import wagtailadmin_tags as stock
from wagtail.admin.utils import get_keyboard_key_labels_from_request

from academy.remembered import remembered

register = Library()
register.tags.update(stock.register.tags)
register.filters.update(stock.register.filters)


class KeptNode(Node):
    """Renders what Wagtail's tag would, once for each name. Without a person nothing is kept."""

    def __init__(self, tag: str, node: Node, name: Callable[[HttpRequest], tuple]):
        self.tag, self.node, self.name = tag, node, name

    def render(self, context: Context) -> str:
        request = context.get("request")
        if request is None or not request.user.is_authenticated:
            return self.node.render(context)
        return remembered(request, ("cms", self.tag, *self.name(request)), lambda: self.node.render(context))


def _profile(request: HttpRequest):
    return getattr(request.user, "wagtail_userprofile", None)


def _menu(request: HttpRequest) -> tuple:
    person, profile = request.user, _profile(request)
    avatar, dismissed = (str(profile.avatar), str(profile.dismissibles)) if profile else ("", "")
    return (person.pk, person.is_superuser, person.roles, person.get_username(), avatar, dismissed)


def _shortcuts(request: HttpRequest) -> tuple:
    profile, keys = _profile(request), get_keyboard_key_labels_from_request(request)
    return (profile is None or profile.keyboard_shortcuts, str(keys))


def _keep(tag: str, name: Callable[[HttpRequest], tuple]) -> None:
    compile_stock = stock.register.tags[tag]

    def compile_kept(parser: Parser, token: Token) -> KeptNode:
        return KeptNode(tag, compile_stock(parser, token), name)

    register.tag(tag, compile_kept)


_keep("sidebar_props", _menu)
_keep("keyboard_shortcuts_dialog", _shortcuts)
