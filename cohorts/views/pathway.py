"""The hub, the pathway, and the decisions that a project reads."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page

from academy.http import refuse_politely
from academy.permissions import works_in_cms
from academy.rehearsal import shows_mails
from cohorts import my_pathway
from cohorts.actions import accept_place, withdraw_participation
from cohorts.announcements import latest_for
from cohorts.comparison import weigh
from cohorts.conditions import all_typologies
from cohorts.feedback import feedback_of
from cohorts.forms import LeaveForm
from cohorts.hub import hub_context, own_projects
from cohorts.models import (
    Application,
    Cohort,
    Determination,
    OfficeHourBooking,
    Participation,
    ParticipationState,
    Project,
    Requirement,
    TypologyTerm,
)
from cohorts.own_mails import readable_by
from cohorts.pathway_state import pathway_state
from cohorts.permissions import can_accept_place, can_leave_cohort
from cohorts.requirements import local_day
from cohorts.rubric_sheet import sheet_of
from cohorts.whats_next import whom_to_ask
from courses.models import Certificate


@login_required
def my(request: HttpRequest) -> HttpResponse:
    """My projects, my courses, my certificates, my account."""
    return render(request, "cohorts/my.html", hub_context(request))


@login_required
def my_pathway_page(request: HttpRequest) -> HttpResponse:
    """One project's pathway: the rail, the next step, who owes what until when."""
    projects = own_projects(request.user)
    if not projects:
        return render(request, "cohorts/my_pathway_empty.html", {"may_use_cms": works_in_cms(request.user)})
    wanted = request.GET.get("project")
    project = next((row for row in projects if str(row.pk) == wanted), None) if wanted else projects[0]
    if project is None:
        raise Http404
    state = pathway_state(project)
    if state.cohort is None:
        return render(request, "cohorts/my_pathway_empty.html", {"may_use_cms": False, "project": project, "projects": projects})
    today = local_day(timezone.now(), state.cohort.time_zone)
    (seats, over), decisions = my_pathway.seats_around(state, request.user), my_pathway.decisions_of(state)
    stages = my_pathway.placed(state)
    voices = my_pathway.voices_on(state, request.user, decided=bool(decisions))
    gap = SimpleLazyObject(lambda: weigh(voices, state.cohort))
    announced, told = latest_for(state.participation), my_pathway.next_of_application(state, decisions)
    whole = [(stage, my_pathway.owed(stage.items, state, today)) for stage in stages]
    yours, ours = (my_pathway.owed(my_pathway.owed_here(stages, state, by_promoter=mine), state, today) for mine in (True, False))
    travel = my_pathway.travel_debts(seats) if not state.is_over else ([], [])
    yours_beside = [*my_pathway.feedback_debts(state), *travel[0]]
    context = {
        "state": state,
        "project": project,
        "projects": projects,
        "yours_beside": yours_beside,
        "our_checks": travel[1],
        "stations": SimpleLazyObject(lambda: my_pathway.stations(stages)),
        "step": my_pathway.next_step(state, seats, today, decisions),
        "you_owe": yours,
        "smart_owes": ours,
        "stages": whole,
        "seats": seats,
        "over": over,
        "partnership": state.partnership if state.participation and state.participation.graduated_at else None,
        "decisions": decisions,
        "announced": announced,
        "gap": voices,
        "pillars": SimpleLazyObject(lambda: my_pathway.radar_series(gap, kind="pillar")),
        "ingredients": SimpleLazyObject(lambda: my_pathway.radar_series(gap, kind="ingredient")),
        "next": told,
        "ask": state.application.whom_to_ask if state.application else None,
        "gap_words": SimpleLazyObject(lambda: my_pathway.gap_words(gap)),
        # what the parts below are kept under: all that they show
        "owed_lines": (my_pathway.lines(yours), my_pathway.lines(ours), tuple(yours_beside), tuple(travel[1])),
        "stage_lines": my_pathway.stage_lines(whole),
        "announced_lines": tuple(one.seen_as for one in announced),
        "decision_lines": my_pathway.decision_lines(decisions),
        "beside_lines": my_pathway.beside_lines(state, seats, told),
        "gap_lines": my_pathway.gap_lines(voices, state.cohort) if voices else (),
    }
    return render(request, "cohorts/my_pathway.html", context)


@login_required
@refuse_politely
def step(request: HttpRequest, project: UUID, requirement: int) -> HttpResponse:
    """Leads to where a requirement is met: worked out when somebody goes there, not on every page that shows the link."""
    venture = get_object_or_404(Project.objects.of_member(request.user), pk=project)
    cohorts = Cohort.objects.filter(Q(participations__project=venture) | Q(applications__project=venture))
    wanted = get_object_or_404(Requirement.objects.filter(stage__pathway__in=cohorts.values("pathway")), pk=requirement)
    cohort = cohorts.filter(pathway=wanted.stage.pathway_id).order_by("-starts_at").first()
    kinds = Requirement.Kind
    if wanted.kind == kinds.APPLICATION:
        application = Application.objects.filter(project=venture, cohort=cohort).order_by("-created_at").first()
        return redirect("cohorts_application", pk=application.pk) if application else redirect("cohorts_apply")
    if wanted.kind == kinds.SELF_ASSESSMENT:
        return redirect("cohorts_self_assessment", project=venture.pk, cohort=cohort.pk, moment=wanted.moment)
    if wanted.kind == kinds.SESSION:
        return redirect("cohorts_sessions")
    if wanted.kind == kinds.FORM:
        return redirect("cohorts_form", project=venture.pk, requirement=wanted.pk)
    key = wanted.course_key or wanted.page_key or wanted.activity_key
    page = _page_in_reader_language(key) if key else None
    if page is None:
        messages.info(request, _("This page is not published yet. Nothing is lost: we write to you when it is."))
        return redirect("cohorts_my_pathway")
    return redirect(page.get_url(request))


def _page_in_reader_language(key: UUID) -> Page | None:
    pages = list(Page.objects.live().filter(translation_key=key).select_related("locale"))
    return next((page for page in pages if page.locale.language_code == get_language()), next(iter(pages), None))


@login_required
@refuse_politely
def place(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What taking the place means, then taking it."""
    mine = Participation.objects.filter(project__in=Project.objects.of_member(request.user))
    row = get_object_or_404(mine.select_related("project", "cohort"), pk=pk)
    if request.method == "POST":
        if not can_accept_place(request.user, row):
            raise Http404
        accept_place(row, by=request.user)
        messages.success(request, _("Welcome. Your place is taken, and your people are enrolled in the courses."))
        return redirect("cohorts_my_pathway")
    requirements = Requirement.objects.filter(stage__pathway=row.cohort.pathway_id, mandatory=True).select_related("stage")
    context = {
        "participation": row,
        "promoter_owes": [one for one in requirements.order_by("stage__sort_order", "sort_order") if one.owed_by == "promoter"],
        "may_accept": can_accept_place(request.user, row),
        "sessions": row.cohort.sessions.upcoming().order_by("starts_at"),
    }
    return render(request, "cohorts/place.html", context)


@shows_mails(readable_by)
@login_required
@refuse_politely
def leave(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What leaving the cohort means, then leaving it: the lead does, with a reason."""
    mine = Participation.objects.filter(project__in=Project.objects.of_member(request.user))
    row = get_object_or_404(mine.select_related("project", "cohort__coordinator"), pk=pk)
    if not row.is_on_the_way:
        messages.info(request, _("Your project is not on its way in this cohort any more: there is nothing to leave."))
        return redirect("cohorts_my_pathway")
    may_leave = can_leave_cohort(request.user, row)
    form = LeaveForm(request.POST or None)
    if request.method == "POST":
        if not may_leave:
            raise Http404
        if form.is_valid():
            withdraw_participation(row, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, _("Your project has left the cohort. Thank you for having told us."))
            return redirect("cohorts_my_pathway")
    now = timezone.now()
    context = {
        "participation": row,
        "form": form,
        "may_leave": may_leave,
        "ask": whom_to_ask(row.cohort, row.project),
        "seats": row.project.registrations.live().filter(session__cohorts=row.cohort_id, session__starts_at__gt=now).count(),
        "hours": OfficeHourBooking.objects.to_come().filter(project=row.project).count(),
    }
    return render(request, "cohorts/leave_cohort.html", context, status=400 if form.errors else 200)


@login_required
def decision(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A released decision: outcome, reasons, and what follows from it."""
    rows = Determination.objects.for_user(request.user).released()
    row = get_object_or_404(
        rows.select_related(
            "typology",
            "application__project",
            "application__cohort__coordinator",
            "participation__project",
            "participation__cohort__coordinator",
        ),
        pk=pk,
    )
    certificate = None
    if row.outcome == Determination.Outcome.GRADUATED:
        kind = Certificate.Kind.GRADUATION
        certificate = (
            Certificate.objects.of(request.user).filter(kind=kind, subject_key=row.participation_id).order_by("-issued_at").first()
        )
    place = row.application.participations.order_by("-invited_at").first() if row.application_id else None
    invited = place if place and place.state == ParticipationState.INVITED else None
    feedback = feedback_of(row, reader=request.user)
    context = {
        "decision": row,
        "instead": _in_the_place_of(row) if row.superseded_at else None,
        "project": row.project,
        "cohort": row.subject.cohort,
        "ask": whom_to_ask(row.subject.cohort, row.project),
        "feedback": feedback,
        "pillars": my_pathway.radar_series(feedback.comparison, kind="pillar") if feedback else [],
        "ingredients": my_pathway.radar_series(feedback.comparison, kind="ingredient") if feedback else [],
        "answer_is_late": bool(invited and row.answer_by and row.answer_by <= timezone.now()),
        "certificate": certificate,
        "invited": invited,
        "ended": place if place and place.state in (ParticipationState.DISMISSED, ParticipationState.WITHDRAWN) else None,
        "signatures": row.signatures.select_related("signed_by"),
    }
    return render(request, "cohorts/decision.html", context)


def _in_the_place_of(decision: Determination) -> Determination | None:
    """The decision in force on the same subject; None when nothing is any more."""
    subject = {"kind": decision.kind, "application": decision.application_id, "participation": decision.participation_id}
    return Determination.objects.in_force().filter(**{name: value for name, value in subject.items() if value}).first()


def pathway(request: HttpRequest) -> HttpResponse:
    """For everybody, before applying: the stages, what each side owes, the three statuses, the whole rubric."""
    cohort = Cohort.objects.announced().order_by("-starts_at").select_related("pathway", "rubric").first()
    stages = []
    if cohort:
        stages = list(cohort.pathway.stages.prefetch_related("requirements").order_by("sort_order", "pk"))
    typologies = all_typologies()
    context = {
        "cohort": cohort,
        "stages": stages,
        "typologies": typologies,
        "support_rows": [(kind.label, [one.of_kind(kind) for one in typologies]) for kind in TypologyTerm.Kind],
        "sheet": sheet_of(cohort.rubric_id) if cohort else None,
    }
    return render(request, "cohorts/pathway.html", context)


def statuses(request: HttpRequest) -> HttpResponse:
    """For everybody: what Smart gives with each status, what it expects, on which conditions, with which documents."""
    return render(request, "cohorts/statuses.html", {"typologies": all_typologies()})
