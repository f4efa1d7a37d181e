"""`:tada:` as the character it names. The names are those that GitHub, GitLab and pads share; the table is in emoji.txt."""

import re
from functools import lru_cache
from pathlib import Path

NAMED = re.compile(r":([a-z0-9_+\-]{1,60}):")


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    lines = (Path(__file__).parent / "emoji.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if line)


def with_emoji(text: str) -> str:
    """Names that are not known stay as typed."""
    return NAMED.sub(lambda match: _table().get(match[1], match[0]), text) if ":" in text else text
