"""The notes of the meetings with a project: who writes, who reads, and how one is put right."""

from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.mentoring import notes_for
from cohorts.models import MeetingNote
from cohorts.permissions import can_correct_meeting_note, can_write_meeting_note
from tests.factories import cohorts as make
from tests.factories.mentoring import MeetingNoteFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

DAY = date(2026, 11, 2)


def write(participation, by, words="The premises are found.", visibility="project"):
    return actions.write_meeting_note(participation, by=by, met_on=DAY, words=words, visibility=visibility)


def correct(note, by, words, visibility="project"):
    return actions.correct_meeting_note(note, by=by, met_on=DAY, words=words, visibility=visibility)


def read(person, project):
    return [(one.note.words, [before.words for before in one.earlier]) for one in notes_for(person, project)]


@pytest.fixture
def declared(project, cohort):
    """Says of a person that they declared an interest in the project."""

    def declare(person):
        application = project.applications.first() or make.SubmittedApplicationFactory(project=project, cohort=cohort)
        make.ConflictDeclarationFactory(application=application, person=person)

    return declare


# Writing


def test_a_shared_note_is_told_to_who_speaks_for_the_project(participation, trainer, promoter):
    viewer = make.ProjectMemberFactory(project=participation.project, role="viewer").person
    note = write(participation, trainer)
    assert (note.met_on, note.author, note.words, note.visibility, note.corrects) == (
        DAY,
        trainer,
        "The premises are found.",
        "project",
        None,
    )
    assert list(Message.objects.values_list("to", "cause")) == [(promoter.pk, f"meeting-note:{note.pk}")]
    assert list(MeetingNote.objects.shared_with(viewer)) == [note]


def test_a_note_of_the_team_is_told_to_nobody(participation, trainer, promoter):
    write(participation, trainer, visibility="team")
    assert Message.objects.count() == 0
    assert list(MeetingNote.objects.for_user(promoter)) == []


def test_an_empty_note_and_one_of_tomorrow_are_refused_in_words(participation, trainer):
    with pytest.raises(RuleViolation, match="what was said and agreed"):
        write(participation, trainer, words="  ")
    with pytest.raises(RuleViolation, match="still to come"):
        actions.write_meeting_note(
            participation, by=trainer, met_on=timezone.localdate() + timedelta(days=2), words="Soon.", visibility="team"
        )


@pytest.mark.parametrize(("zone", "is_kept"), [("Asia/Kathmandu", True), ("Europe/Brussels", False), ("America/Sao_Paulo", False)])
def test_today_is_the_day_of_who_writes(zone, is_kept, participation, trainer, monkeypatch):
    """At 20:00 UTC it is tomorrow in Kathmandu, and today elsewhere."""
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 2, 20, tzinfo=UTC))
    trainer.time_zone = zone
    with nullcontext() if is_kept else pytest.raises(RuleViolation, match="still to come"):
        actions.write_meeting_note(participation, by=trainer, met_on=date(2026, 11, 3), words="Now.", visibility="team")
    assert MeetingNote.objects.exists() is is_kept


# Correcting


def test_a_correction_takes_the_place_of_the_note(participation, trainer, promoter):
    first = write(participation, trainer, "Rent: 400.")
    second = correct(first, trainer, "Rent: 500.")
    third = correct(second, trainer, "Rent: 450.")
    assert read(trainer, participation.project) == [("Rent: 450.", ["Rent: 500.", "Rent: 400."])]
    assert list(MeetingNote.objects.shared_with(promoter)) == [third]
    assert list(Message.objects.order_by("created_at").values_list("to", flat=True)) == [promoter.pk] * 3


def test_what_was_shared_by_mistake_is_no_longer_read(participation, trainer, promoter):
    note = write(participation, trainer, "I doubt their figures.")
    correct(note, trainer, "I doubt their figures.", visibility="team")
    assert list(MeetingNote.objects.for_user(promoter)) == []
    assert read(trainer, participation.project) == [("I doubt their figures.", ["I doubt their figures."])]


def test_two_corrections_of_one_note_are_one_and_a_refusal(participation, trainer):
    note = write(participation, trainer)
    correct(note, trainer, "First.")
    with pytest.raises(RuleViolation) as refused:
        correct(note, trainer, "Second.")
    assert refused.value.code == "changed"


def test_a_correction_that_changes_nothing_is_refused(participation, trainer):
    note = write(participation, trainer)
    with pytest.raises(RuleViolation) as refused:
        correct(note, trainer, note.words + " ")
    assert refused.value.code == "same"


# Who may


def test_who_writes_and_who_corrects(participation, trainer, coordinator, reviewer, promoter, other_promoter):
    note = write(participation, trainer)
    team = [trainer, coordinator, reviewer, promoter, other_promoter]
    assert [can_write_meeting_note(person, participation) for person in team] == [True, True, False, False, False]
    assert [can_correct_meeting_note(person, note) for person in team] == [True, True, False, False, False]
    theirs = write(participation, coordinator)
    assert not can_correct_meeting_note(trainer, theirs)


def test_somebody_with_an_interest_reads_nothing_of_the_team(participation, trainer, coordinator, declared):
    write(participation, trainer, "Between us.", visibility="team")
    write(participation, trainer, "For all.")
    declared(coordinator)
    assert not can_write_meeting_note(coordinator, participation)
    assert list(MeetingNote.objects.for_user(coordinator)) == []


def test_a_mentor_with_an_interest_writes_and_reads_what_is_shared(participation, trainer, coordinator, declared):
    declared(trainer)
    make.MentorAssignmentFactory(project=participation.project, mentor=trainer)
    write(participation, coordinator, "Between us.", visibility="team")
    write(participation, coordinator, "For all.")
    write(participation, trainer, "Mine.", visibility="team")
    assert can_write_meeting_note(trainer, participation)
    assert {note.words for note in MeetingNote.objects.for_user(trainer)} == {"For all.", "Mine."}


def test_staff_who_are_members_of_the_project_read_as_members(participation, trainer, coordinator):
    make.ProjectMemberFactory(project=participation.project, person=trainer, role="member")
    write(participation, coordinator, "Between us.", visibility="team")
    shared = write(participation, coordinator, "For all.")
    assert not can_write_meeting_note(trainer, participation)
    assert list(MeetingNote.objects.for_user(trainer)) == [shared]


def test_another_project_of_the_cohort_and_a_stranger_read_nothing(participation, crowd, trainer, other_promoter, reviewer):
    write(participation, trainer)
    [peer] = crowd(1)
    for person in (peer.person, other_promoter, reviewer):
        assert list(MeetingNote.objects.for_user(person)) == []
        assert list(MeetingNote.objects.shared_with(person)) == []


def test_the_notes_go_with_a_project_that_moves(participation, trainer, coordinator, promoter):
    note = write(participation, trainer)
    make.ParticipationFactory(project=participation.project)
    assert list(MeetingNote.objects.shared_with(promoter).of_project(participation.project)) == [note]


# The pages


def test_the_team_writes_and_corrects_in_the_cms(client_for, participation, trainer):
    client, page = client_for(trainer), reverse("cohorts_cms_notes", args=[participation.pk])
    assert page in client.get(reverse("cohorts_cms_participation", args=[participation.pk])).content.decode()
    assert client.get(page).context["notes"] == []
    refused = client.post(page, {"met_on": "2026-11-02", "words": "", "visibility": "team"})
    assert (refused.status_code, MeetingNote.objects.count()) == (200, 0)
    assert client.post(page, {"met_on": "2026-11-02", "words": "Kept.", "visibility": "team"}).url == page
    note = MeetingNote.objects.get()
    one = reverse("cohorts_cms_note", args=[participation.pk, note.pk])
    assert client.get(one).context["form"].initial == {"met_on": DAY, "words": "Kept.", "visibility": "team"}
    assert client.post(one, {"met_on": "2026-11-02", "words": "Better.", "visibility": "team"}).url == page
    again = client.post(one, {"met_on": "2026-11-02", "words": "Third.", "visibility": "team"})
    assert len(again.context["form"].non_field_errors()) == 1
    assert MeetingNote.objects.count() == 2
    assert [entry.action for entry in client.get(reverse("cohorts_cms_participation", args=[participation.pk])).context["history"]] == [
        "cohorts.correct_meeting_note",
        "cohorts.write_meeting_note",
    ]


def test_a_note_of_another_project_is_not_there(client_for, participation, trainer, crowd):
    crowd(1)
    note = MeetingNoteFactory(author=trainer)
    assert client_for(trainer).get(reverse("cohorts_cms_note", args=[participation.pk, note.pk])).status_code == 404


@pytest.mark.usefixtures("strict_templates")
def test_my_mentor_says_who_and_what_was_noted(client_for, participation, trainer, promoter):
    make.MentorAssignmentFactory(project=participation.project, mentor=trainer)
    write(participation, trainer, "Rent: 400.")
    write(participation, trainer, "Between us.", visibility="team")
    client = client_for(promoter)
    assert reverse("cohorts_my_mentor") in client.get(reverse("cohorts_my_pathway")).content.decode()
    page = client.get(reverse("cohorts_my_mentor")).content.decode()
    assert f"mailto:{trainer.email}" in page
    assert "Rent: 400." in page
    assert "Between us." not in page


@pytest.mark.usefixtures("strict_templates")
def test_my_mentor_without_a_project_and_without_a_mentor(client_for, participation, promoter, other_promoter, coordinator):
    assert reverse("cohorts_apply") in client_for(other_promoter).get(reverse("cohorts_my_mentor")).content.decode()
    assert f"mailto:{coordinator.email}" in client_for(promoter).get(reverse("cohorts_my_mentor")).content.decode()
    address = f"{reverse('cohorts_my_mentor')}?project={participation.project_id}"
    assert client_for(other_promoter).get(address).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_my_mentor_costs_the_same_for_one_note_and_three(number, client_for, participation, trainer, promoter, django_assert_num_queries):
    make.MentorAssignmentFactory(project=participation.project, mentor=trainer)
    for n in range(number):
        write(participation, trainer, f"Note {n}.")
    client = client_for(promoter)
    client.get(reverse("cohorts_my_mentor"))
    with django_assert_num_queries(9):
        client.get(reverse("cohorts_my_mentor"))
