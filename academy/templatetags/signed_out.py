"""`{% writer user %}`: in a form, whose it is. Sent by who was signed out meanwhile, it is kept until they have signed in again."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from academy.signed_out import WRITER, writer_mark

register = template.Library()


@register.simple_tag
def writer(user: Any) -> SafeString | str:
    """Nothing for a visitor: what they send is nobody's."""
    if not getattr(user, "is_authenticated", False):
        return ""
    return format_html('<input type="hidden" name="{}" value="{}">', WRITER, writer_mark(user))
