"""Next year's cohort: the call is open, four projects stand at four points of applying."""

from academy.management.example.story import Story
from cohorts.actions import (
    accept_review,
    declare_interest,
    open_cohort,
    return_application,
    save_reviewer_profile,
    start_review,
    submit_assessment,
)
from cohorts.models import CallLetter, CallQuestion, Cohort, Pathway, Rubric


def tell_call(story: Story, *, pathway: Pathway, rubric: Rubric) -> Cohort:
    cohort = Cohort.objects.create(
        **story.plan["cohorts"]["call"],
        **story.calls["call"],
        pathway=pathway,
        rubric=rubric,
        intake_opens_at=story.day(-30),
        intake_closes_at=story.day(40, hour=23, minute=59),
        starts_at=story.day(100, hour=9),
        season=story.season(100),
        capacity=8,
        coordinator=story.coordinator,
    )
    _ask(story, cohort)
    with story.at(-30, hour=11):
        open_cohort(cohort, by=story.coordinator)
    _readers(story, rubric)
    _under_review(story, cohort)
    _returned(story, cohort)
    application = story.apply("senegal", cohort, begun=-14, sent=-9)
    story.assess_self("senegal", cohort, day=-4)
    story.ask_reviewers(application, "reviewer", day=-2, due=14)
    story.apply("canada", cohort, begun=-5, sent=None)
    return cohort


def _readers(story: Story, rubric: Rubric) -> None:
    """What each of the three can take: it decides whom the round proposes."""
    first, second, *_rest = rubric.parts.filter(kind="pillar").order_by("sort_order").values_list("key", flat=True)
    for name, languages, pillars, capacity in (
        ("reviewer", ["en", "fr"], [first], 4),
        ("reviewer2", ["en"], [second], 6),
        ("reviewer3", ["en", "fr"], [second], 3),
    ):
        person = story.people[name]
        with story.at(-29, hour=12):
            save_reviewer_profile(person, by=person, languages=languages, pillars=pillars, capacity=capacity)


def _ask(story: Story, cohort: Cohort) -> None:
    """What only this call asks, one question of each kind, and a letter in its own words."""
    for order, plan in enumerate(story.calls["questions"]):
        words = {name: value for name, value in plan.items() if name != "key"}
        story.questions[plan["key"]] = CallQuestion.objects.create(cohort=cohort, sort_order=order, **words)
    for plan in story.calls["letters"]:
        CallLetter.objects.create(cohort=cohort, **plan)


def _under_review(story: Story, cohort: Cohort) -> None:
    """Where the project and its first reader differ by about a level, the second has begun, and the third has said yes."""
    plan = story.plan["projects"]["colombia"]
    application = story.apply("colombia", cohort, begun=-28, sent=-24)
    story.assess_self("colombia", cohort, day=-22)
    done, begun, accepted = story.ask_reviewers(application, "reviewer2", "reviewer", "reviewer3", day=-20, due=7)
    with story.at(-19):
        start_review(application, by=story.coordinator)
    assessment = story.begin(done, day=-17)
    with story.at(-7, hour=16):
        story.score(assessment, plan["reviews"][0], by=done.reviewer, evidence=plan["evidence"], summary=plan["review_summary"])
        submit_assessment(assessment, by=done.reviewer)
    with story.at(-15):
        declare_interest(application, by=accepted.reviewer, conflict=False)
        accept_review(accepted, by=accepted.reviewer)
    draft = story.begin(begun, day=-3)
    with story.at(-2, hour=17):
        story.score(draft, plan["reviews"][1], by=begun.reviewer)


def _returned(story: Story, cohort: Cohort) -> None:
    application = story.apply("nepal", cohort, begun=-21, sent=-16)
    with story.at(-6):
        reason = story.plan["projects"]["nepal"]["return_reason"]
        return_application(application, by=story.coordinator, reason=reason, due_at=story.day(12, hour=23, minute=59))
