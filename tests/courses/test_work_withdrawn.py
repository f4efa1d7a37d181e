"""An assignment changes, or is taken off the site, while somebody writes for it: nothing that they typed is lost."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageViewRestriction

from academy.models import Message
from courses import actions
from courses.clock import strike
from courses.models import Submission, SubmissionVersion
from tests.courses.works import handed_in, written
from tests.factories.courses import make_assignment, make_course

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
JSON = {"accept": "application/json"}


def post(client, page, **data):
    return client.post(reverse("courses_work", args=[page.translation_key]), data, headers=data.pop("headers", None))


def changed(page, **fields):
    for name, value in fields.items():
        setattr(page, name, value)
    page.save_revision().publish()


def test_text_written_before_the_assignment_took_files_alone_stays(client_for, promoter, page, me):
    written(page, me, promoter)
    changed(page, takes_text=False, takes_files=True)
    post(client_for(promoter), page, edition=1, save=1)
    assert Submission.objects.get().text == "Forty workers were asked."
    post(client_for(promoter), page, edition=1, text="Typed in a page that was open.", save=1)
    assert Submission.objects.get().text == "Typed in a page that was open."


def test_what_is_typed_after_it_is_taken_off_the_site_is_kept(client_for, promoter, page, me):
    written(page, me, promoter)
    page.unpublish()
    client = client_for(promoter)
    script = client.post(reverse("courses_work", args=[page.translation_key]), {"edition": 1, "text": "Forty-one."}, headers=JSON)
    assert (script.status_code, Submission.objects.get().text) == (200, "Forty-one.")
    form = post(client, page, edition=2, text="Forty-two.", save=1)
    assert (form.status_code, Submission.objects.get().text) == (302, "Forty-two.")
    assert client.get(form["Location"]).status_code == 200


def test_it_is_handed_in_as_it_stands_and_read_with_its_answer(client_for, promoter, trainer, page, me):
    written(page, me, promoter)
    page.unpublish()
    client, address = client_for(promoter), reverse("courses_work_hand_in", args=[page.translation_key])
    asked = client.get(address).content.decode()
    assert ("Forty workers were asked." in asked, "You may hand it in as it stands." in asked, "Go back and change it" in asked) == (
        True,
        True,
        False,
    )
    client.post(address, {"edition": 1})
    actions.give_feedback(SubmissionVersion.objects.get(), by=trainer, verdict="accepted", comment="Well asked.")
    kept = client.get(address).content.decode()
    assert ["Forty workers were asked." in kept, "Well asked." in kept] == [True, True]
    assert address in client.get(reverse("courses_my_learning")).content.decode()


def test_nobody_else_reads_it(client, client_for, promoter, other_promoter, page, me):
    handed_in(page, me, promoter)
    page.unpublish()
    address = reverse("courses_work_hand_in", args=[page.translation_key])
    assert [one.get(address).status_code for one in (client, client_for(other_promoter), client_for(promoter))] == [302, 404, 200]
    assert client_for(other_promoter).post(reverse("courses_work", args=[page.translation_key]), {"text": "x"}).status_code == 404


def test_a_project_reads_what_it_handed_in_once_the_page_is_deleted(client_for, promoter, other_promoter, module, project, ours):
    asked = make_assignment(module, belongs_to="project")
    handed_in(asked, ours, promoter)
    key = asked.translation_key
    asked.delete()
    kept = client_for(other_promoter).get(reverse("courses_work_hand_in", args=[key])).content.decode()
    assert ["Forty workers were asked." in kept, "An assignment that was taken away" in kept] == [True, True]


def test_what_was_written_in_a_course_that_asks_again_stays_there(client_for, promoter, module, page, me):
    course = make_course(modules=(module,), redo=(module,))
    place = str(course.translation_key)
    actions.enrol(course, user=promoter, by=promoter)
    actions.save_work(page, owner=me, by=promoter, edition=0, text="Again.", redo_in=place, course_key=course.translation_key)
    page.unpublish()
    post(client_for(promoter), page, edition=1, text="Again and again.", save=1, course=place)
    assert list(Submission.objects.values_list("redo_in", "text")) == [(place, "Again and again.")]


def test_nobody_is_reminded_of_what_they_may_not_open(module, promoter):
    tomorrow = timezone.localdate() + timedelta(days=1)
    closed, there = (make_assignment(module, title=title, due_on=tomorrow) for title in ("Closed", "There"))
    actions.enrol(make_course(modules=(module,)), user=promoter, by=promoter)
    PageViewRestriction.objects.create(page=closed, restriction_type=PageViewRestriction.GROUPS)
    assert strike()["reminders of work that is due"] == 1
    assert [there.title in mail.subject for mail in Message.objects.all()] == [True]
