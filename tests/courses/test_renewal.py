"""Certificates of a course that end: their date is frozen, who holds one is told before, and renews it by doing the quizzes again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from academy.dates import academy_day
from academy.extraction import extract
from academy.models import Message
from academy.rules import RuleViolation
from courses import actions, badges, certificates
from courses.clock import strike
from courses.due import end_of
from courses.models import ActivityRecord, Certificate, CoursePage, QuizAttempt, QuizPage
from courses.renewal import WINDOW, end_after
from tests.factories.courses import make_course, make_lesson, make_module, make_quiz, right_answers

pytestmark = pytest.mark.django_db
REMINDED = "reminders of certificates that end"


@pytest.fixture
def quiz():
    return make_quiz(make_module("Safety"), title="The rules")


def course_of(page, months=12):
    return make_course("Safety first", modules=(page.get_parent().specific,), certificate_months=months)


@pytest.fixture
def course(quiz):
    return course_of(quiz)


def pass_quiz(quiz, person):
    attempt = actions.start_attempt(quiz, by=person)
    return actions.submit_attempt(attempt, answers=right_answers(attempt.questions), quiz=quiz, by=person)


def ends_in(days):
    """As if all of it had been done so long ago that the certificate ends in so many days; the number is the certificate's."""
    moment = timezone.now() + timedelta(days=days)
    began = moment - timedelta(days=365)
    Certificate.objects.update(issued_at=began, expires_at=moment)
    QuizAttempt.objects.update(started_at=began, submitted_at=began)
    return Certificate.objects.get()


@pytest.fixture
def certificate(course, quiz, promoter):
    actions.enrol(course, user=promoter, by=promoter)
    pass_quiz(quiz, promoter)
    return Certificate.objects.get()


def at(name, *args):
    with translation.override("en"):
        return reverse(name, args=args)


# --- the date


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)), (date(2026, 11, 30), 3, date(2027, 2, 28)), (date(2026, 12, 5), 12, date(2027, 12, 5)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)), (date(2026, 6, 1), 6, date(2026, 12, 1)),
    ],
)  # fmt: skip
def test_months_end_at_the_end_of_a_day_that_exists(day, months, end):
    assert end_after(day, months) == end_of(end)


def test_date_is_frozen_at_issue(course, certificate):
    issued = academy_day(certificate.issued_at)
    assert certificate.expires_at == end_after(issued, 12)
    CoursePage.objects.update(certificate_months=3)
    certificate.refresh_from_db()
    assert certificate.expires_at == end_after(issued, 12)
    with pytest.raises(TypeError):
        certificate.save(update_fields=["expires_at"])


def test_course_without_months_gives_it_for_ever(quiz, promoter):
    actions.enrol(course_of(quiz, months=None), user=promoter, by=promoter)
    pass_quiz(quiz, promoter)
    assert Certificate.objects.get().expires_at is None


@pytest.mark.parametrize(("language", "words"), [("fr", "Valable jusqu’au"), ("en", "Valid until")])
def test_paper_page_and_badge_say_until_when(client_for, promoter, certificate, language, words):
    with translation.override(language):
        day = certificates.date_format(academy_day(certificate.expires_at), "DATE_FORMAT")
    text = " ".join(passage.text for passage in extract(certificates.pdf(certificate, language=language), "c.pdf").passages)
    assert f"{words} {day}" in " ".join(text.split())
    until = certificate.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert badges.credential(certificate, language)["validUntil"] == until
    with translation.override(language):
        page = reverse("courses_certificate", args=[certificate.pk])
    assert day in client_for(promoter).get(page).content.decode()


def test_whoever_checks_it_is_told_that_it_has_expired(client, certificate):
    ends_in(-1)
    html = client.get(f"/verify/{certificate.pk}/?lang=en").content.decode()
    assert "This certificate has expired" in html


# --- the reminder


def test_holder_is_told_once_before_the_end_and_not_long_before(certificate, promoter):
    ends_in(70)
    assert strike()[REMINDED] == 0
    ends_in(50)
    assert [strike()[REMINDED], strike()[REMINDED]] == [1, 0]
    mail = Message.objects.get(cause=f"courses.expires:{certificate.pk}")
    assert (mail.address, mail.subject) == (promoter.email, "Your certificate of ‘Safety first’ ends soon")
    assert "/courses/" in mail.body_text


def test_nobody_is_told_of_what_is_over_revoked_renewed_or_has_no_end(certificate, quiz, course, promoter, coordinator):
    ends_in(-1)
    assert strike()[REMINDED] == 0
    ends_in(20)
    pass_quiz(quiz, promoter)
    actions.renew_certificate(course, by=promoter)
    assert strike()[REMINDED] == 0
    new = Certificate.objects.get(renewed_at=None)
    actions.revoke_certificate(new, reason="A mistake", by=coordinator)
    assert strike()[REMINDED] == 0


def test_course_that_is_gone_is_told_without_a_way_to_renew(certificate, course):
    course.unpublish()
    ends_in(20)
    assert strike()[REMINDED] == 1
    assert "to renew it" not in Message.objects.get(cause=f"courses.expires:{certificate.pk}").body_text


@pytest.mark.parametrize(("language", "way"), [("fr", "Renouveler mon certificat\u00a0:\n"), ("en", "Renew my certificate:\n")])
def test_letters_about_it_are_plain_text_with_the_colon_of_their_language(certificate, course, quiz, promoter, language, way):
    promoter.language = language
    promoter.save()
    ends_in(20)
    strike()
    assert way in Message.objects.get(cause=f"courses.expires:{certificate.pk}").body_text
    pass_quiz(quiz, promoter)
    actions.renew_certificate(course, by=promoter)
    assert [one.pk for one in Message.objects.all() if "<" in one.body_text or "&" in one.body_text] == []


# --- the day


@pytest.mark.parametrize("zone", ["America/Montevideo", "Pacific/Auckland"])
def test_days_are_those_of_the_academy_wherever_it_is_read(client, client_for, certificate, course, promoter, zone):
    issued, ends = datetime(2026, 3, 31, 22, 30, tzinfo=UTC), end_of(date(2027, 4, 1))  # in Brussels it is 1 April, half past midnight
    Certificate.objects.update(issued_at=issued, expires_at=ends)
    promoter.time_zone, own = zone, client_for(promoter)
    promoter.save()
    found = Certificate.objects.get()
    with timezone.override(zone):
        assert (found.issued_on, found.ends_on) == (date(2026, 4, 1), date(2027, 4, 1))
        text = " ".join(passage.text for passage in extract(certificates.pdf(found, language="en"), "c.pdf").passages)
        assert ["April 1, 2026" in text, "April 1, 2027" in text] == [True, True]
    for page in (client.get(f"/verify/{found.pk}/?lang=en"), own.get(at("courses_certificate", found.pk))):
        assert ['datetime="2026-04-01"' in page.text, 'datetime="2027-04-01"' in page.text] == [True, True]
    assert 'datetime="2026-04-01"' in own.get(at("courses_my_certificates")).text


# --- the renewal


def test_new_certificate_sends_its_letter(certificate, course, quiz, promoter):
    ends_in(20)
    pass_quiz(quiz, promoter)
    new = actions.renew_certificate(course, by=promoter)
    letter = Message.objects.get(cause=f"courses.certificate:{new.pk}")
    assert letter.subject == "Your certificate of ‘Safety first’ is renewed"
    assert [at("courses_certificate", new.pk) in letter.body_text, "The one before stays valid" in letter.body_text] == [True, True]


def test_certificate_that_is_held_decides_whatever_the_course_says_now(certificate, course, quiz, promoter, client_for):
    ends_in(20)
    CoursePage.objects.update(certificate_months=None)
    assert "Your certificate ends soon" in client_for(promoter).get(course.url).text
    CoursePage.objects.update(gives_certificate=False)
    cache.clear()  # what publishing does
    assert "Your certificate ends soon" not in client_for(promoter).get(course.url).text


def test_renewed_by_passing_the_quizzes_again_and_the_old_one_stays_to_its_end(certificate, course, quiz, promoter, client_for):
    old, client = ends_in(20), client_for(promoter)
    done = ActivityRecord.objects.get(activity_key=quiz.translation_key).completed_at
    html = client.get(course.url).content.decode()
    assert [words in html for words in ("Your certificate ends soon", "to pass again", "Renew my certificate")] == [True, True, False]
    client.post(at("courses_renew", course.translation_key))
    assert Certificate.objects.count() == 1
    pass_quiz(quiz, promoter)
    assert "Renew my certificate" in client.get(course.url).content.decode()
    answer = client.post(at("courses_renew", course.translation_key))
    new = Certificate.objects.get(renewed_at=None)
    assert answer.headers["Location"] == at("courses_certificate", new.pk)
    assert new.expires_at == end_after(academy_day(old.expires_at), 12)
    old.refresh_from_db()
    assert (old.standing, new.standing, old.revoked_at) == ("valid", "valid", None)
    assert ActivityRecord.objects.get(activity_key=quiz.translation_key).completed_at == done
    html = client.get(course.url).content.decode()
    assert str(new.pk) in html
    assert "ends soon" not in html
    client.post(at("courses_renew", course.translation_key))
    assert Certificate.objects.count() == 2


def test_what_has_expired_is_renewed_from_today(certificate, course, quiz, promoter, client_for):
    ends_in(-30)
    assert "Your certificate has expired" in client_for(promoter).get(course.url).content.decode()
    pass_quiz(quiz, promoter)
    assert actions.renew_certificate(course, by=promoter).expires_at == end_after(academy_day(timezone.now()), 12)


def test_a_quiz_not_passed_again_is_named(certificate, course, quiz, promoter):
    ends_in(20)
    attempt = actions.start_attempt(quiz, by=promoter)
    actions.submit_attempt(attempt, answers={}, quiz=quiz, by=promoter)
    with pytest.raises(RuleViolation, match="The rules"):
        actions.renew_certificate(course, by=promoter)
    assert Certificate.objects.get().renewed_at is None


def test_attempt_begun_before_the_time_does_not_count(certificate, course, quiz, promoter):
    old = ends_in(20)
    attempt = pass_quiz(quiz, promoter)
    early = old.expires_at - WINDOW - timedelta(days=1)
    QuizAttempt.objects.filter(pk=attempt.pk).update(started_at=early)
    with pytest.raises(RuleViolation):
        actions.renew_certificate(course, by=promoter)


def test_course_without_a_quiz_is_renewed_by_saying_so(promoter, client_for):
    lesson = make_lesson(make_module("Safety"))
    course = course_of(lesson)
    actions.enrol(course, user=promoter, by=promoter)
    actions.complete_activity(lesson, by=promoter)
    ends_in(20)
    assert "I have read it again: renew my certificate" in client_for(promoter).get(course.url).content.decode()
    actions.renew_certificate(course, by=promoter)
    assert Certificate.objects.count() == 2


@pytest.mark.parametrize("days", [100, None])
def test_nothing_is_renewed_before_its_time_nor_of_somebody_else(certificate, course, quiz, promoter, other_promoter, days):
    if days:
        ends_in(days)
        pass_quiz(quiz, promoter)
    else:
        ends_in(20)
    with pytest.raises(RuleViolation) as refusal:
        actions.renew_certificate(course, by=promoter if days else other_promoter)
    assert refusal.value.code == "nothing"


def test_only_what_ends_is_renewed_and_once(certificate):
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.update(expires_at=None, renewed_at=timezone.now())


def test_course_home_costs_two_questions_more_whatever_the_quizzes(certificate, course, quiz, promoter, client_for):
    client = client_for(promoter)

    def asked():
        client.get(course.url)
        with CaptureQueriesContext(connection) as found:
            client.get(course.url)
        return len(found)

    before = asked()
    ends_in(20)
    one = asked()
    for number in range(3):
        make_quiz(quiz.get_parent().specific, title=f"More {number}")
    assert (one, asked()) == (before + 2, before + 2)


def test_date_of_a_badge_is_a_moment(certificate):
    assert datetime.fromisoformat(badges.credential(certificate, "en")["validUntil"]) == certificate.expires_at.replace(microsecond=0)


# --- where attempts are counted, and by what a quiz is judged


@pytest.mark.parametrize("days", [20, -30])
def test_attempts_are_counted_anew_for_who_has_to_renew(certificate, course, quiz, promoter, client_for, days):
    QuizPage.objects.update(attempts_allowed=1)
    cache.clear()
    ends_in(100)
    with pytest.raises(RuleViolation) as refusal:
        actions.start_attempt(quiz, by=promoter)
    assert refusal.value.code == "no_attempt_left"
    ends_in(days)
    page = client_for(promoter).get(quiz.url)
    assert (page.context["attempts_left"], page.context["may_start"]) == (1, True)
    pass_quiz(quiz, promoter)
    with pytest.raises(RuleViolation) as refusal:
        actions.start_attempt(quiz, by=promoter)
    assert refusal.value.code == "no_attempt_left"
    assert client_for(promoter).get(quiz.url).context["may_start"] is False
    assert actions.renew_certificate(course, by=promoter).standing == "valid"


def test_attempts_at_a_quiz_that_no_course_to_renew_requires_are_not(certificate, quiz, promoter):
    other = make_quiz(make_module("Elsewhere"), attempts_allowed=1)
    pass_quiz(other, promoter)
    ends_in(20)
    with pytest.raises(RuleViolation) as refusal:
        actions.start_attempt(other, by=promoter)
    assert refusal.value.code == "no_attempt_left"


@pytest.mark.parametrize(
    ("grading", "tries", "renewed"),
    [
        ("best", "wrong right", True), ("last", "wrong right", True), ("last", "right wrong", True),
        ("first", "wrong right", False), ("first", "right wrong", True), ("average", "wrong right", False), ("average", "right wrong", True),
    ],
)  # fmt: skip
def test_quiz_is_passed_again_by_its_own_rule(certificate, course, quiz, promoter, grading, tries, renewed):
    """As the first time: once what counts reaches the mark, a later failure undoes nothing."""
    ends_in(20)
    QuizPage.objects.update(grading=grading)
    for what in tries.split():
        attempt = actions.start_attempt(quiz, by=promoter)
        answers = right_answers(attempt.questions) if what == "right" else {}
        actions.submit_attempt(attempt, answers=answers, quiz=quiz, by=promoter)
    if renewed:
        assert actions.renew_certificate(course, by=promoter).standing == "valid"
    else:
        with pytest.raises(RuleViolation) as refusal:
            actions.renew_certificate(course, by=promoter)
        assert refusal.value.code == "missing"


def test_attempts_from_before_a_reopening_renew_nothing(certificate, course, quiz, promoter, trainer):
    ends_in(20)
    pass_quiz(quiz, promoter)
    actions.reopen_activity(ActivityRecord.objects.get(activity_key=quiz.translation_key), reason="Somebody else answered", by=trainer)
    with pytest.raises(RuleViolation) as refusal:
        actions.renew_certificate(course, by=promoter)
    assert refusal.value.code == "missing"
