"""A sentence that is kept now and read later, each time in the language of its reader: its English and its values, plain data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext


@dataclass(frozen=True)
class Sentence:
    """`english` is a message of the catalogue, with `%(name)s` where a value goes; a value may be a sentence of its own."""

    english: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Only names are filled in: what came from another process, or from an older catalogue, cannot make it fail or swell."""
        said = gettext(self.english) if self.english else ""
        return re.sub(r"%%|%\((\w+)\)[sd]", lambda found: str(self.values.get(found[1], found[0])) if found[1] else "%", said)

    def __bool__(self) -> bool:
        return bool(self.english)

    def as_json(self) -> dict:
        """Nothing of a sentence that says nothing."""
        values = {name: value.as_json() if isinstance(value, Sentence) else value for name, value in self.values.items()}
        return {"said": self.english, "with": values} if self.english else {}

    @classmethod
    def from_json(cls, data: Mapping) -> "Sentence":
        values = {name: cls.from_json(value) if isinstance(value, Mapping) else value for name, value in data.get("with", {}).items()}
        return cls(str(data.get("said", "")), values)
