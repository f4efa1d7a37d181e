"""The CMS without inline script: what Wagtail 8.0 writes as `<script>new X(…)</script>` becomes data, run by one static script.

Five sources write such scripts: the choosers (patched here) and the date, time, inline panel and multiple chooser templates
(overridden in templates/wagtailadmin/). `static/js/cms-start.js` reads the data, also in parts of a page that arrive later.
A new source in a later Wagtail shows up in tests/browser/test_cms_browser.py as a refused script, not as a silent hole.
"""

import json
import re
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from wagtail.admin.widgets import chooser

# Inside a script element only these three could end it or begin a comment.
HARMLESS = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}
CALL = re.compile(r"^(?P<new>new )?(?P<name>[A-Za-z]+)\((?P<arguments>.*)\);$", re.S)


def start(name: str, arguments_json: str, *, new: bool) -> SafeString:
    """Data for the static script: call the function, or construct the class, `name` of the window with these arguments (a JSON list)."""
    json.loads(arguments_json)  # a ValueError here is better than a dead widget there
    kind = "new" if new else "call"
    return mark_safe(f'<script type="application/json" data-cms-{kind}="{name}">{arguments_json.translate(HARMLESS)}</script>')  # noqa: S308 (a constant name, escaped JSON)


def render_chooser(self, name: str, value: Any, attrs: dict | None = None, renderer: Any = None) -> SafeString:
    """`BaseChooser.render` of Wagtail 8.0, with data where it writes a script."""
    if not attrs or "id" not in attrs:
        raise TypeError("BaseChooser cannot be rendered without an 'id' attribute")
    value_data = self.get_value_data(value)
    html = self.render_html(name, value_data, attrs)
    script = self.render_js_init(attrs["id"], name, value_data)
    call = CALL.match(script.strip())
    if call is None:
        raise ValueError(f"a chooser starts in a way that academy.cms_csp does not know: {script!r}")
    return mark_safe(html + start(call["name"], f"[{call['arguments']}]", new=bool(call["new"])))  # noqa: S308 (Wagtail's own markup)


def install() -> None:
    chooser.BaseChooser.render = render_chooser
