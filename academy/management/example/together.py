"""What the coordinator announces to the running cohort, what its projects show each other, and what they say of it."""

from uuid import uuid4

from academy.management.example.story import Story
from cohorts.actions import (
    announce,
    answer_peer_feedback,
    ask_for_feedback,
    give_peer_feedback,
    post_comment,
    share_headings,
    show_work,
)
from cohorts.models import Participation


def walk_together(story: Story) -> None:
    plan = story.plan["together"]
    places = {name: Participation.objects.holding_a_place().get(project=story.projects[name]) for name in plan["shown"]}
    for one in plan["announcements"]:
        with story.at(one["day"], hour=9):
            announce(
                next(iter(places.values())).cohort,
                by=story.coordinator,
                title=one["title"],
                body=one["body"],
                delivery="site",
                is_pinned=one.get("pinned", False),
            )
    for name, headings in plan["shown"].items():
        with story.at(-6, hour=14):
            share_headings(places[name], by=story.lead(name), headings=headings)
    said = {}
    for place, one in enumerate(plan["comments"]):
        by = story.people[one["by"]]
        with story.at(-4, hour=10, minute=place * 5):
            answers = said[one["answers"]] if "answers" in one else None
            said[place] = post_comment(places[one["on"]], by=by, words=one["words"], key=uuid4(), heading=one["heading"], answers=answers)
    _judge_each_other(story, plan["works"])


def _judge_each_other(story: Story, plan: dict) -> None:
    """Two works are shown; one has been judged, the other waits for whoever comes first."""
    places = {name: Participation.objects.holding_a_place().get(project=story.projects[name]) for name in plan["shown"]}
    cohort = next(iter(places.values())).cohort
    requirement = story.requirement(cohort, "ten-conversations")
    with story.at(-6, hour=9):
        ask_for_feedback(cohort, by=story.coordinator, requirement=requirement)
    shown = {}
    for name, day in plan["shown"].items():
        with story.at(day, hour=19):
            shown[name] = show_work(places[name], by=story.lead(name), requirement=requirement)
    for one in plan["feedback"]:
        marks = {key: {"level": level, "comment": one["about"].get(key, "")} for key, level in one["levels"].items()}
        with story.at(-2, hour=11):
            row = give_peer_feedback(shown[one["on"]], by=story.people[one["by"]], marks=marks, comment=one["words"], send=True)
        with story.at(-1, hour=9):
            answer_peer_feedback(row, by=story.lead(one["on"]), words=one["answer"])
