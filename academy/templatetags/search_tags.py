"""What the CMS says of search."""

from django import template

from academy.search.cms import searchable as words

register = template.Library()


@register.filter
def searchable(document) -> str:
    return words(document)
