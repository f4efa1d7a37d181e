"""Ways into a course: open or closed, by a code, with a cohort, from a list that is looked at first."""

from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry, PageViewRestriction

from academy.messages import AT_ONCE
from academy.models import SENDING, Message, User
from academy.rules import RuleViolation
from courses import actions, people_list
from courses.clock import strike
from courses.models import AwaitedEnrolment, Enrolment, EnrolmentCode
from tests.factories.academy import UserFactory
from tests.factories.cohorts import CohortFactory, ParticipationFactory, ProjectMemberFactory
from tests.factories.courses import AwaitedEnrolmentFactory, make_course, make_lesson, make_module

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    translation.activate("en")


@pytest.fixture
def lesson(db):
    return make_lesson(make_module("Money"), "The account")


@pytest.fixture
def course(lesson):
    return make_course("Money and law", (lesson.get_parent().specific,), enrolment="closed")


@pytest.fixture
def code(course, trainer):
    return actions.create_code(course, by=trainer)


@pytest.fixture
def staff(client_for, trainer):
    client = client_for(trainer)
    client.cookies["django_language"] = "en"
    return client


def join(client, code="", **more):
    with translation.override("en"):
        return client.post(reverse("courses_join"), {"code": code}, **more)


def words(answer):
    return " ".join(answer.content.decode().split())


# --- open or closed


def test_a_closed_course_takes_nobody_by_themselves(course, lesson, promoter, client_for):
    client = client_for(promoter)
    assert "I have a code" in words(client.get(course.url))
    with translation.override("en"):
        client.post(reverse("courses_enrol", args=[course.translation_key]))
        client.post(reverse("courses_complete", args=[lesson.translation_key]), {"course": course.translation_key})
    assert not Enrolment.objects.exists()
    course.enrolment = "open"
    course.save_revision().publish()
    with translation.override("en"):
        client.post(reverse("courses_enrol", args=[course.translation_key]))
    assert Enrolment.objects.get().user == promoter


# --- codes


def test_a_code_leads_into_its_course_and_cohort(course, trainer, promoter, client_for):
    code = actions.create_code(course, by=trainer, cohort_key=uuid4(), uses=2)
    answer = join(client_for(promoter), f" {code.code[:4].lower()}-{code.code[4:]} ")
    assert answer["Location"] == course.url
    enrolment = Enrolment.objects.get()
    assert (enrolment.user, enrolment.cohort_key) == (promoter, code.cohort_key)
    join(client_for(promoter), code.code)
    code.refresh_from_db()
    assert (code.used, code.uses_left) == (1, 1)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"valid_until": timezone.now() - timedelta(minutes=1)}, "no longer valid"),
        ({"closed_at": timezone.now()}, "no longer valid"),
        ({"uses_left": 0}, "used as often as it may be"),
        ({"code": "OTHER"}, "Nobody knows this code"),
        ({"course_key": uuid4()}, "Nobody knows this code"),
    ],
)
def test_a_code_that_does_not_count_is_refused_in_words(code, promoter, client_for, state, said):
    typed = code.code
    EnrolmentCode.objects.update(**state)
    answer = words(join(client_for(promoter), typed))
    assert said in answer
    assert f'value="{typed}"' in answer
    assert not Enrolment.objects.exists()


def test_a_code_of_a_course_that_they_may_not_open_says_so(course, code, promoter, client_for):
    PageViewRestriction.objects.create(page=course, restriction_type=PageViewRestriction.GROUPS)
    client = client_for(promoter)
    answer = join(client, code.code)
    assert (answer["Location"], [str(one) for one in get_messages(answer.wsgi_request)]) == (
        reverse("courses_my_learning"),
        ["You follow this course, but it is not open to you yet: tell who gave you the code."],
    )


def test_codes_are_not_guessed(code, promoter, client_for):
    client = client_for(promoter)
    for number in range(10):
        join(client, f"GUESS{number}")
    assert "Too many tries" in words(join(client, code.code))
    assert not Enrolment.objects.exists()
    assert "Type the code" in words(join(client_for(UserFactory()), ""))


def test_a_code_is_remembered_over_the_sign_in(code, promoter, client):
    with translation.override("en"):
        assert f'value="{code.code}"' in words(client.get(reverse("courses_join") + f"?code={code.code}"))
    answer = join(client, code.code)
    assert answer["Location"].startswith("/accounts/login/?next=/en/learn/join/%3Fcode%3D")
    promoter.set_password("a long password 1")
    promoter.save()
    EmailAddress.objects.create(user=promoter, email=promoter.email, verified=True, primary=True)
    client.post("/accounts/login/", {"login": promoter.email, "password": "a long password 1"})
    assert Enrolment.objects.get().user == promoter


def test_a_code_of_yesterday_is_not_made(course, trainer):
    with pytest.raises(RuleViolation):
        actions.create_code(course, by=trainer, valid_until=timezone.now() - timedelta(days=1))


# --- the page of staff


def ways_in(course):
    return reverse("courses_cms_ways_in", args=[course.translation_key])


def test_staff_make_and_close_codes(course, staff, trainer):
    assert "This course is closed" in words(staff.get(ways_in(course)))
    staff.post(ways_in(course), {"verb": "code", "uses": "30", "valid_until": "2036-01-01T12:00", "cohort": ""})
    code = EnrolmentCode.objects.get()
    assert (code.uses_left, code.created_by, len(code.code)) == (30, trainer, 8)
    assert f"/learn/join/?code={code.code}" in words(staff.get(ways_in(course)))
    staff.post(ways_in(course), {"verb": "close", "code": code.pk})
    code.refresh_from_db()
    assert not code.is_open
    assert set(ModelLogEntry.objects.values_list("action", flat=True)) == {"courses.create_code", "courses.close_code"}
    refused = words(staff.post(ways_in(course), {"verb": "code", "uses": "0", "valid_until": "2001-01-01T12:00"}))
    assert 'value="0"' in refused
    assert staff.post(ways_in(course), {"verb": "close", "code": "x"}).status_code == 404
    assert staff.post(ways_in(course), {"verb": "nonsense"}).status_code == 404


def test_a_whole_cohort_is_enrolled(course, staff):
    cohort = CohortFactory()
    here = ProjectMemberFactory(project=ParticipationFactory(cohort=cohort).project).person
    left = ProjectMemberFactory(project=ParticipationFactory(cohort=cohort, state="invited").project).person
    ParticipationFactory._meta.model.objects.filter(project__memberships__person=left).update(cohort=CohortFactory())
    elsewhere = ProjectMemberFactory().person
    shown = words(staff.post(ways_in(course), {"verb": "cohort", "all-cohort": cohort.pk}, follow=True))
    assert "1 person enrolled; 0 were already." in shown
    assert list(Enrolment.objects.values_list("user", "cohort_key")) == [(here.pk, str(cohort.pk))]
    assert elsewhere.enrolments.count() == left.enrolments.count() == 0
    assert "0 people enrolled; 1 were already." in words(
        staff.post(ways_in(course), {"verb": "cohort", "all-cohort": cohort.pk}, follow=True)
    )


CSV = """email;name;language;cohort
known@example.org;Known;;
new@example.org;Nina New;fr;
;Nobody;;
wrong@;Wrong;;
NEW@example.org;Again;;
lang@example.org;Lang;de;
cohort@example.org;Cohort;;Unknown
"""


def test_a_list_is_looked_at_first_then_done(course, staff, trainer):
    known = UserFactory(email="known@example.org")
    file = SimpleUploadedFile("people.csv", CSV.encode())
    answer = staff.post(ways_in(course), {"verb": "people", "people-file": file})
    assert [(row.number, bool(row.error)) for row, _fate in answer.context["rows"]] == [
        (2, False), (3, False), (4, True), (5, True), (6, True), (7, True), (8, True),
    ]  # fmt: skip
    shown = words(answer)
    for said in (
        "The address is missing.",
        "‘wrong@’ is no e-mail address.",
        "The same address as in line 3.",
        "There is no cohort ‘Unknown’.",
        "The language is one of: en, fr.",
    ):
        assert said in shown, said
    assert not Enrolment.objects.exists()
    assert not Message.objects.exists()
    people = User.objects.count()
    shown = words(staff.post(ways_in(course), {"verb": "do", "sealed": answer.context["sealed"]}, follow=True))
    assert "1 enrolled, 0 followed it already, 1 invited by mail." in shown
    assert Enrolment.objects.get().user == known
    assert User.objects.count() == people
    letter = Message.objects.get()
    assert (letter.address, letter.language, letter.to, letter.reply_to) == ("new@example.org", "fr", None, trainer.email)
    staff.post(ways_in(course), {"verb": "do", "sealed": answer.context["sealed"]})
    assert Message.objects.count() == 1


def test_what_was_not_looked_at_is_not_done(course, staff, coordinator, client_for):
    answer = staff.post(ways_in(course), {"verb": "people", "people-lines": "a@example.org\nb@example.org"})
    assert answer.context["good"] == 2
    other = make_course("Other", ())
    for client, page, sealed in (
        (client_for(coordinator), course, answer.context["sealed"]),
        (staff, other, answer.context["sealed"]),
        (staff, course, "x"),
    ):
        client.post(ways_in(page), {"verb": "do", "sealed": sealed})
    assert not AwaitedEnrolment.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"PK\x03\x04zip", "no CSV file"),
        (b"name;cohort\nAnna;x\n", "There is no column"),
        (b"email;name\n", "nobody under them"),
        (b"a@example.org;Anna\n", "The first line names the columns"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_words(course, staff, content, said):
    shown = words(staff.post(ways_in(course), {"verb": "people", "people-file": SimpleUploadedFile("x.csv", content)}))
    assert said in shown


def test_lists_are_read_whatever_the_spreadsheet():
    def addresses(text):
        return [(row.email, row.name) for row in people_list.read(text, languages={"fr"}, cohorts={})]

    assert addresses('E-mail,Nom\n"a@example.org","Élan, Anna"\n') == [("a@example.org", "Élan, Anna")]
    assert addresses("email\tname\na@example.org\tAnna\n\n") == [("a@example.org", "Anna")]
    assert addresses("a@example.org\nb@example.org") == [("a@example.org", ""), ("b@example.org", "")]
    assert people_list.text_of("é".encode("cp1252")) == people_list.text_of("é".encode()) == "é"
    with pytest.raises(people_list.UnreadableList):
        addresses("email\n" + "a@example.org\n" * 2001)


def test_lines_are_numbered_as_the_spreadsheet_numbers_them():
    def numbered(text):
        return [(row.number, row.email, row.error[:16]) for row in people_list.read(text, languages={"fr"}, cohorts={})]

    text = 'email;name\n\na@example.org;"Anna\nof Liège"\n;;\nwrong@;\nA@example.org;\n'
    assert numbered(text) == [
        (3, "a@example.org", "The name goes ov"),
        (5, "wrong@", "‘wrong@’ is no e"),
        (6, "a@example.org", "The same address"),
    ]
    assert numbered("sep=\t\nemail\tname\na@example.org\tAnna\n") == [(3, "a@example.org", "")]
    assert numbered("\ufeffsep=;\r\nemail;name\r\na@example.org;Anna\r\n") == [(3, "a@example.org", "")]
    assert numbered("email\ra@example.org\r") == [(2, "a@example.org", "")]


@pytest.mark.parametrize(
    "heading",
    [
        "Adresse email;Nom complet",
        "Adresse e-mail;NOM",
        "Email address;Full name",
        "E-mail;Name",
        "E\u2011mail :;Prénom Nom",
        "Courriel;nom complet",
        "adresse_email;full_name",
        "E-mail address;Nom et prénom",
    ],
)
def test_headings_are_known_however_they_are_written(heading):
    found = people_list.read(f"{heading}\na@example.org;Anna\n", languages={"fr"}, cohorts={})
    assert [(row.number, row.email, row.name) for row in found] == [(2, "a@example.org", "Anna")]


OPEN = "A quotation mark is opened in line 2 and never closed"
MORE = ": 2 lines after it are not read. Close it, or take it away."


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        ('acc-a@example.org,"Foo\nacc-b@example.org,Bar\nacc-c@example.org,Baz', [("", "", OPEN + MORE)]),
        ('acc-a@example.org,"Foo\nacc-b@example.org,Bar\nacc-c@example.org,"Baz"', [("", "", OPEN + MORE)]),
        ('acc-a@example.org,"Foo', [("", "", f"{OPEN}.")]),
        (
            'acc-a@example.org,"Foo\nacc-b@example.org,"\nacc-c@example.org,"Baz, Anna"',
            [
                ("acc-a@example.org", "Foo\nacc-b@example.org,", "The name goes over several lines."),
                ("acc-c@example.org", "Baz, Anna", ""),
            ],
        ),
        ("acc-a@example.org,acc-b@example.org", [("acc-a@example.org", "acc-b@example.org", "The name holds an address.")]),
        ('acc-a@example.org,Anna "Foo" Bar', [("acc-a@example.org", 'Anna "Foo" Bar', "")]),
    ],
)
def test_an_open_quotation_mark_makes_no_name_of_the_lines_after_it(lines, read):
    found = people_list.read(f"email,name\n{lines}\n", languages={"fr"}, cohorts={})
    assert [(row.email, row.name, row.error) for row in found] == read


def test_a_quotation_mark_open_in_the_headings_is_said():
    with pytest.raises(people_list.UnreadableList, match="opened in line 1 and never closed: 1 line after it is not read"):
        people_list.read('email,"name\na@example.org,Anna\n', languages={"fr"}, cohorts={})


def test_an_invitation_does_not_say_that_its_reader_has_an_account(course, trainer, django_capture_on_commit_callbacks, mailoutbox):
    with django_capture_on_commit_callbacks(execute=True):
        actions.invite_to_course(course, email="new@example.org", language="en", by=trainer)
    [mail] = mailoutbox
    for text in (mail.body, mail.alternatives[0][0]):
        assert "You have no account yet." in text
        assert f"You receive this message because {trainer} invited you to" in text
        assert "you have an account or a project" not in text
        assert "If you do not want this, do nothing" in text


def test_nobody_is_enrolled_from_a_line_with_an_open_quotation_mark(course, staff, django_capture_on_commit_callbacks, mailoutbox):
    content = b'email,name\nacc-a@example.org,"Foo\nacc-b@example.org,Bar\n'
    looked = staff.post(ways_in(course), {"verb": "people", "people-file": SimpleUploadedFile("x.csv", content)})
    assert (looked.context["good"], looked.context["bad"]) == (0, 1)
    assert f"{OPEN}: 1 line after it is not read." in words(looked)
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(ways_in(course), {"verb": "do", "sealed": looked.context["sealed"]})
    assert (list(AwaitedEnrolment.objects.all()), mailoutbox) == ([], [])


@pytest.mark.parametrize("name", ["Foo\nBar", "Foo b@example.org"])
def test_nobody_is_greeted_by_a_name_that_is_none(course, trainer, name):
    with pytest.raises(RuleViolation) as refused:
        actions.invite_to_course(course, email="new@example.org", name=name, by=trainer)
    assert (refused.value.code, AwaitedEnrolment.objects.exists()) == ("name", False)


def test_a_closed_account_is_an_error_of_its_row_before_anything_is_done(course, staff):
    UserFactory(email="gone@example.org", is_active=False)
    answer = staff.post(ways_in(course), {"verb": "people", "people-lines": "gone@example.org\nnew@example.org"})
    assert [(row.email, row.error) for row, _fate in answer.context["rows"]] == [
        ("gone@example.org", "This account is closed."),
        ("new@example.org", ""),
    ]
    assert answer.context["good"] == 1


def test_of_a_long_list_the_first_letters_leave_at_once_and_the_others_with_the_clock(
    course, staff, django_capture_on_commit_callbacks, mailoutbox
):
    lines = "\n".join(f"person{number}@example.org" for number in range(AT_ONCE + 5))
    sealed = staff.post(ways_in(course), {"verb": "people", "people-lines": lines}).context["sealed"]
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(ways_in(course), {"verb": "do", "sealed": sealed})
    assert (len(mailoutbox), Message.objects.count()) == (AT_ONCE, AT_ONCE + 5)
    Message.objects.update(created_at=timezone.now() - SENDING)
    call_command("tick")
    call_command("tick")
    assert len({mail.to[0] for mail in mailoutbox}) == len(mailoutbox) == AT_ONCE + 5


# --- waiting for an account


def test_the_invited_are_enrolled_at_their_first_sign_in(course, client_for):
    AwaitedEnrolmentFactory(email="new@example.org", course_key=course.translation_key, cohort_key="c")
    person = UserFactory(email="New@example.org")
    EmailAddress.objects.create(user=person, email="new@example.org", verified=False, primary=True)
    client_for(person)
    assert not Enrolment.objects.exists()
    EmailAddress.objects.update(verified=True)
    client_for(person)
    assert Enrolment.objects.get().cohort_key == "c"
    assert not AwaitedEnrolment.objects.exists()


def test_an_address_of_who_never_came_is_forgotten():
    AwaitedEnrolmentFactory(invited_at=timezone.now() - timedelta(days=181))
    stays = AwaitedEnrolmentFactory()
    strike()
    assert list(AwaitedEnrolment.objects.all()) == [stays]


@pytest.mark.parametrize(("who", "status"), [("trainer", 200), ("coordinator", 200), ("reviewer", 302), ("promoter", 302)])
def test_who_opens_the_ways_in(request, client_for, course, who, status):
    assert client_for(request.getfixturevalue(who)).get(ways_in(course)).status_code == status


def test_messages_say_that_the_course_is_followed(code, promoter, client_for):
    answer = join(client_for(promoter), code.code)
    assert [str(one) for one in get_messages(answer.wsgi_request)] == ["You follow this course. What you complete is kept here."]
