"""What every chapter of the example needs: people, days, scores, lessons."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from academy.management.example.clock import on
from academy.management.starter.texts import content, key_of, read_yaml
from academy.models import User
from cohorts.actions import (
    accept_review,
    add_member,
    assign_reviewer,
    begin_review,
    declare_interest,
    save_draft,
    save_review,
    save_scores,
    start_application,
    start_self_assessment,
    submit_application,
    submit_assessment,
)
from cohorts.actions.assessments import ScoreInput
from cohorts.call_answers import name_of
from cohorts.models import (
    Application,
    Assessment,
    CallQuestion,
    Cohort,
    Criterion,
    Dossier,
    Project,
    Requirement,
    ReviewAssignment,
    RubricPart,
)
from cohorts.review_places import FOR_PROJECT, PRIVATE, Written, comment_place, mark_of
from courses.actions import complete_activity, hand_in, save_answers, save_work, start_attempt, submit_attempt
from courses.groups import Owner, groups_with
from courses.models import AssignmentPage, LessonPage, QuizPage, Submission, SubmissionVersion

ANSWERS = ("name", "country", "place", "summary", "status", *Dossier.KEYS, "expectations")


SEASONS = (("Hiver", "Winter"), ("Printemps", "Spring"), ("Été", "Summer"), ("Automne", "Autumn"))


class Story:
    """The plan of `academy/content/demo.yaml`, the people of it, and days counted from today."""

    def __init__(self, people: dict[str, User], plan: dict | None = None) -> None:
        self.people = people
        self.plan = plan or read_yaml(content("academy") / "demo.yaml")
        self.calls = read_yaml(content("academy") / "demo_call.yaml")
        self.deciding = read_yaml(content("academy") / "demo_deciding.yaml")
        self.plan["projects"] |= self.deciding["projects"]
        self.now = timezone.now()
        self.projects: dict[str, Project] = {}
        self.questions: dict[str, CallQuestion] = {}
        self.coordinator, self.trainer = people["coordinator"], people["trainer"]

    def day(self, days: float, *, hour: int = 10, minute: int = 0) -> datetime:
        """So many days from today, at an hour of Brussels; never later than now for days that are past."""
        local = self.now.astimezone(ZoneInfo("Europe/Brussels")) + timedelta(days=days)
        moment = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return min(moment, self.now) if days <= 0 else moment

    def season(self, days: float) -> dict[str, str]:
        """In which one is on that day, in both languages."""
        moment = self.day(days)
        french, english = SEASONS[moment.month % 12 // 3]
        return {"fr": f"{french} {moment.year}", "en": f"{english} {moment.year}"}

    def tuesday(self, days: int) -> int:
        """The first Tuesday from that day on, in days from today: sessions do not begin on a Sunday."""
        return days + (1 - self.day(days).weekday()) % 7

    @contextmanager
    def at(self, days: float, *, hour: int = 10, minute: int = 0) -> Iterator[datetime]:
        moment = self.day(days, hour=hour, minute=minute)
        with on(moment):
            yield moment

    def lead(self, name: str) -> User:
        return self.people[self.plan["projects"][name]["lead"]]

    # applying

    def apply(self, name: str, cohort: Cohort, *, begun: float, sent: float | None) -> Application:
        """The lead writes the application, leaves it, returns, and sends it when it is complete."""
        plan, lead = self.plan["projects"][name], self.lead(name)
        with self.at(begun, hour=19):
            application = start_application(cohort, by=lead, name=plan["name"])
            self.projects[name] = application.project
            for member in plan["members"]:
                add_member(application.project, by=lead, person=self.people[member])
            save_draft(application, by=lead, answers={key: plan[key] for key in ANSWERS if key in plan})
            save_draft(application, by=lead, answers=self._answers_to_call(name, application))
        if sent is not None:
            with self.at(sent, hour=11, minute=20):
                save_draft(application, by=lead, answers={"funds_own_travel": True})
                submit_application(application, by=lead)
        return application

    def _answers_to_call(self, name: str, application: Application) -> dict[str, str]:
        """What the call asks beside the dossier; a call that asks nothing more has no answers."""
        asked = {row.pk for row in application.cohort.questions.all()}
        said = self.calls["answers"].get(name, {})
        return {
            name_of(self.questions[key].pk): value
            for key, value in said.items()
            if key in self.questions and self.questions[key].pk in asked
        }

    # assessing

    def score(self, assessment: Assessment, values: list, *, by: User, evidence: list = (), summary: str = "") -> None:
        """Scores in the order of the rubric; fewer values than criteria leave the others unanswered."""
        criteria = Criterion.objects.filter(part__rubric=assessment.rubric_id).order_by("part__sort_order", "sort_order")
        words = dict(enumerate(evidence))
        scores = {
            criterion.pk: ScoreInput(value, confidence=None if value is None else 2 + (place % 2), evidence=words.get(place, ""))
            for place, (criterion, value) in enumerate(zip(criteria, values, strict=False))
        }
        save_scores(assessment, by=by, scores=scores, summary=summary)

    def comment(self, assessment: Assessment, said: list, *, by: User) -> None:
        """What a reader says on parts of the rubric, `[(part, for those who decide, for the project)]`; empty words say nothing."""
        parts = dict(RubricPart.objects.filter(rubric=assessment.rubric_id).values_list("key", "pk"))
        words = [
            (comment_place(parts[key], kind), text) for key, *both in said for kind, text in zip((PRIVATE, FOR_PROJECT), both, strict=True)
        ]
        save_review(assessment, by=by, written=[Written(place, (text,), (mark_of(("",)),)) for place, text in words if text])

    def assess_self(self, name: str, cohort: Cohort, *, day: float, moment: str = "entry", key: str = "self") -> None:
        lead = self.lead(name)
        with self.at(day, hour=20):
            assessment = start_self_assessment(self.projects[name], by=lead, cohort=cohort, moment=moment)
            self.score(assessment, self.plan["projects"][name][key], by=lead)
            submit_assessment(assessment, by=lead)

    def ask_reviewers(self, application: Application, *names: str, day: float, due: float) -> list[ReviewAssignment]:
        with self.at(day):
            due_on = self.day(due).date()
            return [assign_reviewer(application, by=self.coordinator, reviewer=self.people[name], due_on=due_on) for name in names]

    def begin(self, assignment: ReviewAssignment, *, day: float) -> Assessment:
        person = assignment.reviewer
        with self.at(day, hour=14):
            declare_interest(assignment.application, by=person, conflict=False)
            accept_review(assignment, by=person)
            return begin_review(assignment, by=person)

    # learning

    def lesson(self, person: User, slug: str) -> LessonPage:
        return LessonPage.objects.get(translation_key=key_of(f"lesson/{slug}"), locale__language_code=person.language)

    def read(self, person: User, slug: str, *, day: float) -> None:
        with self.at(day, hour=21):
            complete_activity(self.lesson(person, slug), by=person)

    def take_quiz(self, person: User, module: str, *, day: float, wrong: int = 0) -> None:
        """An attempt with every answer right, but for the first `wrong` questions."""
        quiz = QuizPage.objects.get(translation_key=key_of(f"quiz/{module}-quiz"), locale__language_code=person.language)
        with self.at(day, hour=21, minute=30):
            attempt = start_attempt(quiz, by=person)
            answers = {
                question["id"]: [answer["id"] for answer in question["answers"] if answer["correct"] == (place >= wrong)][
                    : None if question["several"] else 1
                ]
                for place, question in enumerate(attempt.questions)
            }
            save_answers(attempt, answers=answers, by=person)
            submit_attempt(attempt, by=person, quiz=quiz)

    def draft_work(self, name: str, person: User, text: str, *, day: float) -> tuple[AssignmentPage, Owner, Submission]:
        """What a project writes about its conversations."""
        page = AssignmentPage.objects.get(translation_key=key_of("assignment/ten-conversations"), locale__language_code=person.language)
        key = str(self.projects[name].pk)
        owner = Owner(group=groups_with([key])[key])
        with self.at(day, hour=17):
            before = Submission.objects.filter(activity_key=page.translation_key, **owner.fields).first()
            return page, owner, save_work(page, owner=owner, by=person, edition=before.edition if before else 0, text=text)

    def hand_in(self, name: str, person: User, text: str, *, day: float) -> SubmissionVersion:
        page, owner, work = self.draft_work(name, person, text, day=day)
        with self.at(day, hour=18):
            return hand_in(page, owner=owner, by=person, edition=work.edition)

    def requirement(self, cohort: Cohort, key: str) -> Requirement:
        return Requirement.objects.get(stage__pathway=cohort.pathway_id, key=key)
