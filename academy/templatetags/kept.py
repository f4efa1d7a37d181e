"""`{% kept "name" value other as name… %} … {% endkept %}`: a part of a template that is the same for every reader, rendered once.

It is kept by academy.remembered: until something is published, for each host and language; and for each time zone, since days are
written in it. Whatever else changes the part is named in the tag, and may be given a name inside it. Inside, nobody is there: reading
`user`, `perms`, `messages`, the request's person or session, or a form's token is an error, kept or not, so that no test can miss it.
"""

import copy
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.utils import timezone

from academy.remembered import remembered

register = template.Library()


class PersonalPart(Exception):
    """A part kept for every reader has asked who reads it."""


class Nobody:
    """Stands where the person would be. Notes that it was asked: `{% if a and user.x %}` swallows every error."""

    __slots__ = ("asked",)
    __hash__ = None

    def __init__(self):
        object.__setattr__(self, "asked", False)

    def _refuse(self, *_arguments: Any) -> Any:
        object.__setattr__(self, "asked", True)
        raise PersonalPart(
            "A part between {% kept %} and {% endkept %} reads what is the person's own: move it out, or name it in the tag."
        )

    __getattr__ = __getitem__ = __iter__ = __len__ = __bool__ = __str__ = __call__ = __eq__ = _refuse


PERSONAL = ("user", "perms", "messages", "csrf_token", "may_use_cms")


def _without_person(request: HttpRequest | None, nobody: Nobody) -> HttpRequest | None:
    if request is None:
        return None
    nameless = copy.copy(request)
    nameless.user = nameless.session = nameless.COOKIES = nobody
    return nameless


class KeptNode(Node):
    child_nodelists = ("nodelist",)

    def __init__(self, name: str, varies: list[tuple[str, FilterExpression]], nodelist: NodeList):
        self.name, self.varies, self.nodelist = name, varies, nodelist

    def render(self, context):
        request = context.get("request")
        values = [one.resolve(context) for _name, one in self.varies]
        key = ("kept", self.origin.template_name, self.name, timezone.get_current_timezone_name(), *values)

        def make() -> str:
            named = {name: value for (name, _one), value in zip(self.varies, values, strict=True) if name}
            nobody = Nobody()
            with context.push(**dict.fromkeys(PERSONAL, nobody), **named, request=_without_person(request, nobody)):
                words = self.nodelist.render(context)
            if nobody.asked:
                nobody._refuse()
            return words

        return remembered(request, key, make)


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    _tag, *words = token.split_contents()
    if not words or not words[0].startswith('"'):
        raise template.TemplateSyntaxError("kept: give the part a name, between quotation marks")
    varies: list[tuple[str, FilterExpression]] = []
    rest = iter(words[1:])
    for word in rest:
        if word == "as":
            varies[-1] = (next(rest), varies[-1][1])
        else:
            varies.append(("", parser.compile_filter(word)))
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(words[0].strip('"'), varies, nodelist)
