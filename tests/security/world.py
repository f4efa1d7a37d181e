"""One small world in which every address has something to show: a project that asks, takes part and travels."""

import uuid
from types import SimpleNamespace

from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from academy.models import AcademyDocument
from tests.factories import cohorts as make
from tests.factories import courses as learn
from tests.factories.wiki import ImportSourceFactory, WikiPageFactory, WikiSectionFactory


def build(people: dict) -> SimpleNamespace:
    """The promoter leads the project; the reviewer has accepted to review it; the conflicted one has declared an interest."""
    w = SimpleNamespace(**people, nothing=uuid.uuid4(), verb="nothing", word="entry", part="part-x", one=1)
    pathway = make.PathwayFactory()
    w.requirement = make.RequirementFactory(stage=make.StageFactory(pathway=pathway))
    w.cohort = make.open_now(make.CohortFactory(pathway=pathway, coordinator=w.coordinator))
    w.project = make.ProjectFactory(name="Hidden venture")
    make.ProjectMemberFactory(project=w.project, person=w.promoter)
    w.application = make.SubmittedApplicationFactory(project=w.project, cohort=w.cohort, submitted_by=w.promoter)
    w.assignment = make.ReviewAssignmentFactory(
        application=w.application, reviewer=w.reviewer, state="accepted", answered_at=timezone.now()
    )
    w.assessment = make.AssessmentFactory(application=w.application, assessor=w.promoter)
    w.participation = make.ParticipationFactory(project=w.project, cohort=w.cohort)
    w.session = make.SessionFactory(cohorts=[w.cohort])
    w.registration = make.RegistrationFactory(session=w.session, person=w.promoter, project=w.project)
    w.typology = make.TypologyFactory()
    w.determination = make.DeterminationFactory(application=w.application, decided_by=w.coordinator)
    w.certificate = learn.CertificateFactory(holder=w.promoter)
    w.source = ImportSourceFactory(locale=learn.home_page("fr").locale)
    w.record = learn.ActivityRecordFactory(user=w.promoter)
    _pages(w)
    return w


def _pages(w: SimpleNamespace) -> None:
    home = learn.home_page("fr")
    w.section = WikiSectionFactory(parent=home, locale=home.locale, slug="private-section", title="Members’ section")
    w.page = WikiPageFactory(parent=w.section, locale=home.locale, slug="private-page", title="Zanzibar members")
    PageViewRestriction.objects.create(page=w.section, restriction_type="login")
    w.draft = WikiPageFactory(parent=home, locale=home.locale, slug="draft-page", title="Draft page", live=False)
    collection = Collection.get_first_root_node().add_child(name="Members")
    CollectionViewRestriction.objects.create(collection=collection, restriction_type="login")
    w.document = AcademyDocument.objects.create(
        title="Zanzibar file", collection=collection, file=ContentFile(b"secret", name="secret.txt")
    )
