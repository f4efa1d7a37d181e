"""What a coordinator announces to a cohort: who writes, who reads, what leaves by mail, what stays when its author goes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy import actions as people
from academy.fields import LocalizedText
from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.announcements import paragraphs_of, people_inside
from cohorts.digest import digest_of
from cohorts.models import Announcement
from cohorts.models.announcement import cohorts_open_to
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.announcements import AnnouncementFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "strict_templates")]
BOTH = {"title": {"fr": "La salle a changé", "en": "Another room"}, "body": {"fr": "<p>Au deuxième.</p>", "en": "<p>Upstairs.</p>"}}


def at(name, *args):
    return reverse(name, args=args)


def post(cohort, by, **other):
    return actions.announce(cohort, by=by, **{**BOTH, "delivery": "site", **other})


@pytest.fixture
def mentor(participation):
    person = UserFactory(name="Mia Mentor")
    make.MentorAssignmentFactory(project=participation.project, mentor=person)
    return person


# --- the verbs


def test_announcing_keeps_the_first_wording_and_says_so(cohort, coordinator):
    row = post(cohort, coordinator, is_pinned=True)
    assert (row.posted_by, row.is_pinned, row.changed_at) == (coordinator, True, None)
    assert [(one.number, one.title, one.written_by) for one in row.versions.all()] == [(1, row.title, coordinator)]
    line = ModelLogEntry.objects.get(action="cohorts.announce")
    assert (line.object_id, line.data) == (str(cohort.pk), {"announcement": str(row.pk), "delivery": "site"})
    assert Message.objects.count() == 0


def test_the_one_sanitiser_cleans_it(cohort, coordinator):
    body = {"en": '<p onclick="x()">Come <script>alert(1)</script><a href="javascript:x">here</a></p>'}
    row = actions.announce(cohort, by=coordinator, title={"en": "Come"}, body=body, delivery="site")
    assert row.body == {"en": '<p>Come <a rel="noopener noreferrer">here</a></p>'}


@pytest.mark.parametrize(
    ("title", "body", "code"),
    [
        ({}, {}, "empty"),
        ({"fr": "  "}, {"fr": "<p> </p>"}, "empty"),
        ({"fr": "Bonjour"}, {"fr": "<p></p>"}, "half"),
        ({"fr": "Bonjour"}, {"fr": "<p>Oui</p>", "en": "<p>Yes</p>"}, "half"),
        ({"en": "A" * 151}, {"en": "<p>Yes</p>"}, "long"),
        ({"en": "A"}, {"en": f"<p>{'yes ' * 6000}</p>"}, "long"),
    ],
)
def test_each_language_has_both_or_neither(cohort, coordinator, title, body, code):
    with pytest.raises(RuleViolation) as refusal:
        actions.announce(cohort, by=coordinator, title=title, body=body, delivery="site")
    assert refusal.value.code == code


def test_the_same_twice_is_refused_until_it_is_withdrawn(cohort, coordinator):
    row = post(cohort, coordinator)
    with pytest.raises(RuleViolation) as refusal:
        post(cohort, coordinator)
    assert refusal.value.code == "twice"
    actions.withdraw_announcement(row, by=coordinator, reason="Wrong day.")
    assert post(cohort, coordinator).pk != row.pk


def test_changing_keeps_every_wording_and_writes_to_nobody(cohort, coordinator, participation):
    row = post(cohort, coordinator, delivery="now")
    sent = Message.objects.count()
    actions.change_announcement(row, by=coordinator, title={"en": "A third room"}, body={"en": "<p>Downstairs.</p>"}, is_pinned=False)
    assert (row.title, row.changed_at is not None) == ({"en": "A third room"}, True)
    assert [one.title.in_language("en") for one in row.versions.all()] == ["A third room", "Another room"]
    assert Message.objects.count() == sent
    actions.change_announcement(row, by=coordinator, title=row.title, body=row.body, is_pinned=True)
    assert (row.is_pinned, row.versions.count()) == (True, 2)
    with pytest.raises(RuleViolation) as refusal:
        actions.change_announcement(row, by=coordinator, title=row.title, body=row.body, is_pinned=True)
    assert refusal.value.code == "same"


def test_withdrawing_wants_a_reason_and_holds_back_what_has_not_left(cohort, coordinator, participation):
    row = post(cohort, coordinator, delivery="now")
    Message.objects.update(sent_at=None)
    with pytest.raises(RuleViolation):
        actions.withdraw_announcement(row, by=coordinator, reason=" ")
    actions.withdraw_announcement(row, by=coordinator, reason="Wrong day.")
    assert Message.objects.unsent().count() == 0
    for verb in (
        lambda: actions.withdraw_announcement(row, by=coordinator, reason="Again."),
        lambda: actions.change_announcement(row, by=coordinator, **BOTH, is_pinned=True),
    ):
        with pytest.raises(RuleViolation) as refusal:
            verb()
        assert refusal.value.code == "withdrawn"


@pytest.mark.parametrize("wrong", [{"title": {}}, {"body": {}}, {"withdrawn_reason": ""}])
def test_the_database_refuses_what_says_nothing(cohort, coordinator, wrong):
    withdrawn = {"withdrawn_at": timezone.now(), "withdrawn_by": coordinator, "withdrawn_reason": "No."}
    with pytest.raises(IntegrityError), transaction.atomic():
        AnnouncementFactory(cohort=cohort, **{**withdrawn, **wrong})


def test_a_wording_is_written_once(cohort, coordinator):
    version = post(cohort, coordinator).versions.get()
    version.title = LocalizedText({"en": "Other"})
    with pytest.raises(RuleViolation):
        version.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        type(version)._base_manager.filter(pk=version.pk).update(title={"en": "Other"})


# --- letters


def test_a_letter_of_its_own_reaches_who_speaks_and_who_accompanies_in_their_language(cohort, coordinator, participation, promoter, mentor):
    make.ProjectMemberFactory(project=participation.project, person__name="Viewer", role="viewer")
    gone = make.ProjectMemberFactory(person__name="Gone")
    make.ParticipationFactory(
        cohort=cohort, project=gone.project, state="withdrawn", ended_at=timezone.now(), ended_by=coordinator, state_reason="Time."
    )
    make.ProjectMemberFactory(project=make.SubmittedApplicationFactory(cohort=cohort).project, person__name="Applies")
    promoter.language, mentor.language = "fr", "en"
    promoter.save()
    mentor.save()
    row = post(cohort, coordinator, delivery="now")
    assert set(people_inside(cohort)) == {promoter, mentor}
    letters = {one.address: one for one in Message.objects.filter(cause=f"announcement:{row.pk}")}
    assert {address: one.subject for address, one in letters.items()} == {
        promoter.email: "La salle a changé",
        mentor.email: "Another room",
    }
    assert "Au deuxième." in letters[promoter.email].body_text
    assert f"/my/cohort/{cohort.pk}/" in letters[promoter.email].body_text


def test_a_letter_says_when_it_is_in_another_language(cohort, coordinator, participation, promoter):
    promoter.language = "fr"
    promoter.save()
    actions.announce(
        cohort, by=coordinator, title={"en": "Room"}, body={"en": "<p>Up &amp; right.</p><ul><li>one</li></ul>"}, delivery="now"
    )
    letter = Message.objects.get()
    assert letter.subject == "Room"
    assert "Up & right.\n– one" in letter.body_text
    assert "anglais" in letter.body_text


def test_paragraphs_of_a_body():
    assert paragraphs_of("<h2>A</h2><p>b<br/>c <b>d</b></p><ol><li>e</li><li>f</li></ol>") == "A\nb\nc d\n– e\n– f"


def parts(person, **said):
    digest = digest_of(person, **said)
    return [(part.title, [line.words for line in part.lines]) for part in digest.parts] if digest else []


def test_the_weekly_letter_names_what_was_left_for_it_and_only_once(cohort, coordinator, participation, promoter, mentor):
    row = post(cohort, coordinator, delivery="weekly")
    AnnouncementFactory(cohort=cohort, title={"en": "Not by mail"})
    AnnouncementFactory(cohort=cohort, title={"en": "Long ago"}, delivery="weekly", posted_at=timezone.now() - timedelta(days=20))
    AnnouncementFactory(title={"en": "Another cohort"}, delivery="weekly")
    assert (str(cohort), ["Another room"]) in parts(promoter)
    assert parts(mentor) == [(str(cohort), ["Another room"])]
    assert all(title != str(cohort) for title, _lines in parts(coordinator))
    now = timezone.now()
    actions.send_weekly_letter(mentor, by=None, cause=f"weekly:{mentor.pk}:2027-03-15", now=now)
    assert parts(mentor, now=now + timedelta(hours=1)) == []
    actions.withdraw_announcement(row, by=coordinator, reason="Wrong day.")
    assert all(title != str(cohort) for title, _lines in parts(promoter))


# --- who reads


def test_who_is_inside_a_cohort(cohort, participation, promoter, other_promoter, mentor, trainer, reviewer, coordinator, crowd):
    make.ProjectMemberFactory(project=make.SubmittedApplicationFactory(cohort=cohort).project, person=other_promoter)
    make.ReviewAssignmentFactory(application__cohort=cohort, reviewer=reviewer)
    viewer = make.ProjectMemberFactory(project=participation.project, role="viewer").person
    (peer,) = crowd(1)
    row = AnnouncementFactory(cohort=cohort)
    read = {person for person in (promoter, viewer, peer.person, mentor, coordinator, other_promoter, trainer, reviewer)
            if row in Announcement.objects.for_user(person)}  # fmt: skip
    assert read == {promoter, viewer, peer.person, mentor, coordinator}
    assert set(cohorts_open_to(promoter)) == {cohort}


@pytest.mark.parametrize("state", ["withdrawn", "dismissed", "transferred"])
def test_who_left_reads_nothing_more(cohort, participation, promoter, coordinator, state, client_for):
    row = AnnouncementFactory(cohort=cohort)
    client = client_for(promoter)
    pages = [at("cohorts_space", cohort.pk), at("cohorts_announcement", row.pk)]
    assert [client.get(page).status_code for page in pages] == [200, 200]
    type(participation).objects.update(state=state, ended_at=timezone.now(), ended_by=coordinator)
    assert [client.get(page).status_code for page in pages] == [404, 404]
    assert client.get(at("cohorts_my_pathway")).context["announced"] == []


def test_what_is_withdrawn_is_gone_for_its_readers(cohort, participation, promoter, coordinator, client_for):
    row = post(cohort, coordinator)
    actions.withdraw_announcement(row, by=coordinator, reason="Wrong day.")
    client = client_for(promoter)
    assert client.get(at("cohorts_announcement", row.pk)).status_code == 404
    assert client.get(at("cohorts_space", cohort.pk)).context["announced"] == []


def test_the_other_language_is_said_and_marked(cohort, participation, promoter, client_for):
    row = AnnouncementFactory(cohort=cohort, title={"en": "Room"}, body={"en": "<p>Up.</p>"})
    one = client_for(promoter).get(f"/fr/my/cohort/announcements/{row.pk}/").context["one"]
    assert (one.read.title, one.read.language, bool(one.other_language)) == ("Room", "en", True)
    one = client_for(promoter).get(f"/en/my/cohort/announcements/{row.pk}/").context["one"]
    assert one.other_language == ""


def test_my_cohorts_leads_to_the_only_one(cohort, participation, promoter, trainer, client_for):
    client = client_for(promoter)
    assert client.get(at("cohorts_my_cohorts")).url == at("cohorts_space", cohort.pk)
    other = make.ParticipationFactory()
    make.ProjectMemberFactory(project=other.project, person=promoter)
    assert set(client.get(at("cohorts_my_cohorts")).context["cohorts"]) == {cohort, other.cohort}
    assert client_for(trainer).get(at("cohorts_my_cohorts")).context["cohorts"] == []


@pytest.mark.parametrize("number", [1, 3])
def test_pages_cost_the_same_for_one_and_three(
    cohort, participation, promoter, coordinator, client_for, number, django_assert_max_num_queries
):
    for _n in range(number):
        row = AnnouncementFactory(cohort=cohort)
    client = client_for(promoter)
    for page, most in ((at("cohorts_space", cohort.pk), 10), (at("cohorts_announcement", row.pk), 9)):
        client.get(page)
        with django_assert_max_num_queries(most):
            client.get(page)


# --- My pathway keeps what it shows


@pytest.mark.django_db(transaction=True)
def test_my_pathway_shows_the_first_three_and_every_change_at_once(cohort, participation, promoter, coordinator, crowd, client_for):
    (other,) = crowd(1)
    client = client_for(promoter)

    def shown():
        return client.get("/en/my/pathway/").content.decode()

    assert "Another room" not in shown()
    row = post(cohort, coordinator)
    assert "Another room" in shown()
    assert "La salle a changé" in client.get("/fr/my/pathway/").content.decode()
    assert "Another room" in client_for(other.person).get("/en/my/pathway/").content.decode()
    actions.change_announcement(row, by=coordinator, title={"en": "A third room"}, body={"en": "<p>x</p>"}, is_pinned=True)
    words = shown()
    assert ("A third room" in words, "Another room" in words, "On top" in words) == (True, False, True)
    actions.withdraw_announcement(row, by=coordinator, reason="Wrong day.")
    assert "A third room" not in shown()
    for number in range(5):
        AnnouncementFactory(cohort=cohort, title={"en": f"Number {number}"}, posted_at=timezone.now() - timedelta(hours=number))
    assert [one.read.title for one in client.get("/en/my/pathway/").context["announced"]] == ["Number 0", "Number 1", "Number 2"]


# --- erasure


def test_an_erased_author_leaves_the_text_to_the_team(cohort, participation, promoter, client_for):
    author = UserFactory(name="Ada Long", email="ada.long@example.org")
    row = post(cohort, author)
    people.erase_person(author, by=author)
    row.refresh_from_db()
    assert (row.posted_by, row.title["en"], row.versions.get().written_by) == (None, "Another room", None)
    page = client_for(promoter).get(f"/en/my/cohort/announcements/{row.pk}/").content.decode()
    assert ("Ada Long" in page, "Upstairs." in page) == (False, True)
