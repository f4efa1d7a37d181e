"""The first words of the glossary: made once, in both languages."""

from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from academy.management.starter.texts import LANGUAGES, content, key_of, read_yaml
from academy.management.starter.tree import Tree
from wiki.models import GlossaryTerm


def make_glossary(tree: Tree) -> int:
    """Makes the terms that never existed; says how many. A word that a person deleted does not come back."""
    known = set(GlossaryTerm.objects.values_list("translation_key", "locale__language_code"))
    born = ModelLogEntry.objects.filter(action="wagtail.create", data__starter__startswith="term/")
    removed = set(born.values_list("data__starter", "data__language"))
    made = 0
    for word in read_yaml(content("wiki") / "glossary.yaml"):
        name = f"term/{word['key']}"
        for language in LANGUAGES:
            if (key_of(name), language) in known or (name, language) in removed:
                continue
            _make(tree, name, language, word)
            made += 1
    return made


def _make(tree: Tree, name: str, language: str, word: dict) -> None:
    term = GlossaryTerm.objects.create(
        translation_key=key_of(name),
        locale=tree.locales[language],
        term=word["term"][language],
        other_names=word.get("other", {}).get(language, ""),
        definition=f"<p>{word['definition'][language]}</p>",
        page=tree.find(f"wiki/{word['page']}", language) if "page" in word else None,
    )
    log(term, "wagtail.create", data={"starter": name, "language": language})
