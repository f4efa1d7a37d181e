"""Invented monographs in both languages, with figures of the last three years."""

from academy.management.example.story import Story
from academy.management.starter.texts import LANGUAGES, content, read_yaml
from academy.management.starter.tree import Tree
from wiki.actions import verify_page
from wiki.figures import MONEY
from wiki.models import KeyFigure, MonographPage


def write_monographs(story: Story) -> None:
    """Under the section of monographs, once; a section that somebody has removed gets none."""
    tree = Tree()
    for number, plan in enumerate(read_yaml(content("academy") / "monographs.yaml")):
        for language in LANGUAGES:
            name = f"monograph/{plan['slug']}"
            words = {"title": plan["title"][language], "summary": plan["summary"][language], "kind": MonographPage.Kind.PROJECT}
            where = {"country": plan["country"], "organisation": plan["organisation"], "slug": plan["slug"]}
            before = len(tree.made)
            page = tree.ensure(name, language, tree.find("section/monographs", language), MonographPage, **words, **where)
            if len(tree.made) == before:
                continue
            for key, text in plan["chapters"].items():
                setattr(page, key, tree.blocks(text[language], name=f"{name}/{key}", language=language))
            page.figures = _figures(plan, language, last_year=story.now.year - 1)
            page.save_revision(log_action=False).publish(log_action=False)
            if number < 2:
                verify_page(page, by=story.trainer, at=story.day(-20 - 10 * number))


def _figures(plan: dict, language: str, *, last_year: int) -> list[KeyFigure]:
    return [
        KeyFigure(
            year=last_year - 2 + place,
            indicator=indicator,
            value=value,
            currency=plan["currency"] if indicator in MONEY else "",
            is_forecast=plan.get("forecast", False) and place == 2,
            source=plan["source"][language],
        )
        for indicator, values in plan["figures"].items()
        for place, value in enumerate(values)
        if value is not None
    ]
