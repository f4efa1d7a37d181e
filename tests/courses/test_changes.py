"""A change that matters is told to who had finished, in their language, once; and nobody has to do it again."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageViewRestriction

from academy.models import Message
from academy.rules import RuleViolation
from courses import actions
from courses.clock import strike
from courses.finished import finishers_of, who_had_finished
from courses.models import ActivityChange, ActivityRecord, Enrolment, LessonPage, ModulePage
from tests.factories.courses import make_course, make_lesson, make_module, translated

pytestmark = pytest.mark.django_db
WORDS = {"fr": "Le seuil a changé.", "en": "The threshold has changed."}


@pytest.fixture
def module():
    return make_module()


@pytest.fixture
def lesson(module):
    return make_lesson(module, title="Thresholds")


@pytest.fixture
def finished(lesson, promoter):
    """Who completed the lesson yesterday."""
    actions.complete_activity(lesson, by=promoter)
    yesterday = timezone.now() - timedelta(days=1)
    ActivityRecord.objects.update(completed_at=yesterday, first_seen_at=yesterday, last_seen_at=yesterday)
    return promoter


def test_change_is_told_once_to_who_had_finished(lesson, finished, other_promoter, trainer):
    actions.record_progress(lesson, by=other_promoter, client="tab", sequence=1, progress=0.5)
    actions.announce_change(lesson, words=WORDS, by=trainer)
    assert strike()["mails about what changed"] == 1
    assert strike()["mails about what changed"] == 0
    mail = Message.objects.get(cause__startswith="courses.changed:")
    assert (mail.address, mail.subject) == (finished.email, "Changed since you finished: ‘Thresholds’")
    assert WORDS["en"] in mail.body_text
    assert lesson.url in mail.body_html


def test_what_was_taken_off_the_site_meanwhile_is_told_when_it_comes_back(lesson, finished, trainer):
    actions.announce_change(lesson, words=WORDS, by=trainer)
    lesson.unpublish()
    assert strike()["mails about what changed"] == 0
    lesson.save_revision().publish()
    assert [strike()["mails about what changed"] for _time in range(2)] == [1, 0]
    lesson.refresh_from_db()
    actions.announce_change(lesson, words=WORDS, by=trainer)
    lesson.delete()
    assert strike()["mails about what changed"] == 0
    assert not ActivityChange.objects.untold().exists()


def test_nobody_is_told_of_what_they_may_not_open_any_more(lesson, finished, trainer):
    actions.complete_activity(lesson, by=trainer)
    ActivityRecord.objects.filter(user=trainer).update(completed_at=timezone.now() - timedelta(days=1))
    wall = PageViewRestriction.objects.create(page=lesson.get_parent(), restriction_type=PageViewRestriction.GROUPS)
    wall.groups.add(Group.objects.get(name="Trainers"))
    actions.announce_change(lesson, words=WORDS, by=trainer)
    strike()
    assert [mail.address for mail in Message.objects.filter(cause__startswith="courses.changed:")] == [trainer.email]


def test_mail_speaks_the_language_of_the_person(lesson, finished, trainer):
    finished.language = "fr"
    finished.save()
    actions.announce_change(lesson, words=WORDS, by=trainer)
    strike()
    assert WORDS["fr"] in Message.objects.get(cause__startswith="courses.changed:").body_text


def test_nothing_is_undone(lesson, finished, trainer):
    before = ActivityRecord.objects.get().completed_at
    actions.announce_change(lesson, words=WORDS, by=trainer)
    strike()
    assert ActivityRecord.objects.get().completed_at == before


@pytest.mark.parametrize("words", [{}, {"fr": "Oui."}, {"fr": "Oui.", "en": "  "}])
def test_it_is_said_in_every_language_or_not_at_all(lesson, trainer, words):
    with pytest.raises(RuleViolation):
        actions.announce_change(lesson, words=words, by=trainer)
    assert not ActivityChange.objects.exists()


def test_a_draft_is_not_told(lesson, trainer):
    lesson.unpublish()
    lesson.refresh_from_db()
    with pytest.raises(RuleViolation) as refusal:
        actions.announce_change(lesson, words=WORDS, by=trainer)
    assert refusal.value.code == "not_live"


def test_course_and_lesson_say_it_until_it_was_read(module, lesson, finished, trainer, client_for, django_capture_on_commit_callbacks):
    course = make_course(modules=(module,))
    Enrolment.objects.create(user=finished, course_key=course.translation_key)
    client = client_for(finished)
    mark = "Changed since you finished"
    assert mark not in client.get(course.url).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        actions.announce_change(lesson, words=WORDS, by=trainer)
    assert mark in client.get(course.url).content.decode()
    html = client.get(lesson.url).content.decode()
    assert mark in html
    assert WORDS["en"] in html
    actions.record_progress(lesson, by=finished, client="tab", sequence=1, progress=1)
    assert mark not in client.get(course.url).content.decode()
    assert WORDS["en"] in client.get(lesson.url).content.decode()


def test_who_finishes_later_is_told_nothing(lesson, promoter, trainer, client_for):
    actions.announce_change(lesson, words=WORDS, by=trainer)
    actions.complete_activity(lesson, by=promoter)
    assert strike()["mails about what changed"] == 0
    assert WORDS["en"] not in client_for(promoter).get(lesson.url).content.decode()


def screen(lesson):
    return reverse("courses_cms_change", args=[lesson.pk])


def test_screen_counts_says_and_keeps_what_was_typed(lesson, finished, trainer, client_for):
    client = client_for(trainer)
    assert client.get(screen(lesson)).context["finished"] == 1
    refused = client.post(screen(lesson), {"fr": WORDS["fr"], "en": ""})
    assert (refused.status_code, WORDS["fr"] in refused.content.decode(), ActivityChange.objects.count()) == (200, True, 0)
    assert client.post(screen(lesson), WORDS).status_code == 302
    change = ActivityChange.objects.get()
    assert (change.words, change.announced_by, change.revision) == (WORDS, trainer, lesson.live_revision_id)
    assert any(words in client.get(screen(lesson)).content.decode() for words in WORDS.values())
    edit = client.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode()
    assert screen(lesson) in edit


def test_screen_is_for_who_publishes(lesson, promoter, reviewer, client_for, client):
    assert [client_for(person).get(screen(lesson)).status_code for person in (promoter, reviewer)] == [302, 302]
    assert client_for(promoter).post(screen(lesson), WORDS).status_code == 302
    assert client.post(screen(lesson), WORDS).status_code == 403  # signed out: shown what they wrote
    assert not ActivityChange.objects.exists()


# --- a module as a whole


ADDED = {"fr": "Une leçon de plus.", "en": "One more lesson."}


def back(pages, **delta):
    """As if these had been published some time ago."""
    for page in pages:
        type(page).objects.filter(pk=page.pk).update(first_published_at=timezone.now() - timedelta(**delta))


@pytest.fixture
def two_lessons(module):
    lessons = [make_lesson(module, title="Thresholds"), make_lesson(module, title="Exceptions")]
    back(lessons, days=9)
    return lessons


@pytest.fixture
def whole(two_lessons, promoter):
    """Who completed both lessons the day before yesterday."""
    for lesson in two_lessons:
        actions.complete_activity(lesson, by=promoter)
    then = timezone.now() - timedelta(days=2)
    ActivityRecord.objects.update(completed_at=then, first_seen_at=then, last_seen_at=then)
    return promoter


def test_a_lesson_more_is_told_once_to_who_had_finished_the_module(module, two_lessons, whole, other_promoter, trainer):
    actions.complete_activity(two_lessons[0], by=other_promoter)  # the other lesson was there: not finished
    make_lesson(module, title="What is new")
    done = set(ActivityRecord.objects.completed().values_list("pk", "completed_at"))
    actions.announce_change(module, words=ADDED, by=trainer)
    assert [strike()["mails about what changed"], strike()["mails about what changed"]] == [1, 0]
    mail = Message.objects.get(cause__startswith="courses.changed:")
    assert (mail.address, mail.subject) == (whole.email, f"Changed since you finished: ‘{module.title}’")
    assert ADDED["en"] in mail.body_text
    assert module.url in mail.body_html
    assert set(ActivityRecord.objects.completed().values_list("pk", "completed_at")) == done


def test_a_lesson_less_and_another_order_are_told_likewise(module, two_lessons, whole, trainer):
    two_lessons[1].move(two_lessons[0], pos="left")
    two_lessons[0].unpublish()
    actions.announce_change(module, words=ADDED, by=trainer)
    assert strike()["mails about what changed"] == 1


def test_who_finishes_the_module_later_or_only_what_is_optional_is_told_nothing(module, two_lessons, promoter, other_promoter, trainer):
    extra = make_lesson(module, title="Extra", required=False)
    actions.complete_activity(extra, by=other_promoter)
    actions.announce_change(module, words=ADDED, by=trainer)
    for lesson in two_lessons:
        actions.complete_activity(lesson, by=promoter)
    assert strike()["mails about what changed"] == 0


def test_what_was_finished_in_another_language_is_finished(module, two_lessons, whole, trainer):
    french = translated(module, "fr", title="Le module")
    translated(two_lessons[0], "fr")
    whole.language = "fr"
    whole.save()
    actions.announce_change(module, words=ADDED, by=trainer)
    strike()
    mail = Message.objects.get(cause__startswith="courses.changed:")
    assert ADDED["fr"] in mail.body_text
    assert french.url in mail.body_html


def test_course_and_module_say_it_until_one_was_there_again(
    module, two_lessons, whole, other_promoter, trainer, client_for, django_capture_on_commit_callbacks
):
    course = make_course(modules=(module,))
    Enrolment.objects.create(user=whole, course_key=course.translation_key, completed_at=timezone.now() - timedelta(days=1))
    client, mark = client_for(whole), "Changed since you finished"
    assert [mark in client.get(page.url).content.decode() for page in (course, module)] == [False, False]
    new = make_lesson(module, title="What is new")
    with django_capture_on_commit_callbacks(execute=True):
        actions.announce_change(module, words=ADDED, by=trainer)
    assert [mark in client.get(page.url).content.decode() for page in (course, module)] == [True, True]
    assert ADDED["en"] in client.get(module.url).content.decode()
    assert mark not in client_for(other_promoter).get(course.url).content.decode()
    actions.record_progress(new, by=whole, client="tab", sequence=1, progress=0.1)
    assert mark not in client.get(course.url).content.decode()
    assert "You completed" in client.get(course.url).content.decode()


def test_screen_of_a_module_shows_where_it_is_used_and_counts_who_finished(module, two_lessons, whole, trainer, client_for):
    make_course("The programme", modules=(module,))
    client = client_for(trainer)
    shown = client.get(screen(module))
    assert "The programme" in shown.content.decode()
    assert (shown.context["finished"], shown.context["is_module"]) == (1, True)
    assert client.post(screen(module), ADDED).status_code == 302
    change = ActivityChange.objects.get()
    assert (change.module_key, change.activity_key, change.words) == (module.translation_key, None, ADDED)
    assert screen(module) in client.get(reverse("wagtailadmin_pages:edit", args=[module.pk])).content.decode()
    assert client.get(screen(make_course("Not a module"))).status_code == 404


def test_a_change_is_of_one_thing():
    with pytest.raises(IntegrityError), transaction.atomic():
        ActivityChange.objects.create(words=ADDED)


def test_telling_costs_the_same_to_find_whom_for_three_lessons_as_for_one(module, two_lessons, whole, django_assert_num_queries):
    with django_assert_num_queries(3):
        assert finishers_of(module.translation_key, before=timezone.now()) == [whole.pk]
    back([make_lesson(module, title=title) for title in "abc"], days=9)
    with django_assert_num_queries(3):
        assert finishers_of(module.translation_key, before=timezone.now()) == []


def test_who_was_excused_has_finished_nothing_and_is_not_written_to(module, lesson, promoter, trainer, client_for):
    actions.excuse_activity(lesson, user=promoter, reason="Knows it.", by=trainer)
    yesterday = timezone.now() - timedelta(days=1)
    ActivityRecord.objects.update(completed_at=yesterday, first_seen_at=yesterday, last_seen_at=yesterday)
    for page in (lesson, module):
        actions.announce_change(page, words=WORDS, by=trainer)
    assert strike()["mails about what changed"] == 0
    client = client_for(promoter)
    assert [WORDS["en"] in client.get(page.url).text for page in (lesson, module)] == [False, False]


def test_who_was_excused_from_a_part_of_a_module_has_finished_it(module, lesson, finished, trainer):
    other = make_lesson(module, title="Taxes")
    actions.excuse_activity(other, user=finished, reason="Knows it.", by=trainer)
    yesterday = timezone.now() - timedelta(days=1)
    ActivityRecord.objects.update(completed_at=yesterday, first_seen_at=yesterday, last_seen_at=yesterday)
    actions.announce_change(module, words=WORDS, by=trainer)
    assert strike()["mails about what changed"] == 1


@pytest.mark.parametrize("late", ["fr", "en"])
def test_an_activity_was_there_since_its_first_publication_in_any_language(module, two_lessons, whole, trainer, client_for, late):
    new = make_lesson(module, title="New")
    translated(module, "fr", title="Le module")
    for lesson in two_lessons:
        translated(lesson, "fr")
    french = translated(new, "fr")
    early, after = (new, french) if late == "fr" else (french, new)
    back([early], days=9)  # it was there to be done, in one of the two languages
    back([after], days=1)
    actions.announce_change(module, words=ADDED, by=trainer)
    assert strike()["mails about what changed"] == 0
    assert ADDED["en"] not in client_for(whole).get(module.url).text


def test_what_the_counting_version_does_not_require_is_asked_of_nobody(module, two_lessons, promoter, trainer, client_for):
    translated(module, "fr", title="Le module")
    translated(two_lessons[0], "fr")
    optional = translated(two_lessons[1], "fr")
    optional.required = False
    optional.save_revision().publish()
    actions.complete_activity(two_lessons[0], by=promoter)
    then = timezone.now() - timedelta(days=2)
    ActivityRecord.objects.update(completed_at=then, first_seen_at=then, last_seen_at=then)
    actions.announce_change(module, words=ADDED, by=trainer)
    assert ADDED["en"] in client_for(promoter).get(module.url).text
    assert strike()["mails about what changed"] == 1


@pytest.mark.parametrize("draft", [False, True])
def test_a_lesson_moved_into_a_module_is_told_like_one_that_was_written_for_it(module, two_lessons, whole, trainer, promoter, draft):
    """An old lesson of another module: it un-completes nobody, and an older draft of it that is published later changes nothing of that."""
    moved = make_lesson(make_module("Another"), "Moved")
    LessonPage.objects.filter(pk=moved.pk).update(first_published_at=timezone.now() - timedelta(days=400))
    moved = LessonPage.objects.get(pk=moved.pk)
    older = moved.save_revision()
    before = list(ActivityRecord.objects.completed().order_by("pk").values_list("pk", "completed_at"))
    moved.move(module, pos="last-child")
    if draft:
        LessonPage.objects.get(pk=moved.pk).revisions.get(pk=older.pk).publish()
    assert finishers_of(module.translation_key, before=timezone.now()) == [promoter.pk]
    assert list(ActivityRecord.objects.completed().order_by("pk").values_list("pk", "completed_at")) == before
    change = actions.announce_change(
        ModulePage.objects.get(pk=module.pk), words={"fr": "Une leçon de plus.", "en": "One more."}, by=trainer
    )
    assert [person.pk for person in who_had_finished(change.announced_at, {"fr": module})] == [promoter.pk]
    LessonPage.objects.get(pk=moved.pk).move(module, pos="first-child")
    assert finishers_of(module.translation_key, before=timezone.now()) == [promoter.pk]
