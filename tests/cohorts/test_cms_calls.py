"""The call in the CMS: its form, hours of the cohort's own clock, what opening freezes and wants, its letters, a copy for next year."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from wagtail.users.models import UserProfile

from academy.rules import RuleViolation
from academy.wall_clock import WallClockField
from cohorts import actions
from cohorts.models import CallLetter, CallQuestion, Cohort, ReviewRound
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.django_db
KATHMANDU = ZoneInfo("Asia/Kathmandu")


@pytest.fixture(autouse=True)
def in_english(coordinator):
    UserProfile.get_for_user(coordinator)  # the CMS asks it for the language, which is that of the account


@pytest.fixture
def planned(pathway, rubric, coordinator):
    return make.CohortFactory(pathway=pathway, rubric=rubric, coordinator=coordinator)


def both(name, text):
    """A localized text as its two boxes post it."""
    return {f"{name}_fr": f"{text} (fr)" if text else "", f"{name}_en": text}


def rows(name, *forms):
    """An inline panel as it is posted."""
    data = {f"{name}-TOTAL_FORMS": len(forms), f"{name}-INITIAL_FORMS": 0, f"{name}-MIN_NUM_FORMS": 0, f"{name}-MAX_NUM_FORMS": 1000}
    for n, form in enumerate(forms):
        data |= {f"{name}-{n}-{key}": value for key, value in {"ORDER": n + 1, "DELETE": "", "id": "", **form}.items()}
    return data


def question(kind="text", *, choices=("", ""), **more):
    form = {"kind": kind, "is_required": "on", "most_words": "", **both("label", f"A {kind}?"), **both("public_name", kind)}
    return form | both("help", "") | {"choices_fr": choices[0], "choices_en": choices[1]} | more


def typed(cohort, *, questions=(), letters=(), **more):
    return {
        **both("title", "Autumn cohort"), **both("season", "Autumn 2027"), **both("summary", "In short"), **both("gives", "Hours"), **both("costs", "A trip"),
        "pathway": cohort.pathway_id, "rubric": cohort.rubric_id, "time_zone": "Asia/Kathmandu", "capacity": "12",
        "signatures_needed": "1", "coordinator": cohort.coordinator_id, "intake_opens_at": "2027-03-01 09:00",
        "intake_closes_at": "2027-04-30 23:59", "starts_at": "2027-06-01 09:00",
        **rows("questions", *questions), **rows("letters", *letters), **more,
    }  # fmt: skip


# --- the hours


def test_hours_are_those_of_the_place_whatever_the_clock_of_who_types(client_for, coordinator, planned):
    client = client_for(coordinator)
    response = client.post(reverse("cohorts:add"), typed(planned))
    made = Cohort.objects.exclude(pk=planned.pk).get()
    assert response.url == reverse("cohorts_cms_cohort", args=[made.pk])
    assert made.intake_closes_at == datetime(2027, 4, 30, 23, 59, tzinfo=KATHMANDU)
    page = client.get(reverse("cohorts:edit", args=[made.pk])).content.decode()
    assert 'value="2027-04-30 23:59"' in page
    assert "Hour of Kathmandu." in page
    client.post(reverse("cohorts:edit", args=[made.pk]), typed(planned, time_zone="Europe/Brussels"))
    made.refresh_from_db()
    assert made.intake_closes_at == datetime(2027, 4, 30, 21, 59, tzinfo=UTC)


@pytest.mark.parametrize("hour", ["2027-03-28 02:30", "2027-10-31 02:30"])
def test_an_hour_that_the_clocks_skip_or_repeat_is_refused_in_words(hour, english):
    field = WallClockField()
    field.zone = "Europe/Brussels"
    with pytest.raises(ValidationError, match="the clocks change in Brussels"):
        field.clean(hour)
    field.zone = "Asia/Kathmandu"
    assert field.clean(hour).utcoffset() == timedelta(hours=5, minutes=45)


def test_summer_and_winter_keep_the_hour_of_the_clock(english):
    field = WallClockField()
    field.zone = "Europe/Brussels"
    for typed_hour in ("2027-03-27 23:59", "2027-03-28 23:59"):
        assert field.prepare_value(field.clean(typed_hour)).isoformat(" ", "minutes") == typed_hour


def test_dates_in_the_wrong_order_keep_what_was_typed(client_for, coordinator, planned):
    data = typed(planned, intake_closes_at="2027-02-01 10:00", questions=[question()])
    page = client_for(coordinator).post(reverse("cohorts:add"), data).content.decode()
    assert "Applications open before they close." in page
    assert 'value="2027-02-01 10:00"' in page
    assert "A text?" in page
    assert Cohort.objects.count() == 1


# --- the questions and the letters


def test_questions_and_letters_are_kept_in_order(client_for, coordinator, planned):
    questions = [question("number"), question("choice", choices=("Rouge\n\nVert ", "Red\nGreen")), question("text", most_words="80")]
    letter = {"occasion": "admitted", **both("subject", "Welcome {project}"), **both("body", "Hello.\n\n{reasons}")}
    client_for(coordinator).post(reverse("cohorts:edit", args=[planned.pk]), typed(planned, questions=questions, letters=[letter]))
    assert [(row.kind, row.most_words) for row in planned.questions.all()] == [("number", None), ("choice", None), ("text", 80)]
    assert [words for _number, words in planned.questions.get(kind="choice").options] in (["Red", "Green"], ["Rouge", "Vert"])
    assert planned.letters.get().subject == {"fr": "Welcome {project} (fr)", "en": "Welcome {project}"}


@pytest.mark.parametrize(
    ("form", "says"),
    [
        (question("choice", choices=("Rouge", "Red")), "Write at least two choices"),
        (
            question("choice", choices=("Rouge\nVert\nBleu", "Red\nGreen")),
            "the same number of choices in each language (French: 3, English: 2)",
        ),
        (question("choice", choices=("Rouge\nrouge", "Red\nGreen")), "Two choices are the same."),
        (question("choice"), "Write at least two choices"),
        (question("number", choices=("Rouge\nVert", "Red\nGreen")), "Only a question of the kind “Choice” has choices."),
        (question("number", most_words="80"), "Only a text has a number of words."),
    ],
)
def test_a_wrong_question_is_refused_and_nothing_typed_is_lost(client_for, coordinator, planned, form, says):
    data = typed(planned, questions=[question("country"), form])
    page = client_for(coordinator).post(reverse("cohorts:edit", args=[planned.pk]), data).content.decode()
    assert says in page
    assert "A country?" in page
    assert form["label_en"] in page
    assert CallQuestion.objects.count() == 0


def test_a_wrong_name_in_a_letter_is_refused_with_those_that_exist(client_for, coordinator, planned):
    letter = {"occasion": "received", **both("subject", "Hello"), **both("body", "Dear {projct}.")}
    page = client_for(coordinator).post(reverse("cohorts:edit", args=[planned.pk]), typed(planned, letters=[letter])).content.decode()
    assert "{projct} is not known here. This letter knows {project}, {cohort}, {starts}, {coordinator}." in page
    assert "Dear {projct}." in page
    twice = [{"occasion": "received", **both("subject", "Hello"), **both("body", "Hello.")}] * 2
    client_for(coordinator).post(reverse("cohorts:edit", args=[planned.pk]), typed(planned, letters=twice))
    assert CallLetter.objects.count() == 0


def test_letters_are_previewed_once_there_is_a_call(client_for, coordinator, planned):
    client = client_for(coordinator)
    preview = "Preview every letter of this call"
    assert preview in client.get(reverse("cohorts:edit", args=[planned.pk])).content.decode()
    assert preview not in client.get(reverse("cohorts:add")).content.decode()


def test_the_form_shows_the_built_in_words_and_the_names(client_for, coordinator, planned):
    page = client_for(coordinator).get(reverse("cohorts:edit", args=[planned.pk])).content.decode()
    assert "Thank you. Your application reached us complete." in page
    assert "{answer_by}" in page


def test_the_new_form_proposes_the_newest_programme_and_oneself(client_for, coordinator, planned):
    newest = actions.new_pathway_version(planned.pathway, by=coordinator)
    form = client_for(coordinator).get(reverse("cohorts:add")).context["form"]
    assert form["pathway"].value() == newest.pk
    assert form["coordinator"].value() == coordinator.pk
    assert form["time_zone"].value() == "Europe/Brussels"
    assert set(form.fields["coordinator"].queryset) == {coordinator}


# --- opening


def test_an_opened_call_shows_its_questions_and_asks_them_no_more(client_for, coordinator, planned):
    make.CallQuestionFactory(cohort=planned, label={"fr": "Première ?", "en": "The first?"})
    actions.open_cohort(planned, by=coordinator)
    other = make.PathwayFactory(version=9)
    client, address = client_for(coordinator), reverse("cohorts:edit", args=[planned.pk])
    page = client.get(address).content.decode()
    assert "its questions stay as they are" in page
    assert "The first?" in page
    assert 'name="questions-TOTAL_FORMS"' not in page
    letter = {"occasion": "received", **both("subject", "Hello"), **both("body", "Hello.")}
    data = typed(planned, questions=[question()], letters=[letter], pathway=other.pk, capacity="3")
    assert client.post(address, data).status_code == 302
    planned.refresh_from_db()
    assert (planned.capacity, planned.questions.count(), planned.letters.count()) == (3, 1, 1)
    assert planned.pathway_id != other.pk


def test_what_is_typed_while_somebody_opens_the_call_is_not_saved_by_half(client_for, coordinator, planned, monkeypatch):
    """The form was asked for a planned cohort; between its reading and its saving the call is opened."""
    from cohorts import viewsets

    real = viewsets.CohortEditView.is_valid

    def opened_meanwhile(view, form):
        answer = real(view, form)
        Cohort.objects.filter(pk=planned.pk).update(state="open")
        return answer

    monkeypatch.setattr(viewsets.CohortEditView, "is_valid", opened_meanwhile)
    response = client_for(coordinator).post(reverse("cohorts:edit", args=[planned.pk]), typed(planned, questions=[question()]))
    page = response.content.decode()
    assert "Meanwhile somebody moved this cohort on." in page
    assert "A text?" in page
    planned.refresh_from_db()
    assert (planned.state, planned.questions.count(), str(planned.title)) == ("open", 0, str(planned.title))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"gives": {}}, "silent"),
        ({"costs": {}}, "silent"),
        ({"capacity": 0}, "no_places"),
        ({"intake_opens_at": timezone.now() - timedelta(days=9), "intake_closes_at": timezone.now() - timedelta(days=1)}, "past"),
    ],
    ids=["gives", "costs", "capacity", "past"],
)
def test_a_call_opens_only_when_it_says_everything(planned, coordinator, change, code, english):
    Cohort.objects.filter(pk=planned.pk).update(**change)
    with pytest.raises(RuleViolation) as refused:
        actions.open_cohort(planned, by=coordinator)
    assert refused.value.code == code
    planned.refresh_from_db()
    assert planned.state == "planned"


def test_a_rubric_without_levels_and_a_half_written_question_stop_the_opening(planned, coordinator, english):
    row = make.CallQuestionFactory(cohort=planned, kind="choice", choices={"fr": "Une", "en": "One"})
    with pytest.raises(RuleViolation, match="Write at least two choices"):
        actions.open_cohort(planned, by=coordinator)
    row.delete()
    planned.rubric.parts.all().delete()
    with pytest.raises(RuleViolation, match="no levels"):
        actions.open_cohort(planned, by=coordinator)


def test_a_call_asks_for_no_more_files_than_an_application_may_have(planned, coordinator, english):
    rows = [make.CallQuestionFactory(cohort=planned, kind="file") for _n in range(11)]
    with pytest.raises(RuleViolation) as refused:
        actions.open_cohort(planned, by=coordinator)
    assert str(refused.value) == "It asks for 11 files, and an application has 10 at most: nobody could send it. Ask for fewer."
    rows[0].delete()
    assert actions.open_cohort(planned, by=coordinator).state == "open"


def test_every_criterion_has_levels_before_the_call_opens(planned, coordinator, english):
    bare = make.CriterionFactory(part=planned.rubric.parts.first())
    with pytest.raises(RuleViolation) as refused:
        actions.open_cohort(planned, by=coordinator)
    assert str(refused.value) == f"Criterion “{bare.label}” has no level yet. Describe its levels first: nobody could answer it."
    make.LevelFactory(criterion=bare)
    assert actions.open_cohort(planned, by=coordinator).state == "open"


def test_the_refusal_stands_on_the_page_of_the_cohort(client_for, coordinator, planned):
    Cohort.objects.filter(pk=planned.pk).update(costs={})
    page = client_for(coordinator).post(reverse("cohorts_cms_cohort_verb", args=[planned.pk, "open"])).content.decode()
    assert "nobody should apply without having read it" in page


def test_a_call_opens_again_with_the_questions_that_it_had(planned, coordinator):
    make.CallQuestionFactory(cohort=planned)
    last_day = planned.intake_closes_at
    for verb in (actions.open_cohort, actions.start_reviewing):
        verb(planned, by=coordinator)
    Cohort.objects.filter(pk=planned.pk).update(intake_closes_at=last_day)  # closed before it: it is said anew
    actions.open_cohort(planned, by=coordinator)
    assert planned.state == "open"


# --- the letters and the copy


def test_every_letter_is_previewed_in_both_languages(client_for, coordinator, planned):
    make.CallLetterFactory(cohort=planned, occasion="received", body={"fr": "Merci, {project}.", "en": "Thanks, {project}."})
    page = client_for(coordinator).get(reverse("cohorts_cms_call_letters", args=[planned.pk])).content.decode()
    assert page.count('cms-paper"') == 12
    assert "Merci, Votre projet." in page
    assert "Thanks, Your project." in page
    assert page.count("Action required: ") == 2
    assert "In words of your own" in page


@pytest.mark.parametrize("name", ["cohorts_cms_call_letters", "cohorts_cms_copy"])
def test_letters_and_copy_are_for_coordinators(name, planned, client_for, visitor_client, promoter, trainer, reviewer):
    address = reverse(name, args=[planned.pk])
    assert visitor_client.get(address).status_code == 302
    assert [client_for(who).get(address).status_code for who in (promoter, reviewer, trainer)] == [302, 302, 404]


def test_a_copy_has_the_words_and_other_dates(client_for, coordinator, planned):
    colleague = UserFactory(name="Other")
    Cohort.objects.filter(pk=planned.pk).update(coordinator=colleague, time_zone="Asia/Kathmandu", capacity=7)
    make.CallQuestionFactory(cohort=planned, kind="choice", choices={"fr": "Un\nDeux", "en": "One\nTwo"})
    make.CallQuestionFactory(cohort=planned, label={"fr": "Seconde ?", "en": "Second?"})
    make.CallLetterFactory(cohort=planned)
    planned.refresh_from_db()
    actions.open_cohort(planned, by=coordinator)
    newest = actions.new_pathway_version(planned.pathway, by=coordinator)
    client, address = client_for(coordinator), reverse("cohorts_cms_copy", args=[planned.pk])
    form = client.get(address).context["form"]
    assert (form["pathway"].value(), form.initial["season"]) == (newest.pk, planned.season)
    opens = form.initial["intake_opens_at"].astimezone(KATHMANDU)
    before = planned.intake_opens_at.astimezone(KATHMANDU)
    assert (opens.weekday(), opens.hour, opens.minute) == (before.weekday(), before.hour, before.minute)
    assert opens > timezone.now()
    data = {
        **both("title", "Next year"), **both("season", "Spring 2028"), "pathway": newest.pk, "rubric": planned.rubric_id, "intake_opens_at": "2028-03-01 09:00",
        "intake_closes_at": "2028-04-30 23:59", "starts_at": "2028-06-01 09:00",
    }  # fmt: skip
    wrong = client.post(address, {**data, "starts_at": "2028-01-01 09:00"})
    assert wrong.context["form"].errors.keys() == {"starts_at"}
    assert Cohort.objects.count() == 1
    response = client.post(address, data)
    made = Cohort.objects.exclude(pk=planned.pk).get()
    assert response.url == reverse("cohorts:edit", args=[made.pk])
    assert (made.state, made.coordinator, made.capacity, made.gives) == ("planned", coordinator, 7, planned.gives)
    assert set(made.season) == {"fr", "en"}
    assert {words.removesuffix(" (fr)").removesuffix(" (en)") for words in made.season.values()} == {"Spring 2028"}
    assert made.intake_closes_at == datetime(2028, 4, 30, 23, 59, tzinfo=KATHMANDU)
    assert [(row.label, row.choices) for row in made.questions.all()] == [(row.label, row.choices) for row in planned.questions.all()]
    assert [(row.occasion, row.body) for row in made.letters.all()] == [(row.occasion, row.body) for row in planned.letters.all()]
    assert planned.questions.count() == 2
    assert planned.letters.count() == 1


def test_a_copy_has_the_rounds_as_far_from_its_start(coordinator, planned):
    zone = ZoneInfo("Europe/Brussels")
    at = {"intake_opens_at": (1, 4), "intake_closes_at": (2, 15), "starts_at": (4, 10)}
    dates = {name: datetime(2026, *day, 9, tzinfo=zone) for name, day in at.items()}
    Cohort.objects.filter(pk=planned.pk).update(time_zone="Europe/Brussels", **dates)
    planned.refresh_from_db()
    first = make.round_of(
        planned, opens_at=planned.intake_opens_at, closes_at=datetime(2026, 3, 1, 18, tzinfo=zone), min_reviews=2, is_blind=True
    )
    last = {"opens_at": datetime(2026, 3, 11, 9, tzinfo=zone), "closes_at": planned.starts_at}
    ReviewRound.objects.create(cohort=planned, number=2, min_reviews=1, others="never", **last)
    made = actions.copy_cohort(
        planned, by=coordinator, title=planned.title, pathway=planned.pathway, rubric=planned.rubric,
        intake_opens_at=datetime(2027, 1, 20, 9, tzinfo=zone), intake_closes_at=datetime(2027, 2, 20, 9, tzinfo=zone),
        starts_at=datetime(2027, 4, 20, 9, tzinfo=zone),
    )  # fmt: skip
    rows = [(row.number, row.min_reviews, row.is_blind, row.others) for row in made.rounds.order_by("number")]
    assert rows == [(1, 2, True, "after_own"), (2, 1, False, "never")]
    moments = [(row.opens_at.astimezone(zone), row.closes_at.astimezone(zone)) for row in made.rounds.order_by("number")]
    assert moments == [
        (datetime(2027, 1, 20, 9, tzinfo=zone), datetime(2027, 3, 11, 18, tzinfo=zone)),
        (datetime(2027, 3, 21, 9, tzinfo=zone), datetime(2027, 4, 20, 9, tzinfo=zone)),
    ]
    assert ReviewRound.objects.filter(cohort=planned).count() == 2
    assert first.assignments.count() == 0


def test_the_season_stands_in_the_list_and_on_the_page_of_the_call(client_for, coordinator, visitor_client, planned):
    Cohort.objects.filter(pk=planned.pk).update(state="open", season={"fr": "Printemps 2027", "en": "Spring 2027"})
    pages = [client_for(coordinator).get(reverse("cohorts:index")), visitor_client.get(reverse("cohorts_call", args=[planned.pk]))]
    assert ["Spring 2027" in page.content.decode() for page in pages] == [True, False]
    assert "Printemps 2027" in pages[1].content.decode()
    Cohort.objects.filter(pk=planned.pk).update(season={})
    assert "Saison" not in visitor_client.get(reverse("cohorts_call", args=[planned.pk])).content.decode()
