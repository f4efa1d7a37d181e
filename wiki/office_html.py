"""HTML as Word, LibreOffice and Google Docs export it, put into the HTML that a web page would have. Pure: one soup, changed in place.

Their exports say with styles and classes what HTML has elements for: lists, notes, comments, headers, emphasis. What belongs to no
page (the programme's own notes, tables of contents, comments) goes, and the report says so.
"""

import re
from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup
from bs4.element import Comment, NavigableString, Tag
from django.utils.translation import gettext_noop

from wiki.pad import Report
from wiki.symbols import signs, symbol_font

CONDITION = re.compile(r"^\s*\[(?:if|endif)\b")
LIST_STYLE = re.compile(r"mso-list\s*:\s*(l\d+) level(\d+)", re.IGNORECASE)
IGNORED = re.compile(r"mso-list\s*:\s*ignore", re.IGNORECASE)
NUMBERED = re.compile(r"^\s*\(?(?:\d+|[a-z]|[ivxlc]+)[.)]", re.IGNORECASE)
HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
CONTENTS_CLASS = re.compile(r"^MsoToc(?:\d|Heading)?$", re.IGNORECASE)
GOOGLE_LIST = re.compile(r"^lst-(kix_\w+)-(\d)$")
CALL = re.compile(r"^[\[(]?(?:\w{1,4}|[*†‡§]{1,3})[\])]?$")
RULE = re.compile(r"\.([\w-]+)\s*\{([^{}]*)\}")
LONGEST_STYLES = 300_000
DEEPEST_LIST = 8
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


def put_right(soup: BeautifulSoup, report: Report) -> None:
    """Does nothing to a page that no office programme wrote, but for what is hidden, and for notes that lead back to their word."""
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment) and CONDITION.match(text)):
        comment.extract()
    places = _Places(soup, report)
    _google(soup, report)
    _drop_comments(soup, report, places)
    _drop_changes(soup, report, places)
    _drop_contents(soup, report, places)
    places.at(None)
    _drop_margins(soup, report)
    _word_lists(soup)
    _signs(soup)
    for hidden in soup.find_all(style=HIDDEN):
        if hidden.decomposed:
            continue
        if hidden.get_text(strip=True):
            places.at(hidden)
            report.lost[gettext_noop("hidden passages")] += 1
        hidden.decompose()
    places.at(None)
    _notes(soup, report)


class _Places:
    """Under which heading each element stands: one walk for all of them."""

    def __init__(self, soup: BeautifulSoup, report: Report) -> None:
        self.report, self._known = report, {}
        place = None
        for node in soup.find_all(True):
            if node.name in HEADINGS:
                place = " ".join(node.get_text().split())[:80] or place
            self._known[id(node)] = place

    def at(self, node: Tag | None) -> None:
        """What is counted next stands where this does."""
        self.report.changed.here = self.report.lost.here = self._known.get(id(node))


def _classes(node: Tag) -> list[str]:
    return [name for name in node.get_attribute_list("class") if name]


# --- what belongs to no page


def _drop_comments(soup: BeautifulSoup, report: Report, places: _Places) -> None:
    """Their marks in the text, and what they said: at the end (Word, Google)."""
    for mark in [*soup.select("a.msocomanchor"), *soup.find_all("a", id=re.compile(r"^cmnt_ref\d+$"))]:
        places.at(mark)
        report.lost[gettext_noop("comments in the margin")] += 1
        (mark.find_parent("span", class_="MsoCommentReference") or mark.find_parent("sup") or mark).decompose()
    said = soup.find_all(style=re.compile(r"mso-element\s*:\s*comment-list", re.IGNORECASE))
    for body in [*said, *(one.find_parent(["div", "p"]) or one for one in soup.find_all("a", id=re.compile(r"^cmnt\d+$")))]:
        if not body.decomposed:
            body.decompose()


def _drop_changes(soup: BeautifulSoup, report: Report, places: _Places) -> None:
    """What somebody proposed in Word is taken as accepted."""
    for change in soup.select(".msoIns, .msoDel"):
        if change.decomposed:
            continue
        places.at(change)
        report.changed[gettext_noop("changes that were proposed, taken as accepted")] += 1
        if "msoDel" in _classes(change):
            change.decompose()
            continue
        for mark in change.find_all("ins"):
            mark.unwrap()


def _drop_contents(soup: BeautifulSoup, report: Report, places: _Places) -> None:
    lines = soup.find_all(["p", "h1", "h2", "h3"], class_=CONTENTS_CLASS)
    for box in soup.find_all("div", id=re.compile(r"\d$")):  # LibreOffice names them in the language of who wrote
        if soup.find("div", id=f"{box['id']}_Head"):
            lines += box.find_all("p")
    for line in lines:
        if line.decomposed:
            continue
        places.at(line)
        report.changed[gettext_noop("lines of the table of contents, which each page makes by itself")] += 1
        line.decompose()


def _drop_margins(soup: BeautifulSoup, report: Report) -> None:
    for margin in soup.find_all("div", title=["header", "footer"]):
        if margin.get_text(strip=True):
            report.lost[gettext_noop("headers and footers of the pages")] += 1
        margin.decompose()


# --- lists


def _word_lists(soup: BeautifulSoup) -> None:
    """Word writes each item as a paragraph with its sign typed before it; runs of them become lists in lists."""
    for first in soup.find_all(["p", "div"], style=LIST_STYLE):
        if first.parent is None or first.name == "li":
            continue
        run, node = [], first
        while isinstance(node, Tag) and node.name in ("p", "div") and (level := _word_level(node)):
            run.append((node, level, _takes_sign(node)))
            node = _next_tag(node)
        if not run:
            continue
        place = soup.new_tag("div")
        first.insert_before(place)
        _nest(soup, place, [(item, level, "ol" if NUMBERED.match(sign) and sign.strip() != "o" else "ul") for item, level, sign in run])
        place.unwrap()


def _word_level(node: Tag) -> int:
    found = LIST_STYLE.search(str(node.get("style") or ""))
    return min(int(found[2]), DEEPEST_LIST) if found else 0


def _takes_sign(node: Tag) -> str:
    words = ""
    for sign in node.find_all("span", style=IGNORED):
        if not sign.decomposed:
            words += sign.get_text()
            sign.decompose()
    return words.replace("\xa0", " ")


def _next_tag(node: Tag) -> Tag | None:
    for sibling in node.next_siblings:
        if isinstance(sibling, Tag):
            return sibling
        if isinstance(sibling, NavigableString) and type(sibling) is NavigableString and sibling.strip():
            return None
    return None


def _nest(soup: BeautifulSoup, place: Tag, items: list[tuple[Tag, int, str]]) -> None:
    """Items with their depths, as lists in lists under `place`."""
    open_lists: list[tuple[int, Tag]] = []
    for node, level, kind in items:
        while open_lists and (open_lists[-1][0] > level or (open_lists[-1][0] == level and open_lists[-1][1].name != kind)):
            open_lists.pop()
        if not open_lists or open_lists[-1][0] < level:
            made = soup.new_tag(kind)
            if node.get("start"):
                made["start"] = node["start"]
            last = open_lists[-1][1].contents[-1] if open_lists else place
            last.append(made)
            open_lists.append((level, made))
        node.extract()
        if node.name != "li":
            node.name = "li"
        open_lists[-1][1].append(node)


def _signs(soup: BeautifulSoup) -> None:
    """Words in a font of signs; what stands in another font inside keeps its letters."""
    for node in soup.find_all(["span", "font"]):
        named = re.search(r"font-family\s*:\s*([^;]+)", str(node.get("style") or ""), re.IGNORECASE)
        font = symbol_font(named[1] if named else str(node.get("face") or ""))
        for words in node.find_all(string=True, recursive=False) if font else ():
            if type(words) is NavigableString:
                words.replace_with(signs(words, font))


# --- notes


def _notes(soup: BeautifulSoup, report: Report) -> None:
    """A short link and a paragraph (or an item) that leads back to it are a call and its note: the note goes to the end, the call is a number."""
    named: dict[str, Tag] = {}
    for one in soup.find_all(lambda tag: tag.has_attr("id") or (tag.name == "a" and tag.has_attr("name"))):
        for name in (one.get("id"), one.get("name") if one.name == "a" else None):
            if name:
                named.setdefault(name, one)
    notes: list[Tag] = []
    numbers: dict[int, int] = {}
    for call in soup.find_all("a", href=re.compile("^#.")):
        if call.decomposed or call.parent is None or not CALL.match(call.get_text(strip=True)):
            continue
        target = named.get(call["href"][1:])
        if target is not None and id(target) not in numbers and (note := _note(call, target)) is not None:
            notes.append(note)
            numbers[id(target)] = len(notes)
        if id(target) in numbers:
            _as_number(soup, call, numbers[id(target)])
    if not notes:
        return
    report.changed[gettext_noop("footnotes, listed at the end")] += len(notes)
    for rule in reversed(soup.find_all("hr")):  # the line above the notes
        if any(sibling for sibling in rule.find_all_next() if sibling.get_text(strip=True) or sibling.name == "img"):
            break
        rule.decompose()
    soup.append(soup.new_tag("hr"))
    listed = soup.new_tag("ol")
    for holder in notes:
        item = soup.new_tag("li")
        item.extend(list(holder.children))
        listed.append(item)
    soup.append(listed)


def _note(call: Tag, target: Tag) -> Tag | None:
    """The note that a link leads to, taken out of the page and without its way back; None when it is none."""
    own = {call.get("id"), call.get("name"), call.parent.get("id") if call.parent is not None else None} - {None}
    note = target if target.name in ("li", "p") else target.find_parent(["p", "li"]) if target.name == "a" else None
    if note is None or any(one is note for one in call.parents):
        return None
    back = [link for link in note.find_all("a", href=re.compile("^#.")) if link["href"][1:] in own]
    if not back:
        return None
    around = note.find_parent("div")
    if around is not None and around.get("id") and len(around.find_all("a", href=re.compile("^#."), limit=2)) == 1:
        note = around  # Word and LibreOffice put each note in a box of its own
    for link in back:
        link.decompose()
    return note.extract()


def _as_number(soup: BeautifulSoup, call: Tag, number: int) -> None:
    above = call.find_parent("sup")
    small = soup.new_tag("sup")
    small.string = str(number)
    (above if above is not None and above.get_text(strip=True) == call.get_text(strip=True) else call).replace_with(small)


# --- Google Docs


def _google(soup: BeautifulSoup, report: Report) -> None:
    """Its exports say emphasis by classes, nest lists by their names, and lead every link through a counter."""
    rules: dict[str, str] = {}
    for sheet in soup.find_all("style"):
        text = sheet.get_text()[:LONGEST_STYLES]
        if "lst-kix" in text or re.search(r"\.c\d+\s*\{", text):
            rules |= {name: said for name, said in RULE.findall(text) if re.fullmatch(r"c\d+", name)}
    if rules:
        for node in soup.find_all(class_=True):
            said = ";".join(rules[name] for name in _classes(node) if name in rules)
            if said and node.name in ("span", "a"):
                if node.find("a"):
                    said = re.sub(r"text-decoration[^;]*", "", said)
                node["style"] = f"{said};{node.get('style') or ''}"
        for node in soup.select("p.title"):
            node.name = "h1"
    for link in soup.find_all("a", href=re.compile(r"^https?://(?:www\.)?google\.\w+/url\?")):
        goal = parse_qs(urlsplit(link["href"]).query).get("q", [""])[0]
        if goal.startswith(("http://", "https://", "mailto:")):
            link["href"] = goal
            report.changed[gettext_noop("links through a counter of Google, led straight to their goal")] += 1
    _google_lists(soup)


def _google_list(node: Tag | None) -> tuple[str, int] | None:
    found = next((match for name in _classes(node) if (match := GOOGLE_LIST.match(name))), None) if isinstance(node, Tag) else None
    return (found[1], int(found[2]) + 1) if found else None


def _google_lists(soup: BeautifulSoup) -> None:
    for first in soup.find_all(["ul", "ol"], class_=True):
        if first.decomposed or (named := _google_list(first)) is None or first.find_parent(["ul", "ol"]) is not None:
            continue
        run, node = [], first
        while (found := _google_list(node)) is not None and found[0] == named[0]:
            run.append((node, found[1]))
            node = _next_tag(node)
        place = soup.new_tag("div")
        first.insert_before(place)
        items = []
        for one, level in run:
            for number, item in enumerate(one.find_all("li", recursive=False)):
                if not number and one.get("start"):
                    item["start"] = one["start"]
                items.append((item, level, one.name))
        _nest(soup, place, items)
        for one, _level in run:
            one.decompose()
        place.unwrap()
