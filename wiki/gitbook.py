"""What GitBook writes that no other markdown has: its `{% … %}` tags, and the summary that orders its files. Pure."""

import re
from html import escape

from django.utils.translation import gettext_noop

from wiki.pad import Report

TAG = re.compile(r"\{%-?\s*(end)?([a-z][\w-]*)((?:\s+[^%]*|%(?!\}))*?)\s*-?%\}")
VALUE = re.compile(r"""([\w-]+)\s*=\s*["“]([^"”]*)["”]""")
# HedgeDoc's own, which the writer of lines reads.
SHORTCODES = {"youtube", "vimeo", "gist", "slideshare", "speakerdeck", "pdf"}
# Their content stays, the frame around it goes.
FRAMES = {"tabs", "stepper", "step", "content-ref", "columns", "column", "updates", "update", "code", "if", "else", "elif"}
HINTS = {"info", "success", "warning", "danger", "note"}


def in_containers(line: str, report: Report) -> list[str]:
    """A line with GitBook's tags as lines of the pad's own dialect; any other line as it is."""
    if "{%" not in line:
        return [line]
    lines, at, indent = [], 0, line[: len(line) - len(line.lstrip())]
    for match in TAG.finditer(line):
        name = match[2]
        if name in SHORTCODES and not match[1]:
            continue
        written = _closing(name) if match[1] else _opening(name, match[3], report)
        before = line[at : match.start()]
        lines += [before] if before.strip() else []
        lines += [f"{indent}{part}" if part else "" for part in written]
        at = match.end()
    if at == 0:
        return [line]
    return [*lines, *([indent + line[at:].lstrip()] if line[at:].strip() else [])]


def _closing(name: str) -> list[str]:
    if name in ("hint", "tab"):
        return ["", ":::", ""]
    return ["</gitbook-file>", ""] if name == "file" else [""]


def _opening(name: str, typed: str, report: Report) -> list[str]:
    values = dict(VALUE.findall(typed))
    if name == "hint":
        return ["", f":::{values.get('style', 'info') if values.get('style') in HINTS else 'info'}", ""]
    if name == "tab":
        return ["", f":::tab {values.get('title', '…')}", ""]
    if name == "embed" and values.get("url"):
        return ["", f'<gitbook-embed src="{escape(values["url"])}" title="{escape(values.get("title", ""))}">', "</gitbook-embed>", ""]
    if name == "file" and values.get("src"):
        return ["", f'<gitbook-file src="{escape(values["src"])}" title="{escape(values.get("title", ""))}">']
    if name == "code" and values.get("title"):
        return ["", f"`{values['title']}`", ""]
    if name in FRAMES:
        return ["", f"**{values['title']}**", ""] if values.get("title") and name != "content-ref" else [""]
    address = re.search(r"https?://[^\s\"”]+", typed)
    if address:
        report.changed[gettext_noop("shown inside the pad, as a link") + f": {name}"] += 1
        return ["", f"<{address[0]}>", ""]
    report.lost[gettext_noop("parts that only GitBook shows") + f": {f'{name} {typed.strip()}'.strip()[:80]}"] += 1
    return [""]


SUMMARY_LINE = re.compile(r"^(\s*)[*+-]\s+\[([^\]]*)\]\(<?([^)>\s]*)>?(?:\s+\"[^\"]*\")?\)")


def summary_of(text: str) -> list[tuple[int, str, str]]:
    """The order of the files of a book: (depth, title, path) for each, from its SUMMARY.md. A `## Part` is an entry without path."""
    entries: list[tuple[int, str, str]] = []
    indents: list[int] = []
    base = 0
    for line in text.splitlines():
        part = re.match(r"^##+\s+(.+?)\s*#*$", line)
        if part:
            entries.append((0, re.sub(r"\s*<a\b.*$", "", part[1]), ""))
            base, indents = 1, []
        match = SUMMARY_LINE.match(line.expandtabs(4))
        if not match or re.match(r"[a-z][a-z0-9+.-]*:", match[3], re.IGNORECASE):
            continue
        indent = len(match[1])
        indents = [known for known in indents if known < indent]
        entries.append((base + len(indents), re.sub(r"\\([\\`*_{}\[\]()#+.!-])", r"\1", match[2]).strip(), match[3].split("#")[0]))
        indents.append(indent)
    return entries
