"""This year's cohort: six applied, four were admitted, one has graduated already."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from academy.management.example.answering import answer_form
from academy.management.example.story import Story
from cohorts.actions import (
    accept_place,
    add_item,
    add_poll,
    ask_letter,
    assign_mentor,
    book_office_hour,
    cancel_registration,
    cast_ballot,
    change_item,
    check_in,
    close_poll,
    confirm_condition,
    confirm_registration,
    decide_admission,
    decide_graduation,
    declare_funding,
    keep_agreement,
    mark_eligible,
    mark_no_shows,
    open_cohort,
    open_deliberation,
    open_office_hours,
    open_poll,
    record_met,
    register,
    release,
    run_cohort,
    send_agreement,
    sign,
    sign_agreement,
    start_review,
    start_reviewing,
    start_team_assessment,
    submit_assessment,
    verify_funding,
    waive,
    write_meeting_note,
)
from cohorts.models import Cohort, HalfDay, Participation, Partnership, Pathway, Rubric, Session, Typology
from courses.actions import give_feedback, record_progress
from courses.uploads import Brought
from wiki.actions import confirm_read
from wiki.models import WikiPage

APPLIED = {"chile": -140, "portugal": -131, "kenya": -120, "morocco": -112, "greece": -103, "korea": -101}
STARTS = -52


def tell_running_cohort(story: Story, *, pathway: Pathway, rubric: Rubric) -> Cohort:
    cohort = Cohort.objects.create(
        **story.plan["cohorts"]["running"],
        **story.calls["running"],
        pathway=pathway,
        rubric=rubric,
        intake_opens_at=story.day(-150),
        intake_closes_at=story.day(-95, hour=23, minute=59),
        starts_at=story.day(STARTS, hour=9),
        season=story.season(STARTS),
        capacity=4,
        coordinator=story.coordinator,
    )
    with story.at(-150, hour=11):
        open_cohort(cohort, by=story.coordinator)
    _judge(story, cohort)
    past, upcoming = _sessions(story, cohort)
    _first_steps(story, cohort)
    _meet(story, past)
    _vote(story, past, upcoming)
    _office_hours(story)
    _learn(story)
    _hand_in(story)
    answer_form(story, cohort)
    _graduate(story, cohort)
    _ask_for_places(story, upcoming)
    return cohort


def _judge(story: Story, cohort: Cohort) -> None:
    """Applications, self-assessments, three readings each, decisions prepared quietly and released on one day."""
    applications = {name: story.apply(name, cohort, begun=day, sent=day + 5) for name, day in APPLIED.items()}
    with story.at(-94):
        start_reviewing(cohort, by=story.coordinator)
    for name, application in applications.items():
        story.assess_self(name, cohort, day=-90)
        plan = story.plan["projects"][name]
        asked = story.ask_reviewers(application, "reviewer", "reviewer2", "reviewer3", day=-92, due=-70)
        with story.at(-91):
            start_review(application, by=story.coordinator)
        for assignment, values in zip(asked, plan["reviews"], strict=True):
            assessment = story.begin(assignment, day=-89)
            with story.at(-78, hour=16):
                story.score(assessment, values, by=assignment.reviewer)
                submit_assessment(assessment, by=assignment.reviewer)
        with story.at(-70):
            open_deliberation(application, by=story.coordinator)
        with story.at(-68, hour=15):
            decision = decide_admission(application, by=story.coordinator, outcome=plan["outcome"], reasons=plan["reasons"])
        with story.at(-66, hour=9):
            release(decision, by=story.coordinator)
        if plan["outcome"] == "admitted":
            with story.at(-62, hour=18):
                accept_place(application.participations.get(), by=story.lead(name))


def _sessions(story: Story, cohort: Cohort) -> tuple[Session, Session]:
    rows = []
    for name, starts, offer_hours in (("past", story.tuesday(-16), 72), ("upcoming", story.tuesday(17), 14 * 24)):
        plan = dict(story.plan["sessions"][name])
        programme = plan.pop("programme", [])
        session = Session.objects.create(
            estimated_cost=plan.pop("cost"),
            **plan,
            time_zone="Europe/Brussels" if name == "past" else "Europe/Paris",
            starts_at=story.day(starts, hour=9),
            ends_at=story.day(starts + 3, hour=17),
            registration_deadline=story.day(starts - 4, hour=18),
            cancellation_deadline=story.day(starts - 5, hour=18),
            offer_hours=offer_hours,
            funding_lead_days=60 if name == "past" else 7,
            visa_lead_days=60 if name == "past" else 10,
        )
        session.cohorts.add(cohort)
        first = timezone.localtime(session.starts_at, ZoneInfo(session.time_zone)).date()
        for day, half, title, text in programme:
            HalfDay.objects.create(session=session, day=first + timedelta(days=day), half=half, title=title, text=text)
        rows.append(session)
    return rows[0], rows[1]


def _first_steps(story: Story, cohort: Cohort) -> None:
    """The cohort begins; each admitted project but one has met its contact person."""
    with story.at(-60):
        for name in ("morocco", "portugal", "chile"):
            assign_mentor(story.projects[name], by=story.coordinator, mentor=story.trainer)
    with story.at(STARTS, hour=9, minute=30):
        run_cohort(cohort, by=story.coordinator)
    _meetings(story)
    first_meeting = story.requirement(cohort, "first-meeting")
    for name, day in {"chile": -46, "portugal": -41, "morocco": -39}.items():
        with story.at(day, hour=17):
            record_met(story.projects[name].participations.get(), by=story.trainer, requirement=first_meeting)
    for name, day in {"chile": -45, "portugal": -40, "morocco": -36}.items():
        with story.at(day, hour=17):
            lead = story.lead(name)
            pages = WikiPage.objects.live().filter(translation_key=story.requirement(cohort, "read-what-smart-is").page_key)
            confirm_read(pages.filter(locale__language_code=lead.language).first() or pages.first(), by=lead)


def _meetings(story: Story) -> None:
    """What the mentor wrote of two meetings with one project: shared with it, and for the team."""
    for day, one in zip((-39, -20), story.plan["meetings"], strict=True):
        with story.at(day, hour=16):
            row = story.projects[one["project"]].participations.get()
            met_on = timezone.localdate(timezone.now(), ZoneInfo(story.trainer.time_zone))
            write_meeting_note(row, by=story.trainer, met_on=met_on, words=one["words"].strip(), visibility=one["visibility"])


def _office_hours(story: Story) -> None:
    """Two to come, of the mentor: one is booked, one is free."""
    starts_at = story.day(6, hour=14)
    with story.at(-3, hour=10):
        first, _second = open_office_hours(
            story.trainer, by=story.trainer, starts_at=starts_at, minutes=45, for_whom="own", times=2, link="https://meet.example/smart"
        )
    with story.at(-2, hour=11):
        question = story.plan["office_hour"]["question"]
        book_office_hour(first, by=story.lead("morocco"), project=story.projects["morocco"], question=question)


def _meet(story: Story, session: Session) -> None:
    """The session that has been: two came, one did not, one had to cancel in time."""
    places = {}
    for person, name, payer in (
        ("ignacio.toledo", "chile", "project"),
        ("catalina.munoz", "chile", "grant"),
        ("minjun.han", "korea", "grant"),
        ("promoter", "morocco", "project"),
    ):
        who = story.people[person]
        with story.at(-44, hour=12):
            places[person] = register(session, by=who, person=who, project=story.projects[name])
        with story.at(-43, hour=12):
            confirm_registration(places[person], by=who, payer=payer, amount=900)
    with story.at(-25):
        for person in ("ignacio.toledo", "catalina.munoz", "minjun.han"):
            verify_funding(places[person], by=story.coordinator)
    with story.at(-22, hour=9):
        reason = "Le rendez-vous au consulat tombe après la session."
        cancel_registration(places["promoter"], by=story.people["promoter"], reason=reason)
    first_day = story.tuesday(-16)
    for minute, person in enumerate(("ignacio.toledo", "catalina.munoz")):
        with story.at(first_day, hour=9, minute=5 + minute):
            check_in(places[person], by=story.trainer, method="qr")
    with story.at(first_day + 4, hour=8):
        mark_no_shows(session, by=None)


def _vote(story: Story, past: Session, upcoming: Session) -> None:
    """In the room that has been, seven voted; for the one to come, a poll is being written."""
    plan = dict(story.plan["polls"]["past"])
    ballots, other = plan.pop("ballots"), plan.pop("other")
    with story.at(story.tuesday(-16) + 1, hour=15):
        poll = open_poll(add_poll(past, by=story.trainer, **plan), by=story.trainer)
        for number, answer in enumerate(ballots):
            cast_ballot(poll, by=None, device=f"demo-{number}", answer=answer)
        cast_ballot(poll, by=None, device="demo", answer=[], other=other)
        close_poll(poll, by=story.trainer)
    with story.at(-2, hour=10):
        add_poll(upcoming, by=story.trainer, **story.plan["polls"]["upcoming"])


def _learn(story: Story) -> None:
    """One project has done everything, one is in the middle, one has barely begun."""
    first = ("shared-enterprise", "journey-of-an-invoice", "owners-together")
    second = ("check-the-need", "model-in-three-years")
    for person, day in (("ignacio.toledo", -44), ("teresa.moreira", -36)):
        who = story.people[person]
        for step, slug in enumerate(first):
            story.read(who, slug, day=day + step)
        story.take_quiz(who, "understanding-smart", day=day + 3)
        for step, slug in enumerate(second):
            story.read(who, slug, day=day + 6 + 4 * step)
        story.take_quiz(who, "preparing-your-project", day=day + 12, wrong=1)
    promoter = story.people["promoter"]
    for day, slug in zip((-30, -29, -27), first, strict=True):
        story.read(promoter, slug, day=day)
    story.take_quiz(promoter, "understanding-smart", day=-26, wrong=4)
    story.take_quiz(promoter, "understanding-smart", day=-24, wrong=1)
    story.read(promoter, "check-the-need", day=-5)
    with story.at(-1, hour=22):
        lesson = story.lesson(promoter, "model-in-three-years")
        record_progress(lesson, by=promoter, client="demo", sequence=1, progress=0.4, seconds=260)
    story.read(story.people["minjun.han"], "shared-enterprise", day=-40)


def _hand_in(story: Story) -> None:
    """The work of three projects: one accepted at the second version, one that waits for a trainer, one that is still written."""
    texts, levels = story.plan["works"], {"1": "3", "2": "3"}
    first = story.hand_in("chile", story.people["ignacio.toledo"], texts["chile"][0], day=-34)
    with story.at(-30, hour=15):
        marks = {"1": {"level": "2", "comment": texts["on_people"]}, "2": {"level": "1", "comment": ""}}
        give_feedback(first, by=story.trainer, verdict="to_improve", comment=texts["to_improve"], marks=marks)
    second = story.hand_in("chile", story.people["ignacio.toledo"], texts["chile"][1], day=-27)
    with story.at(-25, hour=15):
        marks = {key: {"level": level, "comment": ""} for key, level in levels.items()}
        give_feedback(second, by=story.trainer, verdict="accepted", comment=texts["accepted"], marks=marks)
    story.hand_in("portugal", story.people["teresa.moreira"], texts["portugal"], day=-4)
    story.draft_work("morocco", story.people["promoter"], texts["morocco"], day=-2)


def _assess_again(story: Story, cohort: Cohort, moment: str, *, own: int, read: int) -> None:
    """The project that graduates, assessed on the same rubric by itself, then by somebody who does not accompany it."""
    key = "final" if moment == "graduation" else moment
    plan, reviewer = story.plan["projects"]["chile"], story.people["reviewer"]
    story.assess_self("chile", cohort, day=own, moment=moment, key=f"{key}_self")
    with story.at(read, hour=15):
        assessment = start_team_assessment(story.projects["chile"], by=reviewer, cohort=cohort, moment=moment)
        story.score(assessment, plan[f"{key}_review"], by=reviewer, summary=plan[f"{key}_words"])
        submit_assessment(assessment, by=reviewer)


def _graduate(story: Story, cohort: Cohort) -> None:
    """A project that was already an enterprise goes through quickly, with one waiver and two signatures."""
    project, plan = story.projects["chile"], story.plan["projects"]["chile"]
    participation = project.participations.get()
    with story.at(-25, hour=19):
        dossier = project.dossier
        for chapter, words in plan["grown"].items():
            setattr(dossier, chapter, words)
        dossier.save()
    for key, day in {"country-file": -24, "midway-meeting": -20, "business-model": -18}.items():
        with story.at(day, hour=16):
            record_met(participation, by=story.trainer, requirement=story.requirement(cohort, key))
    _assess_again(story, cohort, "midway", own=-22, read=-21)
    with story.at(-6, hour=15):
        reason = "The team presented its model before the other projects on the last day in Brussels, with full figures."
        waive(participation, by=story.coordinator, requirement=story.requirement(cohort, "attend-second-session"), reason=reason)
    _assess_again(story, cohort, "graduation", own=-6, read=-5)
    typology = Typology.objects.get(key=plan["typology"])
    with story.at(-4, hour=11):
        record_met(participation, by=story.trainer, requirement=story.requirement(cohort, "typology-talk"))
        confirmed = typology.conditions.filter(rule="confirmed")
        for condition, note in zip(confirmed, plan["conditions"], strict=True):
            confirm_condition(participation, by=story.coordinator, condition=condition, note=note)
    with story.at(-4, hour=12):
        mark_eligible(participation, by=story.coordinator)
        decision = decide_graduation(
            participation, by=story.coordinator, outcome="graduated", typology=typology, reasons=plan["graduation_reasons"]
        )
    for hour, name in ((14, "coordinator"), (16, "admin")):
        with story.at(-3, hour=hour):
            sign(decision, by=story.people[name])
    with story.at(-2, hour=9):
        release(decision, by=story.coordinator)
    _begin_partnership(story, participation)


def _begin_partnership(story: Story, participation: Participation) -> None:
    """Who sees to what, one thing that Smart is already late with, the contract signed, the charter on its way."""
    partnership = Partnership.objects.get(determination__participation=participation)
    words = story.plan["partnership"]
    day = story.day(-1).date()
    with story.at(-2, hour=10):
        for item in partnership.plan.filter(owed_by="smart", kind="people"):
            change_item(item, by=story.coordinator, owner=story.trainer, due_on=None)
        add_item(partnership, by=story.coordinator, what=words["first_meeting"], kind="people", owner=story.trainer, due_on=day)
    for key, hour in (("contract", 11), ("charter", 12)):
        paper = partnership.typology.papers.all()[0 if key == "contract" else 1]
        text = f"{paper.title}\n\n{words[key]}\n".encode()
        with story.at(-2, hour=hour):
            agreement = keep_agreement(partnership, by=story.coordinator, brought=Brought(f"{key}.txt", "txt", text), title=paper.title)
            send_agreement(agreement, by=story.coordinator)
        if key == "contract":
            with story.at(-1, hour=hour):
                sign_agreement(agreement, by=story.coordinator, signed_on=day)


def _ask_for_places(story: Story, session: Session) -> None:
    """The session to come: one ready, one confirmed, one offered to the promoter, two in the line."""
    teresa, rui, promoter = (story.people[name] for name in ("teresa.moreira", "rui.salgueiro", "promoter"))
    portugal = story.projects["portugal"]
    with story.at(-38):
        first = register(session, by=teresa, person=teresa, project=portugal, payer="project", amount=750)
    with story.at(-37):
        register(session, by=rui, person=rui, project=portugal, payer="person", amount=620)
    with story.at(-20):
        verify_funding(first, by=story.coordinator)
    with story.at(-1, hour=12):
        seat = register(session, by=promoter, person=promoter, project=story.projects["morocco"])
        declare_funding(seat, by=promoter, payer="project", amount=300)
        facts = {"name": promoter.name, "nationality": "MA", "born": "1990-05-14", "passport": "DEMO12345", "expires": "2039-05-13"}
        ask_letter(seat, by=promoter, facts=facts | {"consulate": "Consulat de France\nRabat"}, language="fr")
    for hour, person, name in ((13, "youssef.alaoui", "morocco"), (15, "minjun.han", "korea")):
        who = story.people[person]
        with story.at(-1, hour=hour):
            register(session, by=who, person=who, project=story.projects[name])
