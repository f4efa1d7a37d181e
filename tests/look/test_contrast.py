"""Every pair of colours that carries words reads at 4.5 to 1, in light and in dark; edges and shapes at 3 to 1."""

import re
from pathlib import Path

import pytest

from academy.brand import contrast_ratio, mixed, stylesheet, text_on
from academy.models import Brand

TOKENS = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"
COLOURS = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)", TOKENS.read_text(encoding="utf-8"))
}
GROUNDS = ("paper", "raised", "sunk")
WORDS = ("ink", "soft", "accent", "impact", "craft", "business", "good", "warn", "bad", "info")
WASHES = ("good", "warn", "bad", "info", "accent")
AREAS = ("edge", "impact-area", "craft-area", "business-area")

PAIRS = [
    *((word, ground) for word in WORDS for ground in GROUNDS),
    *((name, f"{name}-wash") for name in WASHES),
    *(("ink", f"{name}-wash") for name in WASHES),
    ("on-accent", "accent"),
    ("ink", "mark"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("words", "ground"), PAIRS)
def test_words_can_be_read(words, ground, scheme):
    assert contrast_ratio(COLOURS[words][scheme], COLOURS[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_shapes_and_edges_can_be_seen(area, ground, scheme):
    assert contrast_ratio(COLOURS[area][scheme], COLOURS[ground][scheme]) >= 3


def test_every_colour_is_named_in_the_tokens_only():
    others = [path for path in TOKENS.parent.glob("*.css") if path.name not in ("tokens.css", "print.css")]
    named = {path.name: re.findall(r"#[0-9a-fA-F]{3,8}\b", path.read_text(encoding="utf-8")) for path in others}
    assert {name: set(found) - {"#fff"} for name, found in named.items() if set(found) - {"#fff"}} == {}


def test_the_brand_measures_against_the_paper_of_the_tokens():
    assert (COLOURS["paper"]["light"], COLOURS["paper"]["dark"]) == (Brand.PAPER, Brand.PAPER_DARK)


@pytest.mark.parametrize("accent", ["#b3321b", "#ff8e72", "#005f73", "#ffd166", "#000000", "#ffffff"])
def test_words_on_any_accent_can_be_read(accent):
    assert contrast_ratio(text_on(accent), accent) >= 4.5


def test_a_brand_becomes_four_properties():
    css = stylesheet("#b3321b", "#ff8e72", paper="#ffffff", paper_dark="#000000")
    assert "--accent:light-dark(#b3321b,#ff8e72)" in css
    assert f"--accent-wash:light-dark({mixed('#ffffff', '#b3321b', 0.08)},{mixed('#000000', '#ff8e72', 0.14)})" in css


def test_the_stylesheets_stay_small():
    ours = ["tokens", "base", "layout", "ui", "forms", "prose", "app", "print"]
    assert sum((TOKENS.parent / f"{name}.css").stat().st_size for name in ours) < 36_000


def test_whatever_takes_the_focus_shows_it():
    """Only `main`, which the skip link brings to, is not outlined: it is nothing that one uses."""
    wanting = re.compile(r"([^{}]*)\{[^{}]*outline:\s*(?:none|0)\b")
    rules = [rule.strip() for sheet in sorted(TOKENS.parent.rglob("*.css")) for rule in wanting.findall(sheet.read_text("utf-8"))]
    assert rules == ["main:focus"]
