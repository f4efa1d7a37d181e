"""The starter texts say the same things in the same shape in both languages, and are typed as each language is."""

import re

import pytest
from django.conf import settings

from academy.management.starter.texts import LANGUAGES, content, linked, read_text, read_yaml, wiki_sections
from wiki.importer import blocks_from_markdown

WIKI = sorted(path.relative_to(content("wiki") / "fr") for path in (content("wiki") / "fr").rglob("*.md"))
LESSONS = sorted(path.as_posix().removesuffix(".fr.md") for path in content("courses").rglob("*.fr.md"))
DATA = [
    *sorted(content("courses").rglob("*.yaml")),
    *sorted(content("cohorts").glob("*.yaml")),
    content("academy") / "home.yaml",
    content("wiki") / "glossary.yaml",
    content("academy") / "monographs.yaml",
]


def shape(markdown: str) -> dict:
    """What a translation keeps: the order of headings, how many lists, rows, callouts and links."""
    return {
        "headings": re.findall(r"^(#+) ", markdown, re.M),
        "rows": [line.count("|") for line in markdown.splitlines() if line.startswith("|")],
        "list items": len(re.findall(r"^(?:-|\d+\.) ", markdown, re.M)),
        "callouts": re.findall(r"^:::(\w*)", markdown, re.M),
        "links": sorted(linked(markdown)),
    }


def every_text() -> list:
    rows = [pytest.param(content("wiki") / "fr" / path, content("wiki") / "en" / path, id=f"wiki/{path}") for path in WIKI]
    return rows + [pytest.param(f"{stem}.fr.md", f"{stem}.en.md", id=stem.rsplit("/content/")[1]) for stem in LESSONS]


@pytest.mark.parametrize(("french", "english"), every_text())
def test_text_has_the_same_shape_in_both_languages(french, english):
    one, two = (read_text(settings.PROJECT_DIR / path) for path in (french, english))
    assert one.slug == two.slug
    assert (one.order, one.minutes) == (two.order, two.minutes)
    assert shape(one.body) == shape(two.body)
    assert [block["type"] for block in blocks_from_markdown(one.body)] == [block["type"] for block in blocks_from_markdown(two.body)]


def test_wiki_has_the_same_pages_in_both_languages():
    trees = [[(section.slug, [page.slug for page in pages]) for section, pages in wiki_sections(language)] for language in LANGUAGES]
    assert trees[0] == trees[1]
    assert sum(len(pages) for _section, pages in trees[0]) == 9


def test_every_link_leads_to_a_starter_page():
    known = {f"wiki/{page.slug}" for _section, pages in wiki_sections("fr") for page in pages}
    known |= {f"section/{section.slug}" for section, _pages in wiki_sections("fr")}
    known |= {f"course/{course['slug']}" for course in read_yaml(content("courses") / "courses.yaml")["courses"]}
    links = {name for path in content("wiki").rglob("*.md") for name in linked(path.read_text(encoding="utf-8"))}
    links |= {name for text in read_yaml(content("academy") / "home.yaml")["body"].values() for name in linked(text)}
    assert links - known == set()


def pairs_of_words(value, where=""):
    """Every `{fr: …, en: …}` of a file, with its place; anything bilingual that lacks a language is an error."""
    if isinstance(value, dict):
        if set(value) & set(LANGUAGES):
            yield where, value
            return
        for key, item in value.items():
            yield from pairs_of_words(item, f"{where}/{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from pairs_of_words(item, f"{where}/{number}")


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.relative_to(settings.PROJECT_DIR).as_posix())
def test_data_is_written_in_both_languages(path):
    wrong = [
        where for where, words in pairs_of_words(read_yaml(path)) if set(words) != set(LANGUAGES) or not all(map(str.strip, words.values()))
    ]
    assert wrong == []


def test_rubric_describes_every_level():
    parts = read_yaml(content("cohorts") / "rubric.yaml")["parts"]
    assert [part["kind"] for part in parts] == ["pillar"] * 3 + ["ingredient"] * 5
    assert [part["key"] for part in parts[:3]] == ["impact", "craft", "business"]
    criteria = [criterion for part in parts for criterion in part["criteria"]]
    assert len(criteria) == 14
    assert {len(criterion["levels"]) for criterion in criteria} == {5}
    for criterion in criteria:
        for language in LANGUAGES:
            assert len({level[language] for level in criterion["levels"]}) == 5


def test_typologies_speak_of_the_five_kinds_of_support_and_name_a_condition_and_a_document():
    plans = read_yaml(content("cohorts") / "typologies.yaml")
    kinds = ["people", "money", "tools", "convergence", "return"]
    assert [list(dict.fromkeys(row["kind"] for row in plan["terms"])) for plan in plans] == [kinds] * 3
    assert [bool(plan["conditions"] and plan["papers"]) for plan in plans] == [True] * 3


def french_words():
    for path in (content("wiki") / "fr").rglob("*.md"):
        yield path, path.read_text(encoding="utf-8")
    for path in content("courses").rglob("*.fr.md"):
        yield path, path.read_text(encoding="utf-8")
    for path in DATA:
        yield path, "\n".join(words["fr"] for _where, words in pairs_of_words(read_yaml(path)))


def test_french_is_typed_as_french_is():
    """A space that does not break before ; : ! ? and inside « », the typographic apostrophe, no straight quotation marks."""
    wrong = []
    for path, text in french_words():
        for line in text.splitlines():
            bare = line if path.suffix == ".yaml" else re.sub(r"^(slug|title|summary|order|minutes): \"?|\"$", "", line)
            if re.search(r"(?<=\S) [;:!?»]|« |[^\s\u00a0\u202f(][;!?](?!\w)|\w'\w|\w\"|\"\w", bare) and not bare.startswith(":::"):
                wrong.append(f"{path.name}: {line[:80]}")
    assert wrong == []
