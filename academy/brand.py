"""Colour arithmetic of the brand (WCAG 2.2, relative luminance and contrast ratio), and what is remembered of a brand."""

from django.conf import settings
from django.core.cache import cache


def frame_key(site_pk: int | None, language: str | None) -> str:
    """Where the header and footer of a site are kept between two requests (academy.context)."""
    return f"site-frame:{site_pk}:{language}"


def forget_frames(site_pk: int | None) -> None:
    """After a change of brand or settings: the next page shows it."""
    cache.delete_many([*(frame_key(site_pk, code) for code, _name in settings.LANGUAGES), "mail-frame"])


def _channel(value: int) -> float:
    c = value / 255
    return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, from 0 (black) to 1 (white)."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.2126 * _channel(red) + 0.7152 * _channel(green) + 0.0722 * _channel(blue)


def contrast_ratio(one: str, other: str) -> float:
    """From 1 (same) to 21 (black on white)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(one: str, other: str, share: float) -> str:
    """`one` with `share` of `other` in it, as `#rrggbb`."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def text_on(colour: str) -> str:
    """White or near-black, whichever reads better on `colour`."""
    return max(("#ffffff", "#14100e"), key=lambda ink: contrast_ratio(ink, colour))


def readable(colour: str, paper: str, *, least: float = 4.5) -> str:
    """The colour itself where it can be read as text on `paper`; else the nearest darker or lighter one that can (WCAG 1.4.3)."""
    towards = "#000000" if luminance(paper) > 0.5 else "#ffffff"
    return next(found for step in range(101) if contrast_ratio(found := mixed(colour, towards, step / 100), paper) >= least)


def stylesheet(accent: str, accent_dark: str, *, paper: str, paper_dark: str) -> str:
    """The custom properties of one brand; everything else about the look is in static/css/tokens.css."""
    return (
        ":root{"
        f"--brand:{accent};--brand-dark:{accent_dark};"
        f"--accent:light-dark({accent},{accent_dark});"
        f"--on-accent:light-dark({text_on(accent)},{text_on(accent_dark)});"
        f"--accent-wash:light-dark({mixed(paper, accent, 0.08)},{mixed(paper_dark, accent_dark, 0.14)})"
        "}\n"
    )
