"""One small world in which every address has something to show: a project that asks, takes part and travels.

What only some may read carries a word of SECRETS, so that a page can be asked what it tells (test_access_matrix).
"""

import uuid
from types import SimpleNamespace

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction, Site, Task, Workflow

from academy import signing
from academy.links.models import ShortLink
from academy.models import AcademyDocument, AcademyImage, SavedView
from cohorts.afterwards import look_of
from cohorts.invitation import frozen, hash_of
from cohorts.models import InvitationLetter, Registration
from tests.factories import cohorts as make
from tests.factories import courses as learn
from tests.factories.academy import MessageFactory, UserFactory
from tests.factories.afterwards import AfterwardsFactory
from tests.factories.announcements import AnnouncementFactory
from tests.factories.attention import AttentionItemFactory, AttentionRuleFactory
from tests.factories.cohort_space import CohortCommentFactory, SharedHeadingFactory
from tests.factories.forms import FormFileFactory, FormQuestionFactory, FormReplyFactory, FormSendingFactory
from tests.factories.indicators import IndicatorFactory, IndicatorYearFactory
from tests.factories.mentoring import MeetingNoteFactory, OfficeHourBookingFactory, OfficeHourFactory
from tests.factories.network import LOGO, DirectoryEntryFactory, NetworkMessageFactory
from tests.factories.partnerships import AgreementFactory
from tests.factories.peers import PeerFeedbackFactory, PeerOpeningFactory
from tests.factories.polls import PollFactory
from tests.factories.travel import FACTS, FundingSourceFactory, InvitationLetterFactory
from tests.factories.wiki import GlossaryTermFactory, ImportBatchFactory, ImportSourceFactory, WikiPageFactory, WikiSectionFactory, answered

# What stands in the answers of the application, in a review of it, in the decision on it, in a note of the team, on an unpublished page.
SECRETS = {"answers": "Qanswers", "review": "Qreview", "decision": "Qdecision", "meeting": "Qmeeting", "draft": "Qdraft"}
SECRETS |= {"announcement": "Qannouncement", "comment": "Qcomment", "passport": "Qpassport"}


def build(people: dict) -> SimpleNamespace:
    """The promoter leads the project; the reviewer has accepted to review it; the conflicted ones have declared an interest."""
    verbs = {"done": "done", "close": "close", "ineligible": "ineligible", "pause": "pause", "no_shows": "no-shows", "check_in": "check-in"}
    verbs |= {"discuss": "discuss", "eligible": "eligible", "complete": "complete", "excuse": "excuse", "revoke": "revoke"}
    verbs |= {"add_item": "add-item", "refuse": "refuse"}
    verbs |= {"complete": "complete", "excuse": "excuse", "revoke": "revoke", "delete": "delete"}
    w = SimpleNamespace(
        **people, **verbs, nothing=uuid.uuid4(), verb="nothing", word="entry", attendance="attendance", part="part-x", one=1
    )
    pathway = make.PathwayFactory()
    w.requirement = make.RequirementFactory(stage=make.StageFactory(pathway=pathway))
    w.form = make.RequirementFactory(stage=w.requirement.stage, kind="form")
    w.deliverable = make.RequirementFactory(stage=w.requirement.stage, kind="deliverable", activity_key=uuid.uuid4())
    question = FormQuestionFactory(requirement=w.form, kind="file")
    cohort = make.CohortFactory(pathway=pathway, coordinator=w.coordinator)
    w.level = make.LevelFactory(criterion__part__rubric=cohort.rubric)
    w.cohort = make.open_now(cohort)
    w.project = make.ProjectFactory(name="Hidden venture")
    make.ProjectMemberFactory(project=w.project, person=w.promoter)
    w.application = make.SubmittedApplicationFactory(
        project=w.project, cohort=w.cohort, submitted_by=w.promoter, dossier={"publics": f"{SECRETS['answers']} forty workers."}
    )
    snapshot = make.ApplicationSnapshotFactory(
        application=w.application, content={"project": {}, "dossier": {"publics": SECRETS["answers"]}}
    )
    w.attached, w.lead = make.ApplicationFileFactory(application=w.application, added_by=w.promoter), "lead"
    w.attached.snapshots.add(snapshot)
    w.invitation, w.role = make.ProjectInvitationFactory(project=w.project, invited_by=w.promoter), "role"
    w.assignment = make.ReviewAssignmentFactory(
        application=w.application, reviewer=w.reviewer, state="accepted", answered_at=timezone.now()
    )
    w.funnel_step = "sent"
    w.round, w.ask = w.assignment.round, "ask"
    w.assessment = make.AssessmentFactory(application=w.application, assessor=w.promoter)
    w.participation = make.ParticipationFactory(project=w.project, cohort=w.cohort)
    w.partnership = make.PartnershipFactory(
        determination=make.GraduationFactory(participation=w.participation, superseded_at=timezone.now())
    )
    w.announcement = AnnouncementFactory(cohort=w.cohort, title={"en": f"{SECRETS['announcement']} room"})
    SharedHeadingFactory(participation=w.participation, heading="stakes")
    w.comment, w.hide = (
        CohortCommentFactory(participation=w.participation, heading="stakes", author=w.promoter, words=SECRETS["comment"]),
        "hide",
    )
    w.announce, w.withdraw = "announce", "withdraw"
    w.heading = "publics"
    reply = FormReplyFactory(project=w.project, requirement=w.form)
    w.form_file = FormFileFactory(reply=reply, question=question, added_by=w.promoter)
    w.form_file.sendings.add(FormSendingFactory(reply=reply, sent_by=w.promoter))
    w.agreement = AgreementFactory(partnership=w.partnership, state="sent", sent_at=timezone.now(), sent_by=w.coordinator)
    w.entry = DirectoryEntryFactory(project=w.project, audience="network", contact=w.promoter, accent="#ffcc00", logo=LOGO)
    w.reported, w.settle = NetworkMessageFactory(entry=w.entry, to=w.promoter, reported_at=timezone.now(), report="Spam."), "settle"
    w.mail = MessageFactory(to=w.promoter, body_text=f"About {w.project.name}.", last_error="No answer.")
    w.indicator, w.indicator_year = IndicatorFactory(), IndicatorYearFactory()
    w.indicator_year_number = w.indicator_year.year
    w.note = MeetingNoteFactory(participation=w.participation, author=w.coordinator, visibility="team", words=SECRETS["meeting"]).pk
    w.hour = OfficeHourFactory(host=w.coordinator, cohorts=[w.cohort], capacity=5)
    w.booking, w.cancel = OfficeHourBookingFactory(hour=w.hour, project=w.project, person=w.promoter), "cancel"
    w.session = make.SessionFactory(cohorts=[w.cohort])
    past = {f"{name}_deadline": make.days(-9) for name in ("registration", "cancellation")}
    w.over = make.SessionFactory(cohorts=[w.cohort], starts_at=make.days(-3), ends_at=make.days(-1), **past)
    w.poll, w.add = PollFactory(session=w.session, is_open=True), "add"
    w.poll_code = w.poll.code
    w.attention_item = AttentionItemFactory(project=w.project, cohort=w.cohort)
    w.attention_rule = AttentionRuleFactory()
    w.registration = make.RegistrationFactory(session=w.session, person=w.promoter, project=w.project)
    settled = {"confirmed_at": timezone.now(), "funding_verified_at": timezone.now(), "funding_verified_by": w.coordinator}
    w.been = make.RegistrationFactory(session=w.over, person=w.promoter, project=w.project, status="attended", **settled)
    w.money = FundingSourceFactory(
        registration=w.registration, proof_name="proof.txt", proof_kind="txt", proof=ContentFile(b"secret", name="p.txt")
    )
    w.visa_letter = InvitationLetterFactory(registration=w.registration, facts=FACTS | {"passport": SECRETS["passport"]})
    text = frozen(w.visa_letter, by=w.coordinator)
    issued = {"state": "issued", "issued_at": timezone.now(), "issued_by": w.coordinator, "text": text, "text_sha256": hash_of(text)}
    InvitationLetter.objects.filter(pk=w.visa_letter.pk).update(**issued)
    Registration.objects.filter(pk=w.registration.pk).update(visa="settled")
    w.open, w.badges, w.calendar_token = "open", "badges", make.CalendarFeedFactory(person=w.promoter).token
    w.typology = make.TypologyFactory()
    w.pathway, w.rubric, w.rubric_part = w.cohort.pathway, w.cohort.rubric, w.cohort.rubric.parts.first()
    w.determination = make.DeterminationFactory(application=w.application, decided_by=w.coordinator, reasons=SECRETS["decision"])
    w.certificate, w.key_name = learn.CertificateFactory(holder=w.promoter), next(iter(signing.badge_keys()))
    w.source = ImportSourceFactory(locale=learn.home_page("fr").locale)
    _relations(w)
    w.question = answered(text="Zanzibar question", asker=w.promoter, visibility="private")
    _pages(w)
    _lessons(w)
    w.left = w.over.pk
    kept = AfterwardsFactory(session=w.over, section=w.section, notes="What we said.", version=1)
    w.look = SimpleNamespace(pk=look_of(kept))  # posted as the number of a thing is
    return w


def _relations(w: SimpleNamespace) -> None:
    """Those whom a role alone does not tell apart (rules.RELATIONS)."""
    w.peer, w.onlooker = UserFactory(name="Pia Peer"), UserFactory(name="Otto Onlooker")
    make.ProjectMemberFactory(project=make.ParticipationFactory(cohort=w.cohort).project, person=w.peer)
    w.onlookers_place = make.ProjectMemberFactory(project=w.project, person=w.onlooker, role="viewer")
    for name, role in (("idle_reviewer", "Reviewers"), ("conflicted_reviewer", "Reviewers"), ("conflicted_coordinator", "Coordinators")):
        person = UserFactory(name=name)
        person.groups.add(Group.objects.get(name=role))
        setattr(w, name, person)
    w.recused = make.ReviewAssignmentFactory(application=w.application, reviewer=w.conflicted_reviewer)
    for person in (w.conflicted_reviewer, w.conflicted_coordinator):
        make.ConflictDeclarationFactory(application=w.application, person=person)
    w.opening = PeerOpeningFactory(participation=w.participation, requirement=w.deliverable)
    w.shown_file = learn.WorkFileFactory(submission=w.opening.version.submission, in_draft=False)
    w.shown_file.versions.add(w.opening.version)
    peers = w.peer.project_memberships.get().project
    w.peer_feedback = PeerFeedbackFactory(opening=w.opening, project=peers, saved_by=w.peer)
    w.proposed = make.ReviewAssignmentFactory(reviewer=w.idle_reviewer)
    other = UserFactory(name="Second reviewer")
    now = timezone.now()
    done = make.ReviewAssignmentFactory(application=w.application, reviewer=other, state="submitted", answered_at=now, submitted_at=now)
    w.reviewed = make.AssessmentFactory(
        application=w.application,
        assignment=done,
        kind="reviewer",
        assessor=other,
        state="submitted",
        submitted_at=now,
        submitted_by=other,
    )
    make.ScoreFactory(assessment=w.reviewed, criterion=w.level.criterion, level=w.level, evidence=SECRETS["review"])
    w.arrived = make.RegistrationFactory(
        session=w.session,
        person=w.peer,
        status="attended",
        confirmed_at=now,
        funding_verified_at=now,
        funding_verified_by=w.coordinator,
    )
    make.CheckInFactory(registration=w.arrived)


def _lessons(w: SimpleNamespace) -> None:
    module = learn.make_module(language="fr")
    w.module_key = module.translation_key
    asked = learn.question("One?", ("yes", True), ("no", False))
    w.check = asked["id"]
    w.lesson_key = learn.make_lesson(module, body=[{"type": "check", "value": [asked]}]).translation_key
    w.record = learn.ActivityRecordFactory(user=w.promoter, activity_key=w.lesson_key)
    w.quiz = learn.make_quiz(module)
    w.quiz_key = w.quiz.translation_key
    report = {"questions": [], "notes": []}
    w.question_import = learn.QuestionImportFactory(quiz=w.quiz, created_by=w.trainer, imported_at=timezone.now(), report=report)
    w.language, w.live = "fr", "live"
    w.saved_view = SavedView.objects.create(owner=w.coordinator, listing="applications", name="Mine", query="state=submitted")
    w.course_key = learn.make_course(modules=(module,), language="fr").translation_key
    learn.EnrolmentFactory(user=w.promoter, course_key=w.course_key)
    w.attempt = learn.QuizAttemptFactory(user=w.promoter, quiz_key=w.quiz_key)
    w.assignment_key = learn.make_assignment(module, belongs_to="project").translation_key
    group = {"user": None, "group_key": str(w.project.pk)}
    learn.SubmissionFactory(**group, activity_key=w.assignment_key, text="Ours")
    w.work, w.answer = learn.SubmissionFactory(**group, waiting=True), "answer"
    handed_in = learn.SubmissionVersionFactory(submission=w.work, submitted_by=w.promoter)
    w.work_file = learn.WorkFileFactory(submission=w.work, in_draft=False)
    w.work_file.versions.add(handed_in)


def _pages(w: SimpleNamespace) -> None:
    home = learn.home_page("fr")
    w.section = WikiSectionFactory(parent=home, locale=home.locale, slug="private-section", title="Members’ section")
    w.page = WikiPageFactory(
        parent=w.section, locale=home.locale, slug="private-page", title="Zanzibar members", last_published_at=timezone.now()
    )
    make.RequirementFactory(kind="reading", page_key=w.page.translation_key)  # of a pathway that nobody walks: the page asks its readers
    PageViewRestriction.objects.create(page=w.section, restriction_type="login")
    w.batch = ImportBatchFactory(section=w.section, state="prepared")
    w.short = ShortLink.objects.create(slug="zanzibar", page=w.page)
    w.short_slug = w.short.slug
    w.draft = WikiPageFactory(parent=home, locale=home.locale, slug="draft-page", title=f"{SECRETS['draft']} page", live=False)
    w.collection = Collection.get_first_root_node().add_child(name="Members")
    CollectionViewRestriction.objects.create(collection=w.collection, restriction_type="login")
    w.document = AcademyDocument.objects.create(
        title="Zanzibar file", collection=w.collection, file=ContentFile(b"secret", name="secret.txt")
    )


def add_what_wagtail_keeps(w: SimpleNamespace) -> None:
    """A row of each kind that an address of Wagtail's names, for wagtail_map.py."""
    w.revision = w.page.save_revision()
    w.earliest, w.latest, w.filter_spec, w.page_id, w.unpublish = "earliest", "latest", "width-100", w.page.pk, "unpublish"
    w.other_section = WikiSectionFactory(parent=w.section.get_parent(), locale=w.section.locale, slug="other-section")
    w.alias = w.page.create_alias(parent=w.other_section, update_slug="alias")
    w.root = w.page.get_root()
    w.image = AcademyImage.objects.create(title="Zanzibar picture", file=get_test_image_file())
    w.site, w.locale, w.group = Site.objects.get(is_default_site=True), w.page.locale, Group.objects.get(name="Reviewers")
    w.workflow, w.task = Workflow.objects.first(), Task.objects.first()
    w.redirect = Redirect.objects.create(old_path="/old", redirect_link="/fr/")
    w.term = GlossaryTermFactory()
    w.coordinator_two = w.conflicted_coordinator
