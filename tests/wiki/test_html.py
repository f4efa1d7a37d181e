"""The sanitiser against the ways that markup has carried scripts."""

import re

import pytest

from academy.html import clean, clean_inline, text_of

CORPUS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<style>@import 'http://evil.example/x.css';</style>",
    '<p style="background:url(javascript:alert(1))">x</p>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href=" &#x01;javascript:alert(1)">x</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<iframe src="javascript:alert(1)"></iframe>',
    '<object data="javascript:alert(1)"></object><embed src=x>',
    '<base href="//evil.example/"><meta http-equiv=refresh content="0;url=javascript:alert(1)">',
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<title><img src=x onerror=alert(1)></title>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<p><!-- hidden --><b onclick=alert(1) onmouseover='alert(1)'>x</b></p>",
    "<details open ontoggle=alert(1)>x</details>",
    '<a href=x id="getElementById" name="cookie" class="button" target="_blank">x</a>',
    "<input autofocus onfocus=alert(1)><button formaction=javascript:alert(1)>x</button>",
    "<video><source onerror=alert(1)></video><audio src onloadstart=alert(1)>",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    '<a linktype="page" id="3 onclick=alert(1)">x</a><a linktype="evil" id="3">y</a>',
    '<td colspan="9999999" background="javascript:alert(1)">x</td>',
]
ACTIVE = re.compile(
    r"<(?:script|style|svg|math|iframe|object|embed|img|form|input|button|base|meta|link|video|audio|noscript|textarea|template)\b"
    r"|<[^>]*\s(?:on[a-z]+|style|class|src|target|name)\s*="
    r"|<[^>]*(?:javascript|vbscript|data):",
    re.IGNORECASE,
)


@pytest.mark.parametrize("dirty", CORPUS)
@pytest.mark.parametrize("sanitiser", [clean, clean_inline])
def test_nothing_active_survives(sanitiser, dirty):
    cleaned = sanitiser(dirty)
    assert not ACTIVE.search(cleaned)
    assert sanitiser(cleaned) == cleaned


@pytest.mark.parametrize("dirty", CORPUS)
def test_nothing_active_survives_inside_a_paragraph(dirty):
    assert not ACTIVE.search(clean(f"<table><tr><td><p>{dirty}"))


def test_what_people_write_is_kept():
    kept = "<h2>Titre</h2><p>« Déjà » <strong>fort</strong> <u>souligné</u> <mark>vu</mark> H<sub>2</sub>O</p><ul><li>un</li></ul>"
    assert clean(kept) == kept


def test_links_keep_their_way_and_gain_a_relation():
    assert clean('<a href="https://smart.coop/">x</a>') == '<a href="https://smart.coop/" rel="noopener noreferrer">x</a>'
    assert clean('<a href="/fr/wiki/">x</a>') == '<a href="/fr/wiki/" rel="noopener noreferrer">x</a>'
    assert 'linktype="page" id="12"' in clean('<a linktype="page" id="12">x</a>')


def test_one_line_has_no_blocks_but_keeps_their_words():
    assert clean_inline("<p>un</p><ul><li><b>deux</b></li></ul>").split() == ["un", "<b>deux</b>"]


def test_words_alone():
    assert text_of("<p>a &lt; b</p><ul><li>c&nbsp;d</li></ul><script>x</script>") == "a < b c\u00a0d"


def test_a_link_to_a_page_not_written_yet_keeps_what_it_asks_for_and_no_other_link_a_target():
    given = (
        '<p><a linktype="wanted" target="Statuts &amp; &lt;co&gt; l’&quot;été&quot; " href="javascript:x" onclick="y" id="3">w</a>'
        '<a href="https://x.org" target="_blank">a</a><a target="x" linktype="page" id="5">b</a><a linktype="wanted">c</a></p>'
    )
    cleaned = clean(given)
    assert cleaned == (
        '<p><a linktype="wanted" target="Statuts &amp; &lt;co&gt; l’&quot;été&quot;">w</a>'
        '<a href="https://x.org" rel="noopener noreferrer">a</a><a linktype="page" id="5" rel="noopener noreferrer">b</a>'
        '<a rel="noopener noreferrer">c</a></p>'
    )
    assert clean(cleaned) == cleaned
