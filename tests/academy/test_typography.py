"""What comes with the libraries is written as French is."""

import pytest
from django.utils import translation
from django.utils.translation import gettext, trans_real

from academy.typography import LOOSE, STRAIGHT, french


def test_words_of_the_libraries_have_the_right_apostrophe():
    with translation.override("fr"):
        words = gettext("Email address")  # allauth
        assert "’" in gettext("The password is too similar to the %(verbose_name)s.") or "'" not in words
    catalogue = trans_real.translation("fr")._catalog
    written = [words for words in dict(catalogue.items()).values() if isinstance(words, str)]
    assert [words for words in written if STRAIGHT.search(words) or LOOSE.search(words)] == []


@pytest.mark.parametrize(
    ("written", "read"),
    [("L'adresse", "L’adresse"), ("d'%(name)s", "d’%(name)s"), ("<a href='x'>", "<a href='x'>"), ("'mot'", "'mot'"), ("5'3", "5'3")],
)
def test_only_apostrophes_are_changed(written, read):
    assert STRAIGHT.sub("’", written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Mot de passe oublié ?", "Mot de passe oublié\xa0?"),
        ("Votre mot de passe :", "Votre mot de passe\xa0:"),
        ("« %(name)s » est pris", "«\xa0%(name)s\xa0» est pris"),
        ("H:i", "H:i"),
        ("a ? b : c", "a\xa0? b\xa0: c"),
        ("suite :<br>", "suite\xa0:<br>"),
    ],
)
def test_a_sign_stays_with_its_word(written, read):
    assert french(written) == read


def test_other_languages_are_left_alone():
    with translation.override("en"):
        assert gettext("L'adresse") == "L'adresse"
