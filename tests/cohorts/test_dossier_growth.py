"""The dossier after admission: who writes it, every wording with who and when, and what is different since the last review."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from academy import actions as people
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.changes import NEW, OLD
from cohorts.dossier_growth import growth_of, wordings_of
from cohorts.merging import Choice, mark_of
from cohorts.models import Dossier, DossierVersion
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "strict_templates")]


def at(name, *args):
    return reverse(name, args=args)


@pytest.fixture
def dossier(project):
    row, _new = Dossier.objects.update_or_create(project=project, defaults={**dict.fromkeys(Dossier.KEYS, ""), "publics": "Forty workers."})
    return row


def write(project, by, **answers):
    """As a page that starts from what stands there."""
    kept = Dossier.objects.filter(project=project).first() or Dossier(project=project)
    since = {name: mark_of(getattr(kept, name)) for name in answers}
    return actions.merge_dossier(project, by=by, answers=answers, since=since)


def kept(project, heading="publics"):
    rows = DossierVersion.objects.filter(dossier__project=project, heading=heading).order_by("written_at", "pk")
    return [(row.words, row.written_by) for row in rows]


def earlier(minutes):
    """As if everything that is kept had been written so many minutes before."""
    by = timedelta(minutes=minutes)
    for row in DossierVersion.objects.all():
        DossierVersion.objects.filter(pk=row.pk).update(begun_at=row.begun_at - by, written_at=row.written_at - by)


def review(participation, submitted, by, days_ago=0.0, moment="midway"):
    moment_of = timezone.now() - timedelta(days=days_ago)
    at_entry = {"application": None}
    if moment == "entry":
        done = {"state": "submitted", "answered_at": moment_of, "submitted_at": moment_of}
        asked = make.ReviewAssignmentFactory(application=submitted, reviewer=by, **done)
        at_entry = {"application": submitted, "assignment": asked}
    return make.AssessmentFactory(
        project=participation.project,
        cohort=participation.cohort,
        **at_entry,
        kind="reviewer",
        moment=moment,
        assessor=by,
        state="submitted",
        submitted_at=moment_of,
        submitted_by=by,
    )


# --- writing


def test_the_first_change_keeps_what_stood_there(participation, dossier, project, promoter):
    write(project, promoter, publics="Sixty workers.")
    dossier.refresh_from_db()
    assert dossier.publics == "Sixty workers."
    assert kept(project) == [("Forty workers.", None), ("Sixty workers.", promoter)]
    line = ModelLogEntry.objects.get(action="cohorts.write_heading")
    assert (line.object_id, line.data) == (str(project.pk), {"heading": "publics"})


def test_one_sitting_is_one_version_and_another_person_or_a_pause_makes_another(participation, dossier, project, promoter):
    other = make.ProjectMemberFactory(project=project, role="member").person
    for words in ("Sixty.", "Sixty, we counted.", "Sixty, we counted twice."):
        write(project, promoter, publics=words)
    assert kept(project)[1:] == [("Sixty, we counted twice.", promoter)]
    write(project, other, publics="Sixty-one.")
    earlier(31)
    write(project, other, publics="Sixty-two.")
    assert kept(project)[1:] == [("Sixty, we counted twice.", promoter), ("Sixty-one.", other), ("Sixty-two.", other)]


def test_a_review_in_between_begins_another_version(participation, submitted, dossier, project, promoter, coordinator):
    write(project, promoter, publics="Sixty.")
    review(participation, submitted, coordinator)
    write(project, promoter, publics="Seventy.")
    assert [words for words, _by in kept(project)] == ["Forty workers.", "Sixty.", "Seventy."]


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(participation, dossier, project, promoter):
    started = {"publics": mark_of("Forty workers.")}
    write(project, promoter, publics="Sixty.")
    found = actions.merge_dossier(project, by=promoter, answers={"publics": "Seventy."}, since=started)
    assert (found.both, Dossier.objects.get().publics) == ({"publics": "Sixty."}, "Sixty.")
    choice = {"publics": Choice("mine", mark_of("Sixty."))}
    actions.merge_dossier(project, by=promoter, answers={"publics": "Seventy."}, since=started, choices=choice)
    assert Dossier.objects.get().publics == "Seventy."


@pytest.mark.parametrize("state", ["withdrawn", "dismissed", "transferred"])
def test_who_takes_part_no_more_writes_no_more(participation, dossier, project, promoter, coordinator, client_for, state):
    type(participation).objects.update(state=state, ended_at=timezone.now(), ended_by=coordinator)
    with pytest.raises(RuleViolation) as refusal:
        write(project, promoter, publics="Sixty.")
    assert refusal.value.code == "closed"
    page = client_for(promoter).get(at("cohorts_dossier", project.pk))
    assert "texts" in page.context


def test_nothing_is_kept_of_who_only_applies(draft, promoter):
    actions.save_draft(draft, by=promoter, answers={"publics": "Forty."})
    actions.save_draft(draft, by=promoter, answers={"publics": "Fifty."})
    assert not DossierVersion.objects.exists()


def test_another_application_of_who_takes_part_is_kept_too(participation, dossier, project, promoter):
    again = make.ApplicationFactory(project=project, cohort=make.open_now(make.CohortFactory()))
    Dossier.objects.update(publics="Forty workers.")
    again = type(again).objects.get(pk=again.pk)
    actions.save_draft(again, by=promoter, answers={"publics": "Fifty."})
    assert kept(project) == [("Forty workers.", None), ("Fifty.", promoter)]


@pytest.mark.parametrize("wrong", [{"heading": "summary"}, {"begun_at": timezone.now() + timedelta(days=1)}])
def test_the_database_refuses(dossier, wrong):
    row = {"dossier": dossier, "heading": "team", "begun_at": timezone.now(), "written_at": timezone.now(), **wrong}
    with pytest.raises(IntegrityError), transaction.atomic():
        DossierVersion.objects.create(**row)


def test_an_erased_person_leaves_the_words_of_the_project(participation, dossier, project):
    author = UserFactory(name="Ada Long", email="ada.long@example.org")
    make.ProjectMemberFactory(project=project, person=author, role="member")
    write(project, author, publics="Sixty.")
    people.erase_person(author, by=author)
    assert kept(project)[-1] == ("Sixty.", None)


# --- the page of the project


def test_the_page_saves_with_and_without_a_script(participation, dossier, project, promoter, client_for):
    client, page = client_for(promoter), at("cohorts_dossier", project.pk)
    form = client.get(page).context["form"]
    assert list(form.fields) == list(Dossier.KEYS)
    data = {"publics": "Sixty.", "from_publics": mark_of("Forty workers.")}
    answer = client.post(page, data, headers={"Accept": "application/json"})
    assert (answer.json()["marks"]["publics"], answer.json()["errors"]) == (mark_of("Sixty."), {})
    assert client.post(page, {"team": "Two.", "from_team": mark_of("")}).status_code == 302
    row = Dossier.objects.get()
    assert (row.publics, row.team, row.history) == ("Sixty.", "Two.", "")
    both = client.post(page, {"publics": "Ninety.", "from_publics": mark_of("Forty workers.")})
    assert (both.status_code, Dossier.objects.get().publics) == (200, "Sixty.")
    assert client.get(page).context["with_history"] == {"publics", "team"}


def test_a_viewer_reads_and_a_stranger_does_not(participation, dossier, project, client_for, crowd):
    viewer = make.ProjectMemberFactory(project=project, role="viewer").person
    client, page = client_for(viewer), at("cohorts_dossier", project.pk)
    assert [str(words) for _heading, words in client.get(page).context["texts"] if words] == ["Forty workers."]
    assert client.post(page, {"publics": "x"}).status_code == 404
    (peer,) = crowd(1)
    assert client_for(peer.person).get(page).status_code == 404


def test_history_names_who_and_shows_what_each_changed(participation, dossier, project, promoter, client_for):
    write(project, promoter, publics="Sixty workers.")
    context = client_for(promoter).get(at("cohorts_heading_history", project.pk, "publics")).context
    assert [(one.version.words, one.version.written_by) for one in context["wordings"]] == [
        ("Sixty workers.", promoter),
        ("Forty workers.", None),
    ]
    pieces = context["wordings"][0].pieces
    assert [(piece.kind, piece.words.strip()) for piece in pieces if piece.kind in (OLD, NEW)] == [(OLD, "Forty"), (NEW, "Sixty")]
    assert wordings_of(dossier, "team") == []
    assert client_for(promoter).get(at("cohorts_heading_history", project.pk, "summary")).status_code == 404


def test_who_reads_the_history(participation, dossier, project, submitted, promoter, trainer, coordinator, reviewer, crowd, client_for):
    (peer,) = crowd(1)
    mentor, applies = UserFactory(), make.SubmittedApplicationFactory()
    make.MentorAssignmentFactory(project=project, mentor=mentor)
    page = at("cohorts_heading_history", project.pk, "publics")
    cast = (promoter, coordinator, mentor, trainer, reviewer, peer.person)
    assert [client_for(one).get(page).status_code for one in cast] == [200, 200, 200, 404, 404, 404]
    make.ConflictDeclarationFactory(application=submitted, person=coordinator)
    assert client_for(coordinator).get(page).status_code == 404
    assert client_for(coordinator).get(at("cohorts_heading_history", applies.project_id, "publics")).status_code == 404


# --- since the last review


def growth(participation):
    return growth_of(type(participation).objects.get(pk=participation.pk))


def words_of(growth):
    return {
        change.section: [(piece.kind, piece.words.strip()) for piece in change.pieces if piece.kind in (OLD, NEW)]
        for change in growth.changed
    }


def test_without_a_review_since_what_was_sent(cohort, submitted, dossier, project, promoter):
    snapshot = make.ApplicationSnapshotFactory(
        application=submitted,
        content={"project": {}, "dossier": {"publics": "Thirty workers."}},
        submitted_at=timezone.now() - timedelta(days=9),
    )
    participation = make.ParticipationFactory(project=project, cohort=cohort, application=submitted)
    assert words_of(growth(participation)) == {"Publics served": [(OLD, "Thirty"), (NEW, "Forty")]}
    assert growth(participation).at == snapshot.submitted_at


def test_since_the_last_review_only(participation, dossier, project, submitted, promoter, coordinator):
    write(project, promoter, publics="Fifty workers.")
    earlier(60 * 24 * 3)
    review(participation, submitted, coordinator, days_ago=2)
    assert words_of(growth(participation)) == {}
    write(project, promoter, publics="Sixty workers.", team="Two.")
    assert words_of(growth(participation)) == {
        "Publics served": [(OLD, "Fifty"), (NEW, "Sixty")],
        "People and team": [(NEW, "Two.")],
    }
    review(participation, submitted, coordinator, moment="graduation")
    assert words_of(growth(participation)) == {}


def test_since_the_entry_review_it_is_the_version_that_was_read(cohort, submitted, dossier, project, promoter, coordinator):
    then = timezone.now() - timedelta(days=20)
    snapshot = make.ApplicationSnapshotFactory(
        application=submitted, content={"project": {}, "dossier": {"publics": "Twenty workers."}}, submitted_at=then
    )
    participation = make.ParticipationFactory(project=project, cohort=cohort, application=submitted)
    row = review(participation, submitted, coordinator, 10, "entry")
    type(row).objects.filter(pk=row.pk).update(version_read=snapshot)
    assert words_of(growth(participation)) == {"Publics served": [(OLD, "Twenty"), (NEW, "Forty")]}
