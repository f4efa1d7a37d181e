"""The apostrophe of French in words that come with Django, Wagtail and allauth: their catalogues write it straight."""

import re

from django.utils.translation import trans_real

STRAIGHT = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_«]|%\()")

_init = trans_real.DjangoTranslation.__init__


def _read(self, language, *args, **kwargs) -> None:
    _init(self, language, *args, **kwargs)
    if language.split("-")[0] == "fr":
        for catalog in self._catalog._catalogs:
            for key, words in catalog.items():
                if isinstance(words, str) and "'" in words:
                    catalog[key] = STRAIGHT.sub("’", words)


def install() -> None:
    """Called once, by AcademyConfig.ready, before a word is translated."""
    trans_real.DjangoTranslation.__init__ = _read
    trans_real._translations.clear()
    trans_real._default = None
