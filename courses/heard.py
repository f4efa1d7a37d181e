"""Which saves of which open tab were heard: `[[client, sequence], …]`, the tab that wrote last first, "" for a form without script.

A device sends again what it never had an answer to. Without this memory, a phone coming back to the network would put its old
words over those written since on another device.
"""

REMEMBERED = 20

Saves = list | dict  # {} before the first one


def _pairs(saves: Saves) -> list:
    return list(saves.items()) if isinstance(saves, dict) else saves


def is_heard(saves: Saves, client: str, sequence: int) -> bool:
    """Whether this save, or a later one of its tab, came already."""
    return bool(client) and any(other == client and sequence <= last for other, last in _pairs(saves))


def wrote_last(saves: Saves, client: str) -> bool:
    pairs = _pairs(saves)
    return bool(client and pairs) and pairs[0][0] == client


def heard(saves: Saves, client: str, sequence: int) -> list:
    others = [[other, last] for other, last in _pairs(saves) if other not in ("", client)]
    return [[client, sequence], *others][:REMEMBERED]
