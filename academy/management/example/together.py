"""What the coordinator announces to the running cohort, what its projects show each other, and what they say about it."""

from uuid import uuid4

from academy.management.example.story import Story
from cohorts.actions import announce, post_comment, share_headings
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
