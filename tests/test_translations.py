"""The French catalogue is whole, and what is compiled is what was written (decision 0008)."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings

from academy.management.commands.translations import unfinished

FOLDER = Path(settings.LOCALE_PATHS[0]) / "fr" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
# A straight apostrophe; a mark of two parts, or a quotation mark, without its no-break space.
WRONG_TYPOGRAPHY = re.compile(r"\w'\w|[\w)…%] ?[!?;:](?=[ \n<]|$)|«[^\u00a0\u202f]|[^\u00a0\u202f]»")
ENTITY = re.compile(r"&#?\w+;")
pytestmark = pytest.mark.skipif(not (FOLDER / "django.po").exists(), reason="No words have been extracted yet: make messages.")


@pytest.fixture(scope="module")
def written():
    with (FOLDER / "django.po").open("rb") as stream:
        return read_po(stream)


def words(message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple | list) else [message.string]


def key(message) -> tuple:
    context = message.context.decode() if isinstance(message.context, bytes) else message.context  # Babel leaves it undecoded in a .mo
    return (context, message.id if isinstance(message.id, str) else tuple(message.id))


def test_nothing_is_missing_or_fuzzy(written):
    missing, fuzzy = unfinished(written)
    assert [message.id for message in missing] == []
    assert [message.id for message in fuzzy] == []


def test_compiled_catalogue_equals_the_written_one(written):
    with (FOLDER / "django.mo").open("rb") as stream:
        compiled = {key(message): words(message) for message in read_mo(stream) if message.id}
    assert compiled == {key(message): words(message) for message in written if message.id and all(words(message)) and not message.fuzzy}


def test_translation_keeps_every_placeholder(written):
    wrong = []
    for message in written:
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        allowed = {name for text in ids for name in PLACEHOLDER.findall(text)}
        for text in words(message):
            if (
                message.id
                and text
                and (set(PLACEHOLDER.findall(text)) - allowed or (allowed - set(PLACEHOLDER.findall(text)) and len(ids) == 1))
            ):
                wrong.append(text)
    assert wrong == []


def test_french_typography(written):
    texts = [text for message in written if message.id for text in words(message)]
    assert [text for text in texts if WRONG_TYPOGRAPHY.search(ENTITY.sub("&", text))] == []


@pytest.mark.parametrize("text", ["l'accord", "Quoi?", "Quoi ?", "Pays: France", "Pays : France", "« non »", "«non»"])
def test_wrong_typography_is_seen(text):
    assert WRONG_TYPOGRAPHY.search(text)


@pytest.mark.parametrize(
    "text", ["l’accord", "Quoi\u202f?", "Pays\u00a0: %(name)s", "«\u202foui\u202f»", "à 10:30", "https://smart.coop/", "(%(count)s)"]
)
def test_right_typography_is_left_alone(text):
    assert not WRONG_TYPOGRAPHY.search(text)


NAMES = re.compile(r"n?p?gettext(_lazy|_noop)?")


def under_another_name(path: Path) -> list[str]:
    """Where a function of gettext is given a name that the extraction of words does not look for."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            found += [f"{path}: {one.asname}" for one in node.names if NAMES.fullmatch(one.name) and one.asname not in (None, "_")]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and NAMES.fullmatch(node.value.id):
            found.append(f"{path}:{node.lineno}")
    return found


def test_words_are_marked_by_a_name_that_the_extraction_knows():
    """Under another name they are never extracted, so nothing says that they have no French."""
    files = [path for app in ("academy", "wiki", "courses", "cohorts") for path in (settings.PROJECT_DIR / app).rglob("*.py")]
    assert [place for path in files for place in under_another_name(path)] == []


def inside_f_strings(path: Path) -> list[str]:
    """Words that are marked where the extraction does not look: it reads no Python inside f-strings."""
    return [
        call.args[0].value
        for string in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and (call.func.id == "_" or NAMES.fullmatch(call.func.id))
        if call.args and isinstance(call.args[0], ast.Constant)
    ]


def test_words_inside_f_strings_stand_elsewhere_too(written):
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in written if message.id}
    files = [path for app in ("academy", "wiki", "courses", "cohorts") for path in (settings.PROJECT_DIR / app).rglob("*.py")]
    assert {words for path in files for words in inside_f_strings(path)} - known == set()
