"""The apostrophe and the spaces of French in words that come with Django, Wagtail and allauth: their catalogues write plain ones."""

import re

from django.utils.translation import trans_real

STRAIGHT = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_«]|%\()")
LOOSE = re.compile(r"(?<=\S) (?=[?!:;»](?:\s|<|$))|(?<=«) ")  # what must not begin or end a line
PLAIN = re.compile(r"[^\S\u00a0\u202f]+")

_init = trans_real.DjangoTranslation.__init__


def french(words: str) -> str:
    return LOOSE.sub("\u00a0", STRAIGHT.sub("’", words))


def one_line(text: str) -> str:
    """Typed words on one line; a no-break space that somebody put stays one."""
    return PLAIN.sub(" ", text).strip()


def _read(self, language, *args, **kwargs) -> None:
    _init(self, language, *args, **kwargs)
    if language.split("-")[0] == "fr":
        for catalog in self._catalog._catalogs:
            for key, words in catalog.items():
                if isinstance(words, str) and words:
                    catalog[key] = french(words)


def install() -> None:
    """Called once, by AcademyConfig.ready, before a word is translated."""
    trans_real.DjangoTranslation.__init__ = _read
    trans_real._translations.clear()
    trans_real._default = None
