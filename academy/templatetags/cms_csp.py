"""For the overridden templates of the CMS: data instead of an inline script (academy.cms_csp)."""

import json

from django import template
from django.utils.safestring import SafeString

from academy.cms_csp import start

register = template.Library()


@register.simple_tag
def cms_call(function: str, element_id: str, config_json: str) -> SafeString:
    return start(function, f"[{json.dumps(element_id)}, {config_json}]", new=False)


@register.simple_tag
def cms_new(constructor: str, options_json: str) -> SafeString:
    return start(constructor, f"[{options_json}]", new=True)
