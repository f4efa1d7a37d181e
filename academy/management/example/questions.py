"""What people of the example asked: answered, asked again, opened again, private, waiting."""

from academy.management.example.story import Story
from academy.management.starter.texts import key_of
from wiki.actions import answer_question, ask_question, recognise_question, reopen_question, say_it_helped
from wiki.models import WikiSection


def ask_questions(story: Story) -> None:
    for plan in story.plan["questions"]:
        _ask(story, plan)


def _ask(story: Story, plan: dict) -> None:
    asker = story.people[plan["by"]]
    section = None
    if "section" in plan:
        key = key_of(f"section/{plan['section']}")
        section = WikiSection.objects.filter(translation_key=key, locale__language_code=plan["language"]).first()
    with story.at(plan["asked"], hour=9):
        question = ask_question(
            by=asker,
            text=plan["text"],
            detail=plan.get("detail", ""),
            language=plan["language"],
            visibility="private" if plan.get("private") else "public",
            section=section,
        )
    if "answer" not in plan:
        return
    with story.at(plan["answered"], hour=15):
        answer_question(question, by=story.trainer, html=plan["answer"])
    with story.at(plan["answered"] + 1, hour=11):
        if plan.get("helped"):
            say_it_helped(question, by=asker)
        for name in plan.get("echoes", ()):
            recognise_question(question, by=story.people[name])
        if "reopened" in plan:
            reopen_question(question, by=asker, reason=plan["reopened"])
