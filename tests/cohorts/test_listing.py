"""The list of applications: what each filter leaves, how they combine, what the address keeps, and who sees which row."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from cohorts.listing.shown import listing_of
from cohorts.models import Application, ApplicationFile, Assessment, CallAnswer, CallQuestion, Dossier, ReviewAssignment, ReviewRound
from cohorts.results import results_of
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory

pytestmark = pytest.mark.django_db
INDEX = "applications:index"


def read_by(application, person, *levels, state="submitted"):
    """A review with these levels, one for each criterion of the rubric."""
    now = timezone.now()
    asked = make.ReviewAssignmentFactory(application=application, reviewer=person, state=state, submitted_at=now)
    done = {"state": "submitted", "submitted_at": now, "submitted_by": person}
    review = make.AssessmentFactory(application=application, assignment=asked, kind="reviewer", assessor=person, **done)
    score(review, *levels)
    return asked


def score(assessment, *levels):
    criteria = [row for part in assessment.rubric.parts.order_by("pk") for row in part.criteria.all()]
    for criterion, value in zip(criteria, levels, strict=False):
        level = None if value is None else criterion.levels.get(value=value)
        make.ScoreFactory(assessment=assessment, criterion=criterion, level=level)


def question(cohort, kind, name, choices=""):
    row = CallQuestion(
        cohort=cohort, kind=kind, label=make.words(name), public_name=make.words(name), choices=make.words(choices) if choices else {}
    )
    return CallQuestion.objects.bulk_create([row])[0]  # the call is open: past the guard that freezes it


@pytest.fixture
def world(cohort, coordinator, reviewer):
    """Four applications, each of which answers other filters."""
    now = timezone.now()
    other = make.open_now(make.CohortFactory(pathway=cohort.pathway, rubric=cohort.rubric, title=make.words("Autumn cohort")))
    form, sum_, size, where, proof, why = (
        question(cohort, kind, name, choices)
        for kind, name, choices in (
            ("choice", "Legal form", "Cooperative\nAssociation"),
            ("money", "Turnover", ""),
            ("number", "Members", ""),
            ("country", "Works in", ""),
            ("file", "Statutes", ""),
            ("text", "Why now", ""),
        )
    )

    def apply(name, country, *, to=cohort, **said):
        person = UserFactory(name=f"{name} Lead", email=f"{name.split()[0].lower()}@lead.example")
        project = make.ProjectFactory(name=name, country=country)
        make.ProjectMemberFactory(project=project, person=person)
        return make.SubmittedApplicationFactory(project=project, cohort=to, submitted_by=person, **{"submitted_at": now, **said})

    first = apply("Éclats Lyon", "FR", language="fr", late_reason="The network was down.", expectations="Forty bakers said so.")
    second = apply(
        "Bottega", "IT", state="returned", language="en", return_due_at=now - timedelta(days=1), submitted_at=now - timedelta(days=40)
    )
    third = apply(
        "Cirkus", "SE", state="deliberation", language="en", extended_until=now, extended_by=coordinator, extension_reason="Fire."
    )
    fourth = apply("Dampf", "DE", to=other, state="declined", language="en")
    for row, choice, amount, members, country in ((first, "1", 1000, 3, "BE"), (third, "2", 250000, 40, "SN")):
        CallAnswer.objects.create(application=row, question=form, text=choice)
        CallAnswer.objects.create(application=row, question=sum_, number=Decimal(amount), currency="EUR" if choice == "1" else "SEK")
        CallAnswer.objects.create(application=row, question=size, number=members)
        CallAnswer.objects.create(application=row, question=where, text=country)
        CallAnswer.objects.create(application=row, question=why, text=f"Because {row.project.name}.")
    because = [{"kind": "text", "value": f"Because {name}."} for name in ("Éclats Lyon", "Cirkus")]
    snapshot = make.ApplicationSnapshotFactory(
        application=first, content={"answers": {"expectations": "Forty bakers said so."}, "call": because[:1]}
    )
    make.ApplicationSnapshotFactory(application=third, content={"call": because[1:]})
    file = ApplicationFile.objects.create(
        application=first, question=proof, name="statutes.pdf", kind="pdf", size=1, sha256="0" * 64, added_by=coordinator
    )
    file.snapshots.add(snapshot)
    read_by(third, reviewer, 1, 1)
    read_by(third, UserFactory(name="Second Reader"), 3, 1)
    make.DeterminationFactory(application=third, outcome="reserve")
    make.DeterminationFactory(application=fourth, outcome="declined", decided_at=now, released_at=now, released_by=coordinator)
    return SimpleNamespace(
        first=first, second=second, third=third, fourth=fourth, cohort=cohort, other=other,
        form=f"a-{form.pk.hex}", sum=f"a-{sum_.pk.hex}", size=f"a-{size.pk.hex}", where=f"a-{where.pk.hex}",
        proof=f"a-{proof.pk.hex}", why=f"a-{why.pk.hex}", today=timezone.localdate().isoformat(), reviewer=reviewer,
    )  # fmt: skip


def names(person, address):
    listing = listing_of(person, QueryDict(address))
    return sorted(row["project__name"][0] for row in listing.page(1)[0])


FILTERS = {
    "q=eclats": "É",
    "q=LEAD+bottega": "B",
    "q=dampf@lead": "D",
    "q=forty+bakers": "É",
    "q=because+cirkus": "C",
    "cohort={cohort.pk}": "BCÉ",
    "cohort={cohort.pk}&cohort={other.pk}": "BCDÉ",
    "state=submitted&state=declined": "DÉ",
    "country=FR&country=SE": "CÉ",
    "language=fr": "É",
    "since={today}": "CDÉ",
    "until=2020-01-01": "",
    "late=yes": "É",
    "late=no": "BCD",
    "extended=yes": "C",
    "overdue=yes": "B",
    "reviews=missing": "É",
    "reviews=complete": "C",
    "discuss=yes": "C",
    "discuss=no": "BDÉ",
    "decision=none": "BÉ",
    "decision=prepared": "C",
    "decision=released": "D",
    "outcome=reserve&outcome=declined": "CD",
    "reviewer={reviewer.pk}": "C",
    "files=yes": "É",
    "{form}=1": "É",
    "{form}=1&{form}=2": "CÉ",
    "{sum}-from=500&{sum}-to=1%20000": "É",
    "{sum}-in=sek": "C",
    "{size}-from=3,5": "C",
    "{where}=SN": "C",
    "{proof}=yes": "É",
    "{why}=because+eclats": "É",
    "country=FR&state=declined": "",
    "state=submitted&late=yes&{form}=1&q=lyon": "É",
}


@pytest.mark.parametrize("address", FILTERS)
def test_each_filter_leaves_what_it_says(address, world, coordinator):
    assert "".join(names(coordinator, address.format_map(vars(world)))) == FILTERS[address]


def test_reviews_are_counted_in_the_round_of_now(world, coordinator):
    make.round_of(world.cohort, min_reviews=3)
    assert names(coordinator, "reviews=complete") == []
    assert names(coordinator, "reviews=missing") == ["É"]
    now = timezone.now()
    ReviewRound.objects.create(cohort=world.cohort, number=2, opens_at=now, closes_at=now + timedelta(days=9), min_reviews=1)
    (row,) = listing_of(coordinator, QueryDict("state=deliberation&column=reviews")).page(1)[0]
    assert (row["x_arrived"], row["x_asked"]) == (0, 0)


def test_what_cannot_be_read_is_said_and_left_out(world, coordinator, client_for):
    answer = client_for(coordinator).get(f"{reverse(INDEX)}?state=flying&since=yesterday&{world.sum}-from=much&state=submitted")
    html = answer.content.decode()
    assert [row["project__name"] for row in answer.context["page"].object_list] == ["Éclats Lyon"]
    for word in ("flying", "yesterday", "much"):
        assert html.count("help-critical") == 3
        assert word in html


@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize("typed", ["9999-12-31", "0001-01-01", "1899-12-31", "2200-01-01"])
def test_a_day_of_no_application_is_not_a_date(name, typed, world, coordinator, client_for):
    answer = client_for(coordinator).get(reverse(INDEX), {name: typed})
    assert len(answer.context["page"].object_list) == len(names(coordinator, ""))
    assert (typed in answer.content.decode(), answer.content.decode().count("help-critical")) == (True, 1)


@pytest.mark.parametrize("zone", ["America/Montreal", "Europe/Brussels", "Asia/Tokyo"])
def test_an_address_leaves_the_same_rows_and_says_the_same_days_wherever_one_reads_it(zone, cohort, coordinator, client_for):
    row = make.SubmittedApplicationFactory(cohort=cohort)
    Application.objects.filter(pk=row.pk).update(submitted_at=datetime(2026, 5, 1, 23, 30, tzinfo=UTC))  # 1:30 of the next day in Brussels
    type(coordinator).objects.filter(pk=coordinator.pk).update(time_zone=zone, language="en")
    client = client_for(coordinator)
    address = f"{reverse(INDEX)}?column=submitted&since=2026-05-02&until="
    assert [client.get(f"{address}{day}").context["total"] for day in ("2026-05-01", "2026-05-02")] == [0, 1]
    assert '<time datetime="2026-05-02">' in client.get(f"{address}2026-05-02").content.decode()
    file = b"".join(client.get(f"{address}2026-05-02&export=csv").streaming_content).decode()
    assert "2026-05-02 01:30" in file


def test_what_is_asked_once_is_said_once(world, coordinator):
    """A day, an amount, a yes or no: of several in an address the first is asked, and only that one is said."""
    said = f"since=2020-01-01&since=2099-01-01&late=no&late=yes&{world.sum}-from=1&{world.sum}-from=9999999"
    listing = listing_of(coordinator, QueryDict(said))
    assert len(listing.chips) == len(listing.said) == 3
    alone = listing_of(coordinator, QueryDict(f"since=2020-01-01&late=no&{world.sum}-from=1"))
    assert [chip.words for chip in listing.chips] == [chip.words for chip in alone.chips]
    assert set(listing.all_rows) == set(alone.all_rows) != set()


@pytest.mark.parametrize("typed", ["%00", "%", "(", "[a", "\\", "' OR 1=1 --", "x" * 5000])
def test_a_search_takes_whatever_is_typed(typed, world, coordinator, client_for):
    assert client_for(coordinator).get(reverse(INDEX), {"q": typed}).status_code == 200


def test_chips_name_what_narrows_the_list_and_take_it_away(world, coordinator):
    listing = listing_of(coordinator, QueryDict(f"state=submitted&state=declined&country=FR&column=state&page=3&{world.form}=1"))
    assert [chip.words for chip in listing.chips] == ["Envoyée", "Non admis", "France", "Cooperative"]
    assert listing.chips[0].without == f"?state=declined&country=FR&column=state&{world.form}=1"
    assert listing.chips[2].without == f"?state=submitted&state=declined&column=state&{world.form}=1"


def test_a_long_text_is_taken_away_as_any_other(world, coordinator):
    listing = listing_of(coordinator, QueryDict(f"q={'long ' * 30}&state=submitted"))
    assert [chip.without for chip in listing.chips if chip.label == "Nom ou texte"] == ["?state=submitted"]


def test_columns_are_those_of_the_address_in_its_order(world, coordinator, client_for):
    address = f"?column=lead&column={world.sum}&column=mean-impact&column=gap&column=discuss&column=decision&column=nothing"
    answer = client_for(coordinator).get(reverse(INDEX) + address)
    shown = ["project", "lead", world.sum, "mean-impact", "gap", "discuss", "decision"]
    assert [column.name for column in answer.context["listing"].columns] == shown
    row = next(row for row in answer.context["page"].object_list if row["project__name"] == "Cirkus")
    cells = [column.cell(row) for column in answer.context["listing"].columns]
    assert cells[:2] == ["Cirkus", "Cirkus Lead"]
    assert (row.voices.mean("impact"), row.voices.to_discuss, row.voices.gap) == (2.0, True, None)


def test_gap_is_own_less_the_readers(world, coordinator):
    own = make.AssessmentFactory(application=world.third, state="submitted", submitted_at=timezone.now(), submitted_by=coordinator)
    score(own, 4, None)
    (row,) = listing_of(coordinator, QueryDict("state=deliberation&column=gap")).page(1)[0]
    assert (row.voices.gap, row.voices.overall(own=True), row.voices.overall(own=False)) == (2.0, 4.0, 1.5)


@pytest.mark.parametrize(
    ("order", "expected"),
    [("project", "BCDÉ"), ("-project", "ÉDCB"), ("submitted", "B..."), ("reviews", "...C"), ("-reviews", "C..."), ("nothing", "...B")],
)
def test_order_is_in_the_address(order, expected, world, coordinator):
    found = "".join(row["project__name"][0] for row in listing_of(coordinator, QueryDict(f"order={order}")).page(1)[0])
    assert len(found) == 4
    assert all(wanted in (".", got) for wanted, got in zip(expected, found, strict=True)), found


def _writes(world, word, **state):
    """The first application says this word everywhere since it was last sent, and stands so; its dossier holds it too."""
    Application.objects.filter(pk=world.first.pk).update(expectations=f"A {word}.", **state)
    CallAnswer.objects.filter(application=world.first, question__kind="text").update(text=f"One {word}.")
    Dossier.objects.update_or_create(project=world.first.project, defaults={Dossier.KEYS[0]: f"Our {word}."})


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"state": "submitted"}, "É"),
        ({"state": "returned"}, ""),
        ({"state": "withdrawn"}, ""),
        ({"state": "lapsed", "submitted_at": None, "submitted_by": None}, ""),
        ({"state": "withdrawn", "submitted_at": None, "submitted_by": None}, ""),
    ],
    ids=["submitted", "returned", "withdrawn", "lapsed", "never sent"],
)
def test_words_that_were_not_sent_are_searched_shown_and_exported_nowhere(state, expected, world, coordinator, client_for):
    _writes(world, "zibeline", **state)
    assert names(coordinator, "q=zibeline") == []
    assert "".join(names(coordinator, f"{world.why}=zibeline")) == expected
    assert "".join(names(coordinator, f"{world.form}=1")) == expected
    assert "".join(names(coordinator, f"{world.size}-to=3")) == expected
    assert names(coordinator, "q=eclats+lyon+lead") == ["É"]
    client, columns = client_for(coordinator), f"column={world.why}&column={world.sum}"
    assert ("zibeline" in client.get(f"{reverse(INDEX)}?{columns}").content.decode()) is bool(expected)
    listed = b"".join(client.get(f"{reverse(INDEX)}?export=csv&{columns}").streaming_content).decode()
    assert "Éclats Lyon" in listed
    assert ("zibeline" in listed, "1000" in listed) == (bool(expected), bool(expected))


@pytest.mark.parametrize(
    "state",
    [
        {"state": "submitted"},
        {"state": "returned"},
        {"state": "withdrawn"},
        {"state": "under_review", "has_unsent_words": True},
    ],
    ids=["submitted", "returned", "withdrawn", "taken up"],
)
def test_words_are_looked_for_in_the_last_version_that_was_sent(state, world, coordinator):
    _writes(world, "zibeline", **state)
    said = {"dossier": {Dossier.KEYS[0]: "Une martre."}, "project": {"summary": "Un vison", "country": "FR"}}
    make.ApplicationSnapshotFactory(application=world.first, number=2, content=said)
    make.ApplicationFactory(project=world.first.project, cohort=world.other, state="draft")  # writes for another call meanwhile
    found = {word: "".join(names(coordinator, f"q={word}")) for word in ("zibeline", "bakers", "martre", "vison+martre", "FR")}
    assert found == {"zibeline": "", "bakers": "", "martre": "É", "vison+martre": "É", "FR": ""}


def test_drafts_are_the_projects_own(world, coordinator):
    make.ApplicationFactory(cohort=world.cohort, project__name="Zebra")
    assert names(coordinator, "q=zebra") == []


def test_who_declared_an_interest_meets_the_application_nowhere(world, coordinator, client_for):
    make.ConflictDeclarationFactory(application=world.third, person=coordinator)
    client = client_for(coordinator)
    for address in ("", "?q=cirkus", "?country=SE", "?decision=prepared", "?discuss=yes", "?reviews=complete", f"?{world.form}=2"):
        answer = client.get(reverse(INDEX) + address)
        assert world.third not in [row["pk"] for row in answer.context["page"].object_list]
        assert "Cirkus" not in answer.content.decode().replace('value="cirkus"', "")
    assert client.get(f"{reverse(INDEX)}?q=cirkus").context["total"] == 0
    assert client.get(reverse(INDEX)).context["total"] == 3
    files = [b"".join(client.get(f"{reverse(INDEX)}?export={kind}").streaming_content) for kind in ("csv", "xlsx")]
    assert b"Cirkus" not in files[0]


def test_two_rounds_are_not_mixed(cohort, coordinator, reviewer, client_for):
    """What the list says of an application is what its page says: the last round in which somebody has spoken."""
    application = make.SubmittedApplicationFactory(cohort=cohort, state="deliberation")
    read_by(application, reviewer, 0, 2)
    columns = "column=mean&column=discuss&column=mean-impact"

    def told() -> tuple:
        (row,) = listing_of(coordinator, QueryDict(columns)).page(1)[0]
        return row.voices.overall(own=False), row.voices.mean("impact"), row.voices.to_discuss, names(coordinator, "discuss=yes") != []

    now = timezone.now()
    second = ReviewRound.objects.create(cohort=cohort, number=2, opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=9))
    assert told() == (1.0, 0.0, False, False)  # nobody has spoken in the second
    for levels in ((4, 4), (3, 4)):
        asked = read_by(application, UserFactory(), *levels)
        ReviewAssignment.objects.filter(pk=asked.pk).update(round=second)
    assert told() == (3.75, 3.5, False, False)
    (line,) = results_of(cohort, reader=coordinator).lines
    assert (line.mean, line.cells[0].mean, line.apart) == (3.75, 3.5, 0)


def test_who_still_owes_a_review_sees_no_score_of_it(world, coordinator):
    """Invariant 7: not as a mean, not as a flag, not by narrowing the list."""
    make.ReviewAssignmentFactory(application=world.third, reviewer=coordinator, state="accepted")
    (row,) = listing_of(coordinator, QueryDict("state=deliberation&column=mean&column=discuss")).page(1)[0]
    assert (row.voices.overall(own=False), row.voices.to_discuss) == (None, False)
    assert names(coordinator, "discuss=yes") == []


def test_a_review_set_aside_counts_nowhere(world, coordinator):
    ReviewAssignment.objects.filter(application=world.third, reviewer=world.reviewer).update(state="recused")
    (row,) = listing_of(coordinator, QueryDict("state=deliberation&column=discuss&column=reviews")).page(1)[0]
    assert (row["x_arrived"], row["x_asked"], row.voices.to_discuss) == (1, 1, False)
    assert Assessment.objects.filter(application=world.third).count() == 2


@pytest.mark.parametrize("name", [INDEX, "applications:choose"])
def test_list_is_for_coordinators(
    name, world, client_for, visitor_client, coordinator, admin_user, trainer, reviewer, promoter, other_promoter
):
    assert visitor_client.get(reverse(name)).headers["Location"].startswith("/accounts/login/")
    answers = {
        one.name.split()[0]: client_for(one).get(reverse(name)).status_code
        for one in (coordinator, admin_user, trainer, reviewer, promoter, other_promoter)
    }
    assert answers == {"Cora": 200, "Ada": 200, "Tom": 302, "Rita": 302, "Paula": 302, "Oscar": 302}


def test_form_offers_everything_and_keeps_what_the_address_says(world, coordinator, client_for):
    html = (
        client_for(coordinator)
        .get(f"{reverse('applications:choose')}?state=submitted&{world.size}-from=3&column=lead&order=project")
        .content.decode()
    )
    for said in (
        'name="state" value="submitted" checked',
        f'name="{world.size}-from"',
        'value="3"',
        'value="lead" checked',
        'value="project" selected',
    ):
        assert said in html
    for name in (world.form, f"{world.sum}-in", world.where, world.proof, world.why):
        assert f'name="{name}"' in html
    assert Application.objects.count() == 4


def test_form_narrowed_to_a_cohort_offers_its_questions(world, coordinator, client_for):
    html = client_for(coordinator).get(f"{reverse('applications:choose')}?cohort={world.other.pk}").content.decode()
    assert world.form not in html


def test_pages_go_on_and_a_page_past_the_last_leads_back(world, coordinator, client_for, monkeypatch):
    monkeypatch.setattr("cohorts.listing.shown.PAGE", 3)
    client = client_for(coordinator)
    both = [client.get(f"{reverse(INDEX)}?order=project&page={number}").context["page"].object_list for number in (1, 2)]
    assert [[row["project__name"][0] for row in page] for page in both] == [["B", "C", "D"], ["É"]]
    assert client.get(f"{reverse(INDEX)}?page=9&state=declined").headers["Location"] == f"{reverse(INDEX)}?state=declined"
