"""This year's second cohort: six applications are read and discussed, four decisions are prepared, nothing is told yet."""

from academy.management.example.story import Story
from cohorts.actions import (
    change_round,
    decide_admission,
    open_cohort,
    open_deliberation,
    recuse_reviewer,
    sign,
    start_review,
    start_reviewing,
    submit_assessment,
    write_note,
)
from cohorts.models import Application, Cohort, Pathway, Rubric

READERS = ("reviewer", "reviewer2", "reviewer3")
RECUSED = ("ghana", 1)  # the project whose reader stood back after reading, and which of the three


def tell_deciding(story: Story, *, pathway: Pathway, rubric: Rubric) -> Cohort:
    cohort = Cohort.objects.create(
        **story.deciding["cohort"],
        pathway=pathway,
        rubric=rubric,
        intake_opens_at=story.day(-85),
        intake_closes_at=story.day(-45, hour=23, minute=59),
        starts_at=story.day(45, hour=9),
        season=story.season(45),
        capacity=3,
        signatures_needed=1,
        coordinator=story.coordinator,
    )
    with story.at(-85, hour=11):
        open_cohort(cohort, by=story.coordinator)
        change_round(cohort.rounds.get(), by=story.coordinator, closes_at=story.day(-10, hour=23, minute=59))
    names = list(story.deciding["projects"])
    applications = {name: story.apply(name, cohort, begun=-75 + 3 * place, sent=-60 + 2 * place) for place, name in enumerate(names)}
    with story.at(-44):
        start_reviewing(cohort, by=story.coordinator)
    for name, application in applications.items():
        _read(story, name, application)
        _discuss(story, name, application)
        _decide(story, name, application)
    return cohort


def _read(story: Story, name: str, application: Application) -> None:
    """Its own view first, then three readers, each with what they say on its parts."""
    plan = story.plan["projects"][name]
    story.assess_self(name, application.cohort, day=-43)
    asked = story.ask_reviewers(application, *READERS, day=-42, due=-14)
    with story.at(-41):
        start_review(application, by=story.coordinator)
    for place, (assignment, values) in enumerate(zip(asked, plan["reviews"], strict=True)):
        assessment = story.begin(assignment, day=-36 + place)
        with story.at(-20 + place, hour=16):
            first = {"evidence": plan["evidence"], "summary": plan["review_summary"]} if place == 0 else {}
            story.score(assessment, values, by=assignment.reviewer, **first)
            story.comment(assessment, [words for reader, *words in plan["comments"] if reader == place], by=assignment.reviewer)
            submit_assessment(assessment, by=assignment.reviewer)
        if (name, place) == RECUSED:
            with story.at(-16):
                recuse_reviewer(assignment, by=story.coordinator, reason=story.deciding["recused_reason"])


def _discuss(story: Story, name: str, application: Application) -> None:
    plan = story.plan["projects"][name]
    with story.at(-9):
        open_deliberation(application, by=story.coordinator, reason=plan.get("reading_reason", ""))
    for person, day, words in plan.get("notes", ()):
        with story.at(day, hour=12):
            write_note(application, by=story.people[person], words=words)


def _decide(story: Story, name: str, application: Application) -> None:
    """Prepared, and signed by those who have; some have no outcome yet."""
    plan = story.plan["projects"][name]
    if "outcome" not in plan:
        return
    with story.at(-3, hour=15):
        decision = decide_admission(
            application,
            by=story.coordinator,
            outcome=plan["outcome"],
            reasons=plan["reasons"],
            conditions=plan.get("conditions", ""),
            answer_by=story.day(plan["answer_in"], hour=23, minute=59) if "answer_in" in plan else None,
        )
    for person in plan["signed"]:
        with story.at(-2, hour=9):
            sign(decision, by=story.people[person])
