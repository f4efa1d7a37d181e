"""Every format and every turn of the dialect, file by file, exactly: corpus/NAME and corpus/NAME.yaml, what it becomes.

To see what a change of the readers changes: `UPDATE_CORPUS=1 pytest tests/wiki/test_corpus.py`, then `git diff tests/wiki/corpus`.
"""

import os
from pathlib import Path

import pytest
import yaml

from tests.wiki import made_corpus, office_corpus
from wiki.importer import ReadOptions, SourceFile, place_images, read_source
from wiki.pad import Pad

CORPUS = Path(__file__).parent / "corpus"
SOURCES = (
    made_corpus.FILES | office_corpus.FILES | {path.name: path.read_bytes() for path in sorted(CORPUS.iterdir()) if path.suffix != ".yaml"}
)


def read(name: str, **options: bool) -> Pad:
    return read_source(SourceFile(name, name, SOURCES[name]), options=ReadOptions(**options))


def written(pad: Pad) -> dict:
    """A pad as a person would note it: no ids, nothing that is empty."""
    report = pad.report.as_json()
    noted = {
        "title": pad.title,
        "description": pad.description,
        "language": pad.language,
        "tags": pad.tags,
        "blocks": [{block["type"]: block["value"]} for block in pad.blocks],
        "changed": report["changed"],
        "lost": report["lost"],
        "places": report["places"],
        "images": {name: "beside" if content is None else len(content) for name, content in pad.images.items()},
        "headings to promote": [example for suggestion in pad.suggestions for example in suggestion.examples],
    }
    return {name: value for name, value in noted.items() if value}


def test_the_corpus_is_large_enough():
    assert len(SOURCES) >= 60


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_each_file_becomes_exactly_its_blocks(name):
    expected, found = CORPUS / f"{name}.yaml", written(read(name))
    if os.environ.get("UPDATE_CORPUS"):
        expected.write_text(yaml.safe_dump(found, allow_unicode=True, sort_keys=False, width=140), encoding="utf-8")
    assert found == yaml.safe_load(expected.read_text(encoding="utf-8"))


def test_no_expectation_waits_for_a_file_that_is_gone():
    assert {path.name.removesuffix(".yaml") for path in CORPUS.glob("*.yaml")} == set(SOURCES)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_the_same_file_gives_the_same_blocks_with_ids_of_their_own(name):
    first, second = read(name), read(name)
    assert first == second
    assert len({block["id"] for block in first.blocks}) == len(first.blocks)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_promoting_headings_loses_no_word(name):
    plain, promoted = read(name), read(name, promote_bold_headings=True)
    offered = sum(suggestion.count for suggestion in plain.suggestions)
    headings = [sum(block["type"] == "heading" for block in pad.blocks) for pad in (plain, promoted)]
    assert headings[1] == headings[0] + offered


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_what_is_not_placed_is_a_link_and_the_page_can_be_saved(name):
    from academy.blocks import ContentBlock

    pad = read(name)
    place_images(pad, {})
    assert {block["type"] for block in pad.blocks} & {"image", "file"} == set()
    block = ContentBlock()
    block.clean(block.to_python(pad.blocks))
