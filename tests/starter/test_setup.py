import pytest
from django.core.management import call_command
from django.test import Client
from wagtail.models import Locale, Page, PageLogEntry, Revision, Site

from academy.management.starter.texts import key_of
from academy.models import HomePage
from cohorts.models import Level, Pathway, Requirement, Rubric, Typology
from courses.models import AssignmentPage, CoursePage, LessonPage, ModulePage, QuizPage
from courses.questions import questions_of
from courses.terms import rubric_of, terms_of
from wiki.models import GlossaryTerm, WikiPage, WikiSection

COUNTED = [Page, Revision, PageLogEntry, Site, Locale, Rubric, Level, Pathway, Requirement, Typology, GlossaryTerm]


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in COUNTED}


def test_second_run_writes_nothing(academy):
    before = counts()
    call_command("setup", verbosity=0)
    assert counts() == before


def test_tree_stands_in_both_languages(academy):
    for language, home in (("fr", "/home/"), ("en", "/home-en/")):
        under = Page.objects.filter(url_path__startswith=home, locale__language_code=language, live=True)
        assert set(under.filter(depth=3).values_list("slug", flat=True)) == {"wiki", "modules", "courses"}
        assert WikiPage.objects.filter(locale__language_code=language).count() == 9
        assert WikiSection.objects.filter(locale__language_code=language).count() == 5
        assert CoursePage.objects.filter(locale__language_code=language).count() == 2
    assert set(HomePage.objects.values_list("translation_key", flat=True)) == {key_of("home")}
    assert Site.objects.get().root_page.specific == HomePage.objects.get(locale__language_code="fr")


def test_every_page_is_read_by_a_visitor(academy):
    client = Client()
    for page in Page.objects.filter(depth__gte=2, live=True):
        response = client.get(page.get_url())
        assert response.status_code == 200, page.get_url()
        assert page.title in response.content.decode().replace("&#x27;", "'"), page.get_url()


def test_links_between_pages_follow_the_page(academy):
    page = WikiPage.objects.get(slug="recipe", locale__language_code="en")
    page.slug = "ingredients"
    page.save()
    html = Client().get("/en/wiki/academy/what-it-asks-and-gives/").content.decode()
    assert 'href="/en/wiki/project/ingredients/"' in html
    assert "starter.invalid" not in html


@pytest.mark.parametrize("language", ["fr", "en"])
def test_quiz_can_be_taken_and_means_the_same_in_both_languages(academy, language):
    quizzes = {quiz.slug: quiz for quiz in QuizPage.objects.filter(locale__language_code=language)}
    assert [len(questions_of(quizzes[slug])) for slug in ("understanding-smart-quiz", "preparing-your-project-quiz")] == [5, 4]
    for quiz in quizzes.values():
        quiz.questions.stream_block.clean(quiz.questions)
        for question in questions_of(quiz):
            for answer in question["answers"]:
                assert answer["correct"] or answer["feedback"], answer["text"]
    twins = QuizPage.objects.filter(slug="understanding-smart-quiz")
    ids = [[(question["id"], [answer["id"] for answer in question["answers"]]) for question in questions_of(quiz)] for quiz in twins]
    assert ids[0] == ids[1]


def test_assignment_asks_the_same_in_both_languages(academy):
    pages = AssignmentPage.objects.order_by("pk")
    assert [page.locale.language_code for page in pages] == ["fr", "en"]
    for page in pages:
        page.full_clean()
        page.rubric.stream_block.clean(page.rubric)
    asked = [{**terms_of(page), "rubric": [[level["points"] for level in one["levels"]] for one in rubric_of(page)]} for page in pages]
    assert asked[0] == asked[1]
    assert asked[0]["belongs_to"] == "project"


def test_one_module_stands_in_two_courses(academy):
    placed = {
        course.slug: list(course.placements.values_list("module_key", flat=True))
        for course in CoursePage.objects.filter(locale__language_code="fr")
    }
    first, second = key_of("module/understanding-smart"), key_of("module/preparing-your-project")
    assert placed == {"joining-the-academy": [first, second], "integration-session": [first]}
    assert ModulePage.objects.filter(translation_key=first).count() == 2


def test_pathway_leads_to_pages_that_exist(academy):
    asked = Requirement.objects.exclude(course_key=None)
    assert [CoursePage.objects.filter(translation_key=row.course_key).count() for row in asked] == [2]
    read = Requirement.objects.exclude(page_key=None)
    assert [WikiPage.objects.filter(translation_key=row.page_key).count() for row in read] == [2]


def test_what_a_person_changed_stays(academy):
    lesson = LessonPage.objects.get(slug="shared-enterprise", locale__language_code="fr")
    lesson.title, lesson.slug = "Une autre leçon", "autre"
    lesson.save_revision().publish()
    Page.objects.get(slug="the-fund", locale__language_code="en").delete()
    Typology.objects.filter(key="open_smart").update(label={"fr": "Ouvert", "en": "Open"})
    call_command("setup", verbosity=0)
    lesson.refresh_from_db()
    assert (lesson.title, lesson.slug) == ("Une autre leçon", "autre")
    assert LessonPage.objects.filter(locale__language_code="fr").count() == 5
    assert not Page.objects.filter(slug="the-fund", locale__language_code="en").exists()
    assert Typology.objects.get(key="open_smart").label["fr"] == "Ouvert"


def test_glossary_stands_in_both_languages_and_what_was_deleted_stays_away(academy):
    keys = [set(GlossaryTerm.objects.filter(locale__language_code=code).values_list("translation_key", flat=True)) for code in ("fr", "en")]
    assert keys[0] == keys[1]
    levy = GlossaryTerm.objects.get(term="Levy")
    assert levy.page is None
    assert GlossaryTerm.objects.get(term="Minimum base").page.slug == "three-typologies"
    levy.delete()
    GlossaryTerm.objects.filter(term="Cohort").update(term="Class")
    call_command("setup", verbosity=0)
    assert not GlossaryTerm.objects.filter(term__in=["Levy", "Cohort"]).exists()
