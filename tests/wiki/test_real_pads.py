"""The pads that the organisation really wrote, read where they lie (they are not ours to copy): structure, words, no markup left."""

import os
import re
from pathlib import Path

import pytest

from tests.wiki.test_markdown import LEFT_OVER, all_words
from wiki import actions
from wiki.importer import SourceFile
from wiki.markdown import read_pad

ROOT = Path(__file__).resolve().parents[2]
PLACES = [Path(os.environ["SHARED"])] if "SHARED" in os.environ else [ROOT.parent / "shared", ROOT.parent.parent / "shared"]
PADS = next((found for place in PLACES if (found := sorted(place.glob("samples/*.md")))), [])

pytestmark = pytest.mark.skipif(not PADS, reason="no real pad beside the project (SHARED=… says where they are)")


@pytest.fixture(params=PADS, ids=lambda path: path.stem[:12])
def text(request):
    return request.param.read_text(encoding="utf-8")


def bare(text: str) -> list[str]:
    """The words, without the markup that takes letters or digits."""
    markup = r"^[ ]*:::+[ ]*\w+|\]\([^)]*\)|^\d+[.)] "
    return re.findall(r"\w+", re.sub(markup, "", text, flags=re.MULTILINE))


def test_no_markup_is_left_over(text):
    assert LEFT_OVER.findall(all_words(read_pad(text))) == []


def test_every_word_is_kept_in_order(text):
    pad = read_pad(text)
    source, title = bare(text), bare(pad.title)
    at = next(index for index in range(len(source)) if source[index : index + len(title)] == title)
    assert bare(all_words(pad)) == source[:at] + source[at + len(title) :]
    assert pad.report.lost == {}


def test_every_callout_heading_and_link_is_kept(text):
    pad = read_pad(text)
    html = " ".join(str(block["value"]) for block in pad.blocks)
    callouts = [block["value"]["kind"] for block in pad.blocks if block["type"] == "callout"]
    assert callouts == re.findall(r"^:::[ ]*(\w+)", text, re.MULTILINE)
    headings = len(re.findall(r"^#{1,6} ", text, re.MULTILINE))
    assert len([block for block in pad.blocks if block["type"] == "heading"]) == headings - 1  # the title of the page
    assert html.count("<a href=") == len(re.findall(r"\]\(https?:", text))


def test_every_bullet_is_in_a_list(text):
    html = " ".join(str(block["value"]) for block in read_pad(text).blocks)
    assert html.count("<li>") == len(re.findall(r"^(?:[-*•] |\d+\. )\S", text, re.MULTILINE))


def test_it_becomes_a_page(text, wiki, visitor_client):
    result = actions.import_source(wiki, source=SourceFile("pad.md", "pad.md", text.encode()))
    html = visitor_client.get(result.source.page.url).content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    for mark in (":::", "**", "++", "](", "=="):
        assert mark not in main
