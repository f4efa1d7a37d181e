"""Modules, courses and what people did with them."""

import uuid
from datetime import timedelta

import factory
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.models import Locale, Page, Site

from academy.models import HomePage
from courses.models import (
    ActivityChange,
    ActivityRecord,
    AssignmentPage,
    AwaitedEnrolment,
    Certificate,
    CourseIndexPage,
    CoursePage,
    Enrolment,
    EnrolmentCode,
    Extension,
    Feedback,
    FeedToken,
    LessonPage,
    ModuleLibraryPage,
    ModulePage,
    PastVisit,
    Placement,
    QuestionImport,
    QuizAttempt,
    QuizPage,
    Submission,
    SubmissionVersion,
    WorkFile,
)


def home_page(language: str = "en") -> Page:
    """The home page of a language, made if the test database has none; the French one is the root of the site."""
    locale, _created = Locale.objects.get_or_create(language_code=language)
    home = HomePage.objects.filter(locale=locale, depth=2).first()
    if home is None:
        other = HomePage.objects.exclude(locale=locale).first()
        key = {"translation_key": other.translation_key} if other else {}
        root = Page.objects.get(depth=1)
        home = root.add_child(instance=HomePage(title=f"Home {language}", slug=f"home-test-{language}", locale=locale, **key))
        site = Site.objects.filter(is_default_site=True).first()
        if site is None:
            Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
        elif not HomePage.objects.filter(pk=site.root_page_id).exists():
            site.root_page = home
            site.save()
    return home


def _child(parent, model, **fields):
    fields.setdefault("slug", f"p-{uuid.uuid4().hex[:10]}")
    page = parent.add_child(instance=model(locale=parent.locale, **fields))
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def _singleton(model, slug: str, language: str):
    home = home_page(language)
    found = model.objects.child_of(home).first()
    return found or _child(home, model, title=slug.title(), slug=slug)


def make_module(title: str = "A module", *, language: str = "en", **fields) -> ModulePage:
    return _child(_singleton(ModuleLibraryPage, "modules", language), ModulePage, title=title, **fields)


def make_lesson(module: ModulePage, title: str = "A lesson", **fields) -> LessonPage:
    return _child(module, LessonPage, title=title, **{"minutes": 5, **fields})


def question(prompt: str, *answers: tuple[str, bool], kind: str = "single") -> dict:
    """A question as a StreamField stores it; answers are (text, is it right)."""
    return {
        "type": kind,
        "id": str(uuid.uuid4()),
        "value": {
            "prompt": f"<p>{prompt}</p>",
            "answers": [
                {"type": "item", "id": str(uuid.uuid4()), "value": {"text": text, "correct": right, "feedback": f"about {text}"}}
                for text, right in answers
            ],
            "feedback": f"<p>because of {prompt}</p>",
        },
    }


def item(value) -> dict:
    """A row of a list in a StreamField, as it is stored."""
    return {"type": "item", "id": str(uuid.uuid4()), "value": value}


def asked(kind: str, prompt: str = "?", **value) -> dict:
    """A question of any kind, as a StreamField stores it."""
    common = {"prompt": f"<p>{prompt}</p>", "feedback": f"<p>because of {prompt}</p>"}
    return {"type": kind, "id": str(uuid.uuid4()), "value": {**common, **value}}


def one_of_each_kind() -> list[dict]:
    """Every kind but the text that a trainer marks."""
    accepted = [item({"value": "12.5", "tolerance": "0.5", "share": 100, "feedback": "about right"})]
    words = [item({"text": "coopérative", "share": 100, "feedback": ""}), item({"text": "association", "share": 50, "feedback": ""})]
    pairs = [
        item({"left": "Brussels", "right": "Belgium"}),
        item({"left": "Liège", "right": "Belgium"}),
        item({"left": "Lille", "right": "France"}),
    ]
    return [
        *two_questions(),
        asked("true_false", "True?", is_true=True, feedback_true="yes", feedback_false="no"),
        asked("numeric", "How much?", accepted=accepted, unit="€"),
        asked("short", "What form?", accepted=words, case=False, accents=False),
        asked("match", "Where?", pairs=pairs, decoys=[item("Spain")]),
        asked("order", "In what order?", items=[item("ask"), item("meet"), item("decide")]),
    ]


def long_text(prompt: str = "Tell.") -> dict:
    return asked("long", prompt, words=100, guide="It names the need.")


def two_questions() -> list[dict]:
    return [
        question("One?", ("yes", True), ("no", False)),
        question("Several?", ("a", True), ("b", True), ("c", False), kind="multiple"),
    ]


def make_quiz(module: ModulePage, title: str = "A quiz", **fields) -> QuizPage:
    fields.setdefault("questions", two_questions())
    return _child(module, QuizPage, title=title, **{"minutes": 5, "shuffle": False, **fields})


def rubric() -> list[dict]:
    """Two criteria of two levels: 10 points in all."""
    levels = [item({"name": "Thin", "text": "It claims.", "points": 1}), item({"name": "Solid", "text": "It proves.", "points": 5})]
    criteria = ({"name": "The need", "help": "Who has it?", "levels": levels}, {"name": "The figures", "help": "", "levels": levels})
    return [{"type": "criterion", "id": str(uuid.uuid4()), "value": value} for value in criteria]


def make_assignment(module: ModulePage, title: str = "An assignment", **fields) -> AssignmentPage:
    if fields.get("judged") == "rubric":
        fields.setdefault("rubric", rubric())
    return _child(module, AssignmentPage, title=title, **{"minutes": 60, "takes_link": True, **fields})


def make_course(
    title: str = "A course",
    modules: tuple[ModulePage, ...] = (),
    *,
    language: str = "en",
    required: bool = True,
    redo: tuple[ModulePage, ...] = (),
    **fields,
) -> CoursePage:
    """`redo`: those of the modules that the course asks to be done again."""
    course = _child(_singleton(CourseIndexPage, "courses", language), CoursePage, title=title, **fields)
    for number, module in enumerate(modules):
        asks = {"required": required, "redo_here": module in redo}
        course.placements.add(Placement(module_key=module.translation_key, sort_order=number, **asks))
    course.save_revision().publish()
    return CoursePage.objects.get(pk=course.pk)


def translated(page: Page, language: str, **fields) -> Page:
    """The same page in another language, live, under the translation of its parent."""
    parent = page.get_parent().specific
    locale = home_page(language).locale
    if not parent.has_translation(locale):
        translated(parent, language)
    copy = page.copy_for_translation(locale)
    for name, value in fields.items():
        setattr(copy, name, value)
    copy.save_revision().publish()
    return type(copy).objects.get(pk=copy.pk)


def right_answer(question: dict) -> list[str]:
    """The right answer to one frozen question, as a form sends it."""
    kind = question["kind"]
    if kind == "numeric":
        return [question["accepted"][0]["value"]]
    if kind == "short":
        return [question["accepted"][0]["text"]]
    if kind == "match":
        return [f"{pair['id']}:{pair['option']}" for pair in question["pairs"]]
    if kind == "order":
        return [f"{item['id']}:{place}" for place, item in enumerate(question["items"], 1)]
    if kind == "long":
        return ["A text of mine."]
    return [answer["id"] for answer in question["answers"] if answer["correct"]]


def right_answers(questions: list[dict]) -> dict[str, list[str]]:
    """Every right answer of a frozen list of questions."""
    return {question["id"]: right_answer(question) for question in questions}


class EnrolmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Enrolment

    user = factory.SubFactory("tests.factories.academy.UserFactory")
    course_key = factory.LazyFunction(uuid.uuid4)


class FeedTokenFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FeedToken

    name = "Another LRS"
    digest = factory.Sequence(lambda number: f"{number:064}")


class EnrolmentCodeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = EnrolmentCode

    code = factory.Sequence(lambda number: f"CODE{number}")
    course_key = factory.LazyFunction(uuid.uuid4)


class AwaitedEnrolmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AwaitedEnrolment

    email = factory.Sequence(lambda number: f"awaited{number}@example.org")
    course_key = factory.LazyFunction(uuid.uuid4)


class ActivityRecordFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ActivityRecord

    user = factory.SubFactory("tests.factories.academy.UserFactory")
    activity_key = factory.LazyFunction(uuid.uuid4)


class PastVisitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PastVisit

    record = factory.SubFactory(ActivityRecordFactory)
    client = factory.Sequence(lambda number: f"tab-{number}")
    sequence = 1
    seconds = 10


class ActivityChangeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ActivityChange

    activity_key = factory.LazyFunction(uuid.uuid4)
    words = factory.LazyFunction(lambda: {"fr": "Autre chose.", "en": "Something else."})


class QuizAttemptFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = QuizAttempt

    user = factory.SubFactory("tests.factories.academy.UserFactory")
    quiz_key = factory.LazyFunction(uuid.uuid4)
    number = 1
    language = "en"
    pass_mark = 70


TERMS = {
    "language": "",
    "takes": ["text", "files", "link"],
    "most_files": 3,
    "words": None,
    "belongs_to": "person",
    "answer_days": 10,
    "again": True,
    "pass_mark": 60,
    "rubric": [],
}


class SubmissionFactory(factory.django.DjangoModelFactory):
    """A draft; `waiting=True`: handed in now."""

    class Meta:
        model = Submission

    class Params:
        waiting = factory.Trait(state="handed_in", handed_in_at=factory.LazyFunction(timezone.now), terms=TERMS)

    user = factory.SubFactory("tests.factories.academy.UserFactory")
    activity_key = factory.LazyFunction(uuid.uuid4)


class SubmissionVersionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SubmissionVersion

    submission = factory.SubFactory(SubmissionFactory, waiting=True)
    number = 1
    text = "Forty workers were asked."
    language = "en"
    submitted_by = factory.SelfAttribute("submission.user")


class FeedbackFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Feedback

    version = factory.SubFactory(SubmissionVersionFactory)
    verdict = "to_improve"
    comment = "Ask ten more."


class WorkFileFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = WorkFile

    submission = factory.SubFactory(SubmissionFactory)
    file = factory.LazyFunction(lambda: ContentFile(b"Ten conversations.", name="notes.txt"))
    name = "notes.txt"
    kind = "txt"
    size = 18
    sha256 = "0" * 64


class ExtensionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Extension

    user = factory.SubFactory("tests.factories.academy.UserFactory")
    activity_key = factory.LazyFunction(uuid.uuid4)
    until = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))
    reason = "Ill for a week"


class QuestionImportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = QuestionImport

    quiz = factory.LazyFunction(lambda: make_quiz(make_module()))
    name = "questions.gift"
    format = "gift"
    created_by = factory.SubFactory("tests.factories.academy.UserFactory")


class CertificateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Certificate

    kind = "attendance"
    holder = factory.SubFactory("tests.factories.academy.UserFactory")
    holder_name = "Paula Promoter"
    content = factory.LazyFunction(
        lambda: {
            "fr": {"title": "Attestation de présence", "about": "Rencontre de printemps", "organisation": "Smart"},
            "en": {"title": "Certificate of attendance", "about": "Spring session", "organisation": "Smart"},
        }
    )
