"""The form before the first session: one project has sent it, one sent it twice, one is still writing, one has not begun."""

from academy.management.example.story import Story
from cohorts.actions import attach_to_form, merge_form, send_form
from cohorts.call_answers import name_of
from cohorts.models import Cohort, Requirement
from courses.uploads import Brought

SENT = {"chile": [-19], "portugal": [-9, -3]}
WRITTEN = {"morocco": -1}


def answer_form(story: Story, cohort: Cohort) -> None:
    asked = story.requirement(cohort, "before-first-session")
    for name, days in SENT.items():
        for day, said in zip(days, story.plan["forms"][name], strict=True):
            with story.at(day, hour=19):
                _write(story, name, asked, said)
                send_form(story.projects[name], by=story.lead(name), requirement=asked)
    for name, day in WRITTEN.items():
        with story.at(day, hour=20):
            _write(story, name, asked, story.plan["forms"][name][0])


def _write(story: Story, name: str, asked: Requirement, said: dict) -> None:
    project, by = story.projects[name], story.lead(name)
    questions = {question.kind: question for question in asked.questions.all()}
    answers = {name_of(questions[kind].pk): value for kind, value in said.items() if kind != "file"}
    merge_form(project, by=by, requirement=asked, answers=answers, since={})
    if file := said.get("file"):
        brought = Brought(file["name"], "csv", file["words"].encode())
        attach_to_form(project, by=by, question=questions["file"], brought=brought)
