"""The dossier becomes the draft of a monograph: word for word, once, in its language, published by nobody but a trainer."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import Locale, ModelLogEntry, Page

from academy.models import Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import Application, Dossier, Participation, Project
from tests.factories import cohorts as make
from tests.factories.network import DirectoryEntryFactory
from tests.factories.wiki import MonographPageFactory, WikiSectionFactory
from wiki.models import MonographPage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

HISTORY = "Begun in 2019 <by> forty & one.\r\nOne line further.\r\n\r\nA second paragraph."


def shelf_in(language, title):
    locale = Locale.objects.get_or_create(language_code=language)[0]
    home = Page.objects.filter(depth=2, locale=locale).first() or Page.objects.filter(depth=2).first()
    return WikiSectionFactory(parent=home, title=title, slug=title.lower(), locale=locale)


@pytest.fixture
def shelf():
    return shelf_in("fr", "Monographies")


@pytest.fixture
def ready(participation):
    """Ready to graduate, with two chapters, in French."""
    Participation.objects.filter(pk=participation.pk).update(state="eligible", eligible_at=participation.activated_at)
    Dossier.objects.update_or_create(project=participation.project, defaults={"history": HISTORY, "stakes": "  To open in Lyon. "})
    Project.objects.filter(pk=participation.project_id).update(name="Coopérative du Nord", country="FR", summary="We make <bread>.")
    return Participation.objects.get(pk=participation.pk)


def code_of(participation, **said):
    with pytest.raises(RuleViolation) as refusal:
        actions.draft_monograph(participation, **said)
    return refusal.value.code


def address(participation, verb=""):
    return reverse(f"cohorts_cms_graduation{'_verb' if verb else ''}", args=[participation.pk, *([verb] if verb else [])])


def test_the_draft_is_the_dossier_word_for_word_under_its_headings(ready, shelf, coordinator):
    page = actions.draft_monograph(ready, by=coordinator, section=shelf)
    page = MonographPage.objects.get(pk=page.pk)
    assert (page.title, page.kind, page.organisation, page.country) == ("Coopérative du Nord", "project", "Coopérative du Nord", "FR")
    assert (page.live, page.owner, page.locale.language_code, page.summary) == (False, coordinator, "fr", "We make <bread>.")
    written = {key: [block.value.source for block in getattr(page, key)] for key in Dossier.KEYS if getattr(page, key)}
    assert written == {
        "history": ["<p>Begun in 2019 &lt;by&gt; forty &amp; one.<br/>One line further.</p><p>A second paragraph.</p>"],
        "stakes": ["<p>To open in Lyon.</p>"],
    }
    revision = page.get_latest_revision()
    assert (revision.user, revision.as_object().history[0].value.source) == (coordinator, written["history"][0])
    assert Project.objects.get(pk=ready.project_id).monograph == page
    line = ModelLogEntry.objects.for_instance(ready).get(action="cohorts.draft_monograph")
    assert (line.user, line.data) == (coordinator, {"page": page.pk, "headings": 2})


def test_the_project_is_told_once(ready, shelf, coordinator, promoter):
    page = actions.draft_monograph(ready, by=coordinator, section=shelf)
    assert [row.to for row in Message.objects.filter(cause=f"monograph:{page.translation_key}")] == [promoter]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("invited", "wrong_state"),
        ("active", "wrong_state"),
        ("paused", "wrong_state"),
        ("withdrawn", "wrong_state"),
        ("dismissed", "wrong_state"),
        ("eligible", None),
        ("graduated", None),
        ("alumnus", None),
        ("revoked", "wrong_state"),
    ],
)
def test_only_who_is_ready_or_has_graduated(ready, shelf, coordinator, state, code):
    ended = {"ended_at": ready.activated_at, "ended_by": coordinator} if state in ("withdrawn", "dismissed", "revoked") else {}
    since = None if state in ("invited", "active", "paused") else ready.eligible_at
    Participation.objects.filter(pk=ready.pk).update(state=state, graduated_at=ready.activated_at, eligible_at=since, **ended)
    if code:
        assert code_of(ready, by=coordinator, section=shelf) == code
        assert not MonographPage.objects.exists()
    else:
        assert actions.draft_monograph(ready, by=coordinator, section=shelf).pk


def test_an_empty_dossier_makes_none(ready, shelf, coordinator):
    Dossier.objects.filter(project=ready.project).update(history=" ", stakes="")
    assert code_of(ready, by=coordinator, section=shelf) == "empty"
    Dossier.objects.all().delete()
    assert code_of(Participation.objects.get(pk=ready.pk), by=coordinator, section=shelf) == "empty"


def test_nothing_is_ever_written_over(ready, shelf, coordinator):
    page = actions.draft_monograph(ready, by=coordinator, section=shelf)
    before = page.latest_revision_id
    assert code_of(Participation.objects.get(pk=ready.pk), by=coordinator, section=shelf) == "exists"
    assert (MonographPage.objects.count(), MonographPage.objects.get().latest_revision_id) == (1, before)
    page.delete()
    assert Project.objects.get(pk=ready.project_id).monograph is None
    assert actions.draft_monograph(Participation.objects.get(pk=ready.pk), by=coordinator, section=shelf).pk


def test_one_that_was_written_by_hand_is_opened_instead(ready, shelf, coordinator, client_for):
    other = MonographPageFactory(parent=shelf, kind="project", organisation="coopérative du nord", slug="cdn", title="CDN")
    assert code_of(ready, by=coordinator, section=shelf) == "exists"
    page = client_for(coordinator).get(address(ready))
    assert (page.context["monograph"], [one.verb.name for one in page.context["verbs"]].count("monograph")) == (other, 0)
    assert reverse("wagtailadmin_pages:edit", args=[other.pk]) in page.content.decode()


def test_two_projects_have_no_page_in_common(ready, shelf, coordinator):
    page = actions.draft_monograph(ready, by=coordinator, section=shelf)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.ProjectFactory(monograph=page)


def test_it_stands_in_the_language_in_which_it_is_written(ready, shelf, coordinator, client_for):
    english = shelf_in("en", "Monographs")
    application = make.SubmittedApplicationFactory(project=ready.project, language="en")
    Participation.objects.filter(pk=ready.pk).update(application=application)
    row = Participation.objects.get(pk=ready.pk)
    assert code_of(row, by=coordinator, section=shelf) == "language"
    verbs = client_for(coordinator).get(address(row)).context["verbs"]
    offered = next(one.form for one in verbs if one.verb.name == "monograph").fields["section"].queryset
    assert (english in offered, shelf in offered) == (True, False)
    assert actions.draft_monograph(row, by=coordinator, section=english).locale.language_code == "en"
    assert Application.objects.get(pk=application.pk).language == "en"


def test_who_drafts(ready, shelf, coordinator, trainer, reviewer, promoter, client_for):
    """Coordinators and trainers; it is shown first what the project will be told."""
    typed = {"monograph-section": shelf.pk}
    for person in (reviewer, promoter):
        assert client_for(person).post(address(ready, "monograph"), typed).status_code in (302, 404)
        assert not MonographPage.objects.exists()
    first = client_for(trainer).post(address(ready, "monograph"), typed)
    assert (first.status_code, MonographPage.objects.exists()) == (200, False)
    done = client_for(trainer).post(address(ready, "monograph"), typed | {"letters": first.context["stamp"]})
    assert (done.status_code, MonographPage.objects.get().owner) == (302, trainer)


def test_a_trainer_with_an_interest_does_not(ready, shelf, trainer, client_for):
    make.ConflictDeclarationFactory(application=make.SubmittedApplicationFactory(project=ready.project), person=trainer)
    assert client_for(trainer).post(address(ready, "monograph"), {"monograph-section": shelf.pk}).status_code == 404


def test_both_pages_lead_to_each_other(ready, shelf, coordinator, client_for):
    page = actions.draft_monograph(ready, by=coordinator, section=shelf)
    client = client_for(coordinator)
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert edit in client.get(address(ready)).content.decode()
    assert address(ready) in client.get(edit).content.decode()


def test_the_directory_leads_to_it_once_it_is_published(ready, shelf, coordinator, client):
    page = actions.draft_monograph(ready, by=coordinator, section=shelf)
    Participation.objects.filter(pk=ready.pk).update(state="active", eligible_at=None)
    entry = reverse("cohorts_network_entry", args=[DirectoryEntryFactory(project=ready.project).pk])
    assert client.get(entry).context["monograph"] == ""
    page.get_latest_revision().publish()
    assert client.get(entry).context["monograph"] == MonographPage.objects.get().get_url()


def test_the_file_costs_the_same_whatever_sections_there_are(ready, shelf, coordinator, client_for):
    client, costs = client_for(coordinator), []
    for many in (1, 2):
        for number in range(many):
            MonographPageFactory(parent=shelf, kind="country", slug=f"m{many}{number}", title="Land")
            shelf_in("fr", f"Shelf{many}{number}")
        client.get(address(ready))
        with CaptureQueriesContext(connection) as queries:
            client.get(address(ready))
        costs.append(len(queries))
    assert costs[0] == costs[1]
