"""Wiki pages, modules and courses: made once, in both languages, linked to each other."""

import uuid
from pathlib import Path

from academy.management.starter.texts import LANGUAGES, content, key_of, read_text, read_yaml, wiki_sections
from academy.management.starter.tree import Tree
from courses.models import AssignmentPage, CoursePage, LessonPage, ModulePage, Placement, QuizPage
from wiki.models import WikiPage, WikiSection


def make_wiki(tree: Tree) -> None:
    bodies = []
    for language in LANGUAGES:
        top = tree.find("wiki", language)
        for section, pages in wiki_sections(language):
            name = f"section/{section.slug}"
            shelf = tree.ensure(name, language, top, WikiSection, slug=section.slug, title=section.title, summary=section.summary)
            bodies.append((name, language, section.body))
            for text in pages:
                name = f"wiki/{text.slug}"
                page = tree.ensure(name, language, shelf, WikiPage, slug=text.slug, title=text.title, summary=text.summary)
                if text.tags and page in tree.made:
                    page.tags.add(*text.tags)
                bodies.append((name, language, text.body))
    _fill(tree, bodies)


def _fill(tree: Tree, bodies: list[tuple[str, str, str]]) -> None:
    """Second pass: every page exists, so that links find their page. Only pages made in this run are written."""
    new = {(page.translation_key, page.locale.language_code): page for page in tree.made}
    for name, language, body in bodies:
        page = new.get((key_of(name), language))
        if page is not None:
            page.body = [*tree.blocks(body, name=name, language=language), *page.body.raw_data]  # a question comes after the words


def make_courses(tree: Tree) -> None:
    plan = read_yaml(content("courses") / "courses.yaml")
    bodies = []
    for slug in plan["modules"]:
        bodies += _make_module(tree, slug)
    for course in plan["courses"]:
        bodies += _make_course(tree, course)
    _fill(tree, bodies)


def _make_module(tree: Tree, slug: str) -> list[tuple[str, str, str]]:
    folder = content("courses") / slug
    plan, name, bodies = read_yaml(folder / "module.yaml"), f"module/{slug}", []
    for language in LANGUAGES:
        words = {"title": plan["title"][language], "summary": plan["summary"][language], "pillar": plan["pillar"]}
        module = tree.ensure(name, language, tree.find("modules", language), ModulePage, slug=slug, **words)
        bodies.append((name, language, plan["introduction"][language]))
        for activity in plan["activities"]:
            if "quiz" in activity:
                _make_quiz(tree, module, folder / f"{activity['quiz']}.yaml", language)
            elif "assignment" in activity:
                bodies.append(_make_assignment(tree, module, folder / f"{activity['assignment']}.yaml", language))
            else:
                text = read_text(folder / f"{activity['lesson']}.{language}.md")
                lesson = f"lesson/{text.slug}"
                words = {"title": text.title, "summary": text.summary, "minutes": text.minutes, "body": _check(activity, language)}
                tree.ensure(lesson, language, module, LessonPage, slug=text.slug, **words)
                bodies.append((lesson, language, text.body))
    return bodies


def _check(activity: dict, language: str) -> list[dict]:
    """The question that ends a lesson, written as those of a quiz."""
    if "check" not in activity:
        return []
    plan = {"slug": f"check/{activity['lesson']}", "questions": [activity["check"]]}
    return [{"type": "check", "id": _id(plan, "check"), "value": quiz_questions(plan, language)}]


def _make_quiz(tree: Tree, module: ModulePage | None, path: Path, language: str) -> None:
    plan = read_yaml(path)
    tree.ensure(
        f"quiz/{plan['slug']}",
        language,
        module,
        QuizPage,
        slug=plan["slug"],
        title=plan["title"][language],
        summary=plan["summary"][language],
        minutes=plan["minutes"],
        pass_mark=plan["pass_mark"],
        questions=quiz_questions(plan, language),
        bands=[
            {"type": "band", "id": _id(plan, "band", number), "value": {"from_percent": band["from"], "text": band["text"][language]}}
            for number, band in enumerate(plan["bands"])
        ],
    )


def _make_assignment(tree: Tree, module: ModulePage | None, path: Path, language: str) -> tuple[str, str, str]:
    plan = read_yaml(path)
    name = f"assignment/{plan['slug']}"
    words = {"title": plan["title"][language], "summary": plan["summary"][language]}
    asked = {key: plan[key] for key in ("minutes", "required", "belongs_to", "due_days", "words", "pass_mark")}
    tree.ensure(
        name, language, module, AssignmentPage, slug=plan["slug"], judged="rubric", rubric=_rubric(plan, language), **words, **asked
    )
    return name, language, plan["body"][language]


def _rubric(plan: dict, language: str) -> list[dict]:
    criteria = []
    for number, criterion in enumerate(plan["rubric"]):
        levels = [
            {
                "type": "item",
                "id": _id(plan, number, place),
                "value": {"name": level["name"][language], "text": level["text"][language], "points": level["points"]},
            }
            for place, level in enumerate(criterion["levels"])
        ]
        value = {
            "name": criterion["name"][language],
            "help": criterion["help"][language],
            "pillar": criterion.get("pillar", ""),
            "levels": levels,
        }
        criteria.append({"type": "criterion", "id": _id(plan, number), "value": value})
    return criteria


def _id(plan: dict, *parts: object) -> str:
    """The id of a block: the same in every language, so that an answer means the same in all of them."""
    return str(uuid.uuid5(key_of(plan["slug"]), "/".join(str(part) for part in parts)))


def quiz_questions(plan: dict, language: str) -> list[dict]:
    questions = []
    for number, question in enumerate(plan["questions"]):
        answers = [
            {
                "type": "item",
                "id": _id(plan, number, place),
                "value": {
                    "text": answer["text"][language],
                    "correct": answer.get("correct", False),
                    "feedback": answer.get("feedback", {}).get(language, ""),
                },
            }
            for place, answer in enumerate(question["answers"])
        ]
        value = {
            "prompt": f"<p>{question['prompt'][language]}</p>",
            "answers": answers,
            "feedback": f"<p>{question['feedback'][language]}</p>",
        }
        questions.append({"type": question["kind"], "id": _id(plan, number), "value": value})
    return questions


def _make_course(tree: Tree, plan: dict) -> list[tuple[str, str, str]]:
    name, bodies = f"course/{plan['slug']}", []
    for language in LANGUAGES:
        before = len(tree.made)
        page = tree.ensure(
            name,
            language,
            tree.find("courses", language),
            CoursePage,
            slug=plan["slug"],
            title=plan["title"][language],
            summary=plan["summary"][language],
            audience=plan["audience"],
            gives_certificate=plan["certificate"],
            certificate_statement=plan.get("certificate_statement", {}).get(language, ""),
        )
        if len(tree.made) > before:
            page.placements = [
                Placement(
                    module_key=key_of(f"module/{place['module']}"),
                    opens_after_previous=place.get("opens_after_previous", False),
                    sort_order=order,
                )
                for order, place in enumerate(plan["placements"])
            ]
        bodies.append((name, language, plan["body"][language]))
    return bodies
