"""Inside a cohort: what a project shows of its dossier, who reads it, what is said about it and by whom."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy import actions as people
from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.cohort_space import shared_texts, threads_of, who_is_here
from cohorts.digest import digest_of
from cohorts.models import CohortComment, CommentReport, Dossier
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.announcements import AnnouncementFactory
from tests.factories.cohort_space import CohortCommentFactory, CommentReportFactory, SharedHeadingFactory
from tests.factories.network import DirectoryEntryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "strict_templates")]


def at(name, *args):
    return reverse(name, args=args)


def say(subject, by, words="How did you count them?", **other):
    return actions.post_comment(subject, by=by, words=words, key=other.pop("key", None) or uuid4(), **other)


@pytest.fixture
def dossier(project):
    dossier, _new = Dossier.objects.update_or_create(project=project, defaults={"publics": "Forty workers.", "team": "Two of us."})
    return dossier


@pytest.fixture
def shared(participation, dossier):
    SharedHeadingFactory(participation=participation, heading="publics")
    return participation


@pytest.fixture
def peer(crowd):
    return crowd(1)[0]


@pytest.fixture
def mentor(participation):
    person = UserFactory(name="Mia Mentor")
    make.MentorAssignmentFactory(project=participation.project, mentor=person)
    return person


# --- what is shown


def test_nothing_is_shown_unless_the_lead_chooses_it(participation, dossier, promoter, peer, client_for):
    page = client_for(peer.person).get(at("cohorts_shared_dossier", participation.pk))
    assert (page.context["texts"], b"Forty workers." in page.content) == ([], False)
    kept = actions.share_headings(participation, by=promoter, headings=["team", "publics"])
    assert kept == ["publics", "team"]
    assert [(one.heading.key, one.words) for one in shared_texts(participation, peer.person)] == [
        ("publics", "Forty workers."),
        ("team", "Two of us."),
    ]
    assert actions.share_headings(participation, by=promoter, headings=[]) == []
    assert shared_texts(participation, peer.person) == []
    lines = ModelLogEntry.objects.filter(action="cohorts.share_headings", object_id=str(participation.project_id))
    assert [line.data for line in lines.order_by("timestamp")] == [{"headings": ["publics", "team"]}, {"headings": []}]


def test_choosing_the_same_again_writes_nothing(shared, promoter):
    row = shared.shared_headings.get()
    actions.share_headings(shared, by=promoter, headings=["publics"])
    assert shared.shared_headings.get() == row
    assert not ModelLogEntry.objects.filter(action="cohorts.share_headings").exists()


def test_only_the_lead_chooses_its_people_see(shared, promoter, peer, mentor, client_for):
    viewer = make.ProjectMemberFactory(project=shared.project, role="member").person
    page = at("cohorts_sharing", shared.project_id)
    assert client_for(viewer).get(page).context["shown"] == [shared.shared_headings.get().get_heading_display()]
    assert client_for(viewer).post(page, {"headings": ["team"]}).status_code == 404
    assert [client_for(one).get(page).status_code for one in (peer.person, mentor)] == [404, 404]
    assert client_for(promoter).post(page, {"headings": ["team", "stakes"]}).status_code == 302
    assert set(shared.shared_headings.values_list("heading", flat=True)) == {"team", "stakes"}
    assert client_for(promoter).post(page, {"headings": ["summary"]}).context["form"].errors


def test_who_left_shows_nothing_and_chooses_nothing(shared, promoter, coordinator, peer, client_for):
    type(shared).objects.update_or_create(
        pk=shared.pk, defaults={"state": "withdrawn", "ended_at": timezone.now(), "ended_by": coordinator}
    )
    shared.refresh_from_db()
    assert client_for(peer.person).get(at("cohorts_shared_dossier", shared.pk)).status_code == 404
    assert client_for(promoter).get(at("cohorts_sharing", shared.project_id)).context["place"] is None
    with pytest.raises(RuleViolation):
        actions.share_headings(shared, by=promoter, headings=["team"])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda row: SharedHeadingFactory(participation=row, heading="publics"),
        lambda row: SharedHeadingFactory(participation=row, heading="summary"),
        lambda row: CohortCommentFactory(participation=row, heading=""),
        lambda row: CohortCommentFactory(participation=row, announcement=AnnouncementFactory(cohort=row.cohort)),
        lambda row: CohortCommentFactory(participation=row, words=""),
        lambda row: CohortCommentFactory(participation=row, deleted_at=timezone.now()),
        lambda row: CohortCommentFactory(participation=row, hidden_at=timezone.now(), hidden_reason="No."),
        lambda row: CohortCommentFactory(participation=row, hidden_reason="No."),
    ],
)
def test_the_database_refuses(shared, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        wrong(shared)


def test_nobody_is_named_here_for_a_project_that_they_have_left(cohort, shared, peer):
    gone = make.ProjectMemberFactory(project=shared.project, role="member")
    DirectoryEntryFactory(project=shared.project, contact=gone.person, shows_contact=True)

    def named():
        return {one.project: one.person for one in who_is_here(cohort, peer.person)}[shared.project]

    assert named() == gone.person.name
    actions.leave_project(gone, by=gone.person)
    assert named() == ""


def test_who_is_here_with_names_of_those_only_who_chose_it(cohort, shared, promoter, peer, reader, coordinator):
    DirectoryEntryFactory(project=shared.project, contact=promoter, shows_contact=True, audience="network")
    DirectoryEntryFactory(project=peer.project, contact=peer.person, shows_contact=False)
    CohortCommentFactory(participation=shared)
    found = {one.project: (one.shared, one.comments, one.person) for one in who_is_here(cohort, peer.person)}
    assert found == {shared.project: (1, 1, "Paula Promoter"), peer.project: (0, 0, "")}


# --- invariant 6: an outside juror with an interest


def test_a_juror_with_an_interest_sees_nothing_of_that_project(cohort, shared, submitted, peer, reader, coordinator, promoter, client_for):
    juror = reader("Judith")
    make.MentorAssignmentFactory(project=peer.project, mentor=juror)
    announcement = AnnouncementFactory(cohort=cohort)
    theirs = CohortCommentFactory(announcement=announcement, author=promoter, project=shared.project, words="Hear Qventure.")
    CohortCommentFactory(announcement=announcement, author=peer.person, project=peer.project, answers=theirs, words="Qanswer to it")
    client = client_for(juror)
    pages = [at("cohorts_space", cohort.pk), at("cohorts_announcement", announcement.pk), at("cohorts_shared_dossier", shared.pk)]
    told = [b"Coop\xc3\xa9rative du Nord" in client.get(page).content for page in pages]
    assert told == [True, True, True]
    make.ConflictDeclarationFactory(application=submitted, person=juror)
    answers = [client.get(page) for page in pages]
    assert [one.status_code for one in answers] == [200, 200, 404]
    assert [word in one.content for one in answers for word in (b"Coop\xc3\xa9rative du Nord", b"Qventure", b"Qanswer")] == [False] * 9
    assert client.get(at("cohorts_comment", theirs.pk)).status_code == 404
    make.ConflictDeclarationFactory(application=submitted, person=coordinator)
    assert client_for(coordinator).get(pages[2]).status_code == 200  # who works in the CMS knows who takes part


# --- what is said


def test_who_may_write_and_for_whom(cohort, shared, promoter, peer, mentor, coordinator, crowd):
    viewer = make.ProjectMemberFactory(project=peer.project, role="viewer").person
    invited = make.ProjectMemberFactory(
        project=make.ParticipationFactory(cohort=cohort, state="invited", activated_at=None, activated_by=None).project
    ).person
    stranger = UserFactory()
    for person, project in ((promoter, shared.project), (peer.person, peer.project), (mentor, None), (coordinator, None)):
        assert say(shared, person, heading="publics").project == project
    for person in (viewer, invited, stranger):
        with pytest.raises(RuleViolation) as refusal:
            say(shared, person, heading="publics")
        assert refusal.value.code == "closed"
    assert Message.objects.count() == 0


def test_the_same_form_sent_twice_is_one_comment(shared, peer, client_for):
    key = str(uuid4())
    client, page = client_for(peer.person), at("cohorts_shared_dossier", shared.pk)
    data = {"words": "How?", "key": key, "heading": "publics", "answers": ""}
    places = {client.post(page, data).url for _n in range(2)}
    row = CohortComment.objects.get()
    assert places == {f"{page}#c-{row.pk}"}


def test_an_answer_is_one_level_deep(shared, promoter, peer):
    first = say(shared, peer.person, heading="publics")
    answer = say(shared, promoter, "One by one.", heading="publics", answers=first)
    again = say(shared, peer.person, "I see.", heading="publics", answers=answer)
    assert (answer.answers, again.answers) == (first, first)
    (thread,) = threads_of(CohortComment.objects.for_user(promoter))
    assert (thread.comment, thread.replies) == (first, [answer, again])
    with pytest.raises(ValueError):
        say(AnnouncementFactory(cohort=shared.cohort), promoter, answers=first)


@pytest.mark.parametrize(("words", "code"), [("  ", "reason_wanted"), ("one " * 301, "long"), ("x" * 3001, "long")])
def test_words_are_limited_and_what_was_typed_is_kept(shared, peer, client_for, words, code):
    with pytest.raises(RuleViolation) as refusal:
        say(shared, peer.person, words, heading="publics")
    assert refusal.value.code == code
    data = {"words": words, "key": str(uuid4()), "heading": "publics", "answers": ""}
    page = client_for(peer.person).post(at("cohorts_shared_dossier", shared.pk), data)
    ((_one, talk),) = page.context["texts"]
    assert (page.status_code, talk.form["words"].value(), bool(talk.form.errors)) == (409, words, True)


def test_one_writes_so_much_in_an_hour(shared, peer):
    for _n in range(20):
        CohortCommentFactory(participation=shared, author=peer.person)
    with pytest.raises(RuleViolation) as refusal:
        say(shared, peer.person, heading="publics")
    assert refusal.value.code == "later"
    CohortComment.objects.update(posted_at=timezone.now() - timedelta(hours=2))
    assert say(shared, peer.person, heading="publics").pk


def test_words_are_plain_and_addresses_are_links(shared, peer, client_for):
    say(shared, peer.person, "<b>See</b> https://example.org/a?b=1 javascript:x", heading="publics")
    page = client_for(peer.person).get(at("cohorts_shared_dossier", shared.pk)).content.decode()
    assert "&lt;b&gt;See&lt;/b&gt;" in page
    assert '<a href="https://example.org/a?b=1" rel="nofollow">' in page
    assert 'href="javascript' not in page


def test_a_heading_that_is_shown_no_more_takes_its_comments_with_it(shared, promoter, peer, coordinator, client_for):
    row = say(shared, peer.person, heading="publics")
    actions.share_headings(shared, by=promoter, headings=["team"])
    for person in (promoter, peer.person, coordinator):
        assert not CohortComment.objects.for_user(person).exists()
        assert client_for(person).get(at("cohorts_comment", row.pk)).status_code == 404
    with pytest.raises(RuleViolation) as refusal:
        say(shared, peer.person, heading="publics")
    assert refusal.value.code == "withdrawn"
    actions.share_headings(shared, by=promoter, headings=["publics"])
    assert CohortComment.objects.for_user(peer.person).get() == row


def test_a_withdrawn_announcement_takes_its_comments_with_it(cohort, shared, peer, coordinator):
    announcement = actions.announce(cohort, by=coordinator, title={"en": "A"}, body={"en": "<p>b</p>"}, delivery="site")
    row = say(announcement, peer.person)
    actions.withdraw_announcement(announcement, by=coordinator, reason="Wrong.")
    assert row not in CohortComment.objects.for_user(peer.person)
    with pytest.raises(RuleViolation):
        say(announcement, peer.person)


def test_one_changes_ones_own_words_for_half_an_hour(shared, promoter, peer):
    row = say(shared, peer.person, heading="publics")
    actions.edit_comment(row, by=peer.person, words="How many?")
    assert (row.words, row.edited_at is not None) == ("How many?", True)
    with pytest.raises(RuleViolation) as refusal:
        actions.edit_comment(row, by=promoter, words="No.")
    assert refusal.value.code == "stranger"
    CohortComment.objects.update(posted_at=timezone.now() - timedelta(minutes=31))
    with pytest.raises(RuleViolation) as refusal:
        actions.edit_comment(row, by=peer.person, words="No.")
    assert refusal.value.code == "late"


def test_deleting_empties_it_and_keeps_the_place_of_answers(shared, promoter, peer, client_for):
    lonely, first = say(shared, peer.person, heading="publics"), say(shared, peer.person, heading="publics")
    answer = say(shared, promoter, "One by one.", heading="publics", answers=first)
    for row in (lonely, first):
        actions.delete_comment(row, by=peer.person)
    (thread,) = threads_of(CohortComment.objects.for_user(promoter))
    assert (thread.comment, thread.comment.words, thread.replies) == (first, "", [answer])
    with pytest.raises(RuleViolation) as refusal:
        say(shared, promoter, heading="publics", answers=first)
    assert refusal.value.code == "gone"
    assert client_for(promoter).get(at("cohorts_shared_dossier", shared.pk)).status_code == 200
    assert client_for(peer.person).get(at("cohorts_comment", first.pk)).status_code == 404


# --- reported, hidden


def test_reporting_tells_the_coordinator_who_decides(shared, promoter, peer, coordinator):
    row = say(shared, peer.person, heading="publics")
    with pytest.raises(RuleViolation) as refusal:
        actions.report_comment(row, by=peer.person, reason="Mine.")
    assert refusal.value.code == "oneself"
    actions.report_comment(row, by=promoter, reason="Rude.")
    with pytest.raises(RuleViolation) as refusal:
        actions.report_comment(row, by=promoter, reason="Rude.")
    assert refusal.value.code == "twice"
    letter = Message.objects.get()
    assert (letter.to, promoter.name in letter.body_text, "How did you count" in letter.body_text) == (coordinator, False, False)
    assert CohortComment.objects.reported().get() == row
    actions.keep_comment(row, by=coordinator)
    assert not CohortComment.objects.reported().exists()
    with pytest.raises(RuleViolation):
        actions.keep_comment(row, by=coordinator)


def test_hiding_says_why_and_can_be_taken_back(shared, promoter, peer, coordinator):
    row = say(shared, peer.person, heading="publics")
    answer = say(shared, promoter, "One by one.", heading="publics", answers=row)
    CommentReportFactory(comment=row)
    with pytest.raises(RuleViolation):
        actions.hide_comment(row, by=coordinator, reason="")
    actions.hide_comment(row, by=coordinator, reason="It names a client.")
    assert not CohortComment.objects.for_user(promoter).exists()
    assert set(CohortComment.objects.for_user(coordinator)) == {row, answer}
    assert not CommentReport.objects.filter(settled_at__isnull=True).exists()
    letter = Message.objects.get()
    assert (letter.to, "It names a client." in letter.body_text) == (peer.person, True)
    line = ModelLogEntry.objects.get(action="cohorts.hide_comment")
    assert line.data == {"comment": str(row.pk), "reason": "It names a client."}
    for verb in (lambda: actions.delete_comment(row, by=peer.person), lambda: actions.hide_comment(row, by=coordinator, reason="x")):
        with pytest.raises(RuleViolation) as refusal:
            verb()
        assert refusal.value.code == "gone"
    actions.keep_comment(row, by=coordinator)
    assert set(CohortComment.objects.for_user(promoter)) == {row, answer}


def test_each_finds_on_the_page_of_a_comment_what_they_may_do(shared, promoter, peer, coordinator, mentor, client_for):
    row = say(shared, peer.person, heading="publics")
    page = at("cohorts_comment", row.pk)

    def offered(person):
        context = client_for(person).get(page).context
        return [name for name in ("edit", "report", "hide", "may_keep") if context[name]]

    assert [offered(one) for one in (peer.person, promoter, mentor, coordinator)] == [["edit"], ["report"], ["report"], ["hide"]]
    act = {verb: at("cohorts_comment_act", row.pk, verb) for verb in ("edit", "delete", "report", "hide", "keep", "other")}
    assert [client_for(promoter).post(act[verb]).status_code for verb in ("edit", "delete", "hide", "keep", "other")] == [404] * 5
    refused = client_for(promoter).post(act["report"], {"reason": ""})
    assert (refused.status_code, bool(refused.context["report"].errors)) == (409, True)
    client_for(promoter).post(act["report"], {"reason": "Rude."})
    assert offered(promoter) == []
    assert offered(coordinator) == ["hide", "may_keep"]
    client_for(coordinator).post(act["hide"], {"reason": "It names a client."})
    assert client_for(promoter).get(page).status_code == 404
    assert offered(coordinator) == ["may_keep"]
    client_for(coordinator).post(act["keep"])
    client_for(peer.person).post(act["edit"], {"words": "How many?"})
    assert CohortComment.objects.get().words == "How many?"
    client_for(peer.person).post(act["delete"])
    assert CohortComment.objects.get().deleted_at is not None


# --- the weekly letter, erasure


def news(person):
    digest = digest_of(person)
    return [line.words for part in digest.parts for line in part.lines if part.title == "Spring cohort"] if digest else []


def test_the_weekly_letter_counts_answers_and_comments_not_ones_own(cohort, shared, promoter, peer, coordinator, mentor):
    first = say(shared, peer.person, heading="publics")
    say(shared, promoter, "One by one.", heading="publics", answers=first)
    say(shared, peer.person, "Thanks.", heading="publics", answers=first)
    assert news(peer.person) == ["1 answer to what you wrote"]
    assert news(promoter) == ["2 comments on what you show of your dossier"]
    assert news(mentor) == []
    CommentReportFactory(comment=first)
    assert news(coordinator) == ["1 reported comment waits for you"]
    CohortComment.objects.update(posted_at=timezone.now() - timedelta(days=20))
    assert news(peer.person) == []


def test_an_erased_person_leaves_no_words(shared, promoter, peer, coordinator):
    author = UserFactory(name="Ada Long", email="ada.long@example.org")
    make.ProjectMemberFactory(project=peer.project, person=author, role="member")
    row = say(shared, author, "I, Ada Long, ask.", heading="publics")
    answer = say(shared, promoter, "One by one.", heading="publics", answers=row)
    theirs = say(shared, peer.person, heading="publics")
    actions.report_comment(theirs, by=author, reason="Ada says so.")
    people.erase_person(author, by=author)
    row.refresh_from_db()
    assert (row.author, row.words, row.deleted_at is not None) == (None, "", True)
    assert [(one.reported_by, one.reason) for one in CommentReport.objects.all()] == [(None, "—")]
    threads = threads_of(CohortComment.objects.for_user(promoter))
    assert [(one.comment, one.replies) for one in threads] == [(row, [answer]), (theirs, [])]


# --- what it costs


@pytest.mark.parametrize("number", [1, 3])
def test_pages_cost_the_same_for_one_and_three(cohort, shared, promoter, crowd, client_for, number, django_assert_max_num_queries):
    announcement = AnnouncementFactory(cohort=cohort)
    for one, heading in zip(crowd(number), ["team", "stakes", "history"], strict=False):
        SharedHeadingFactory(participation=one.project.participations.get())
        SharedHeadingFactory(participation=shared, heading=heading)
        first = CohortCommentFactory(participation=shared, author=one.person, project=one.project)
        CohortCommentFactory(participation=shared, author=one.person, project=one.project, answers=first)
        CohortCommentFactory(announcement=announcement, author=one.person, project=one.project)
        DirectoryEntryFactory(project=one.project, contact=one.person, shows_contact=True)
    client = client_for(promoter)
    for page, most in (
        (at("cohorts_space", cohort.pk), 15),
        (at("cohorts_announcement", announcement.pk), 11),
        (at("cohorts_shared_dossier", shared.pk), 13),
    ):
        client.get(page)
        with django_assert_max_num_queries(most):
            client.get(page)
