"""The directory: who finds whom by what, approximate places, messages that show nobody's address."""

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image

from academy.brand import contrast_ratio
from academy.models import Brand, Message
from academy.rules import RuleViolation
from cohorts import actions
from cohorts.directory import Directory
from cohorts.models import DirectoryEntry
from cohorts.network_forms import EntryForm, as_logo
from cohorts.world_map import VIEWS
from tests.factories import cohorts as make
from tests.factories.academy import UserFactory
from tests.factories.network import LOGO, DirectoryEntryFactory
from tests.test_house import strict_templates  # noqa: F401 (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def names(client, **query):
    page = client.get(reverse("cohorts_network"), query)
    assert page.status_code == 200
    return [card.entry.project.name for card in page.context["directory"].cards]


def listed(name, **shown):
    """An entry of a project in a cohort; `project` changes the project."""
    project = make.ParticipationFactory(project__name=name, **{f"project__{key}": value for key, value in shown.pop("project", {}).items()})
    return DirectoryEntryFactory(project=project.project, **shown)


def chosen(**values):
    """What a lead may send: nothing shown but what is named."""
    usual = {f"shows_{name}": False for name in DirectoryEntry.FIELDS}
    usual |= {"audience": "everybody", "position": "nowhere", "text": {}, "contact": None, "shows_contact": False}
    return usual | {"pillars": "", "languages": "", "accent": ""} | values


@pytest.fixture
def visitor():
    return Client()


@pytest.fixture
def stranger(client_for):
    """Has an account, and no project in the network."""
    return client_for(UserFactory())


@pytest.fixture
def insider(client_for):
    member = make.ProjectMemberFactory(project=make.ParticipationFactory().project)
    return client_for(member.person)


# who finds whom


def test_an_entry_is_found_by_the_audience_that_was_chosen(visitor, stranger, insider, client_for, trainer):
    for audience in ("nobody", "network", "everybody"):
        listed(audience, audience=audience)
    found = {"visitor": visitor, "stranger": stranger, "insider": insider, "trainer": client_for(trainer)}
    assert {who: names(client) for who, client in found.items()} == {
        "visitor": ["everybody"],
        "stranger": ["everybody"],
        "insider": ["everybody", "network"],
        "trainer": ["everybody", "network"],
    }


def test_a_page_opens_for_whom_the_list_shows_it(visitor, stranger, insider):
    closed, inside = listed("closed", audience="nobody"), listed("inside", audience="network")
    for name in ("cohorts_network_entry", "cohorts_network_write"):
        addresses = [reverse(name, args=[row.pk]) for row in (closed, inside)]
        assert [stranger.get(address).status_code for address in addresses] == [404, 404], name
        assert [insider.get(address).status_code for address in addresses] == [404, 200], name
    assert visitor.get(reverse("cohorts_network_entry", args=[inside.pk])).status_code == 404


@pytest.mark.parametrize("state", ["invited", "withdrawn", "dismissed"])
def test_a_project_that_left_or_has_not_come_is_not_in_the_directory(visitor, state):
    entry = DirectoryEntryFactory()
    ended = {} if state == "invited" else {"ended_at": timezone.now(), "ended_by": UserFactory()}
    entry.project.participations.update(state=state, **ended)
    assert names(visitor) == []
    assert visitor.get(reverse("cohorts_network_entry", args=[entry.pk])).status_code == 404


def test_a_stopped_project_leaves_the_directory(visitor):
    listed("Stopped", project={"status": "stopped"})
    assert names(visitor) == []


# what is shown


def test_nothing_is_shown_but_the_name_until_it_is_chosen(visitor):
    entry = listed(
        "Named",
        text={"en": "Qtext"},
        languages="fr",
        pillars="impact",
        project={"country": "BE", "place": "Qplace", "website": "https://q.example"},
    )
    page = visitor.get(reverse("cohorts_network_entry", args=[entry.pk])).content.decode()
    assert "Named" in page
    assert [word for word in ("Belgium", "Qplace", "q.example", "Qtext", "French", "On the pathway", "An idea") if word in page] == []


def test_filters_find_nobody_by_what_they_do_not_show(visitor):
    words = {"country": "BE", "place": "Qplace", "status": "running"}
    listed(
        "Open",
        text={"en": "Qtext"},
        languages="fr nl",
        pillars="craft",
        project=words,
        **{f"shows_{name}": True for name in DirectoryEntry.FIELDS},
    )
    listed("Shut", text={"en": "Qtext"}, languages="fr nl", pillars="craft", project=words)
    asked = (
        {"country": "BE"},
        {"stage": "pathway"},
        {"status": "running"},
        {"language": "nl"},
        {"pillar": "craft"},
        {"q": "qtext"},
        {"q": "QPLACE"},
    )
    assert [names(visitor, **query) for query in asked] == [["Open"]] * len(asked)
    assert names(visitor) == ["Open", "Shut"]
    assert [country.value for country in visitor.get(reverse("cohorts_network")).context["directory"].filters[0].choices] == ["BE"]


def test_filters_combine_and_search_without_accents(visitor):
    every = {f"shows_{name}": True for name in DirectoryEntry.FIELDS}
    listed("Été à Liège", languages="fr", project={"country": "BE"}, **every)
    listed("Autumn", languages="fr en", project={"country": "FR"}, **every)
    assert names(visitor, language="fr", country="FR") == ["Autumn"]
    assert names(visitor, q="ete liege") == ["Été à Liège"]
    assert names(visitor, q="ete", country="FR") == []
    assert names(visitor, language="f") == []
    assert names(visitor, pillar=".*", q="\x00(") == []


def test_the_status_of_a_partner_is_found_by_its_typology(visitor):
    partnership = make.PartnershipFactory()
    DirectoryEntryFactory(project=partnership.project, shows_stage=True)
    listed("On the way", shows_stage=True)
    assert names(visitor, stage=partnership.typology.key) == [partnership.project.name]
    assert names(visitor, stage="pathway") == ["On the way"]


def test_the_list_has_pages_that_keep_the_filters(visitor):
    for number in range(30):
        listed(f"Project {number:02}", shows_country=True, project={"country": "BE"})
    assert len(names(visitor, country="BE")) == 24
    assert len(names(visitor, country="BE", page=2)) == 6
    assert "?country=BE&amp;page=2" in visitor.get(reverse("cohorts_network"), {"country": "BE"}).content.decode()


@pytest.mark.parametrize("of_whom", ["visitor", "insider"])
def test_the_directory_costs_the_same_for_one_entry_and_for_three(request, of_whom, strict_templates):  # noqa: F811
    client = request.getfixturevalue(of_whom)
    costs = []
    for number in (1, 2):
        for _one in range(number):
            listed(
                "One of them",
                shows_country=True,
                position="area",
                north=101,
                east=9,
                shows_text=True,
                text={"en": "Words"},
                project={"country": "BE"},
            )
        client.get(reverse("cohorts_network"), {"country": "BE"})  # what is kept between two requests
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(names(client, country="BE")) == sum(range(1, number + 1))
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 14


def test_an_empty_directory_says_so(visitor, insider):
    assert "sign in if you are one of them" in visitor.get(reverse("cohorts_network")).content.decode()
    assert "Be the first" in insider.get(reverse("cohorts_network")).content.decode()


# the map


def test_only_the_half_degree_around_a_town_is_kept(promoter):
    project = make.ProjectMemberFactory(project=make.ParticipationFactory(project__country="BE").project, person=promoter).project
    entry = actions.save_entry(project, by=promoter, shown=chosen(position="area", shows_country=True), town="Liège")
    assert (entry.north, entry.east) == (101, 11)
    held = " ".join(str(getattr(entry, field.attname)) for field in DirectoryEntry._meta.fields)
    assert "Liège" not in held
    again = actions.save_entry(project, by=promoter, shown=chosen(position="area", shows_country=True))
    assert (again.north, again.east) == (101, 11)
    gone = actions.save_entry(project, by=promoter, shown=chosen())
    assert (gone.north, gone.east) == (None, None)


def point_of(project):
    entries = DirectoryEntry.objects.filter(project=project).with_typology()
    return Directory(entries, QueryDict()).points[0]


def test_a_project_that_moves_to_another_country_chooses_its_town_anew(promoter):
    project = make.ProjectMemberFactory(project=make.ParticipationFactory(project__country="BE").project, person=promoter).project
    near = chosen(position="area", shows_country=True)
    actions.save_entry(project, by=promoter, shown=near, town="Liège")
    assert point_of(project).place == (50.5, 5.5)
    project.country = "PE"
    project.save()
    assert point_of(project).place is None  # at once: it waits for nobody to save the entry
    form = EntryForm(project=project, entry=project.directory_entry, by=promoter, is_partner=False)
    assert dict(form.fields["town"].choices)[""] == "Choose a town"
    with pytest.raises(RuleViolation) as refusal:
        actions.save_entry(project, by=promoter, shown=near)
    assert refusal.value.code == "town"


@pytest.mark.parametrize(
    ("position", "shows", "town", "code"), [("area", True, "Atlantis", "town"), ("area", True, "", "town"), ("country", False, "", "place")]
)
def test_a_place_that_cannot_be_is_refused(promoter, position, shows, town, code):
    project = make.ProjectMemberFactory(project=make.ParticipationFactory(project__country="BE").project, person=promoter).project
    with pytest.raises(RuleViolation) as refusal:
        actions.save_entry(project, by=promoter, shown=chosen(position=position, shows_country=shows), town=town)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "values",
    [
        {"position": "area"},
        {"north": 1, "east": 1},
        {"position": "country"},
        {"position": "area", "north": 181, "east": 0, "shows_country": True},
        {"shows_contact": True},
        {"accent": "red"},
        {"accent": "#12345g"},
        {"accent": "1234567"},
        {"accent": "#12#456"},
    ],
)
def test_database_refuses_a_place_or_a_contact_that_cannot_be(values):
    entry = DirectoryEntryFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        DirectoryEntry.objects.filter(pk=entry.pk).update(**values)


def test_marks_that_would_cover_each_other_are_one(visitor):
    for name in ("First", "Second"):
        listed(name, position="area", north=101, east=9, shows_country=True, project={"country": "BE"})
    listed("Third", position="country", shows_country=True, project={"country": "CL"})
    listed("Nowhere")
    directory = visitor.get(reverse("cohorts_network")).context["directory"]
    assert [mark.names for mark in directory.marks] == [("First", "Second"), ("Third",)]
    assert directory.not_on_map == 1
    europe = visitor.get(reverse("cohorts_network"), {"map": "europe"}).context["directory"]
    assert [mark.names for mark in europe.marks] == [("First", "Second")]


# what a lead chooses


def fields(**values):
    return {"audience": "everybody", "position": "nowhere", "text_fr": "", "text_en": ""} | values


def test_a_mark_of_several_leads_to_their_list(visitor):
    for name, country in (("First", "BE"), ("Second", "BE"), ("Third", "CL"), ("Fourth", "BE")):
        listed(name, position="country", shows_country=True, project={"country": country, "status": "idea"}, shows_status=name != "Fourth")
    address = reverse("cohorts_network")
    directory = visitor.get(address).context["directory"]
    [(several, href)] = [row for row in directory.linked if row[0].count > 1]
    assert several.names == ("First", "Fourth", "Second")
    page = visitor.get(address + href)
    assert [card.entry.project.name for card in page.context["directory"].cards] == ["First", "Fourth", "Second"]
    assert "Those of one place of the map." in page.content.decode()
    assert names(visitor, at=several.key, map="world", status="idea") == ["First", "Second"]
    assert names(visitor, at="0-0") == ["First", "Fourth", "Second", "Third"]
    assert names(visitor, **dict(QueryDict(page.context["directory"].anywhere[1:].split("#")[0]).items())) == [
        "First",
        "Fourth",
        "Second",
        "Third",
    ]


@pytest.mark.parametrize(("language", "order"), [("fr", ["EG", "EC", "ES", "FR"]), ("en", ["EC", "EG", "FR", "ES"])])
def test_countries_stand_in_the_order_in_which_they_are_read(visitor, language, order):
    for country in ("FR", "ES", "EG", "EC"):
        listed(country, shows_country=True, project={"country": country})
    with translation.override(language):
        page = visitor.get(reverse("cohorts_network"), headers={"Accept-Language": language})
    [countries] = [one for one in page.context["directory"].filters if one.name == "country"]
    assert [choice.value for choice in countries.choices] == order


def test_a_mark_lies_whole_on_the_map(visitor):
    for country in ("SJ", "FJ", "NZ", "WS"):
        listed(country, position="country", shows_country=True, project={"country": country})
    for view in VIEWS.values():
        directory = visitor.get(reverse("cohorts_network"), {"map": view.key}).context["directory"]
        for mark in directory.marks:
            assert view.left + view.radius <= mark.x <= view.left + view.width - view.radius
            assert view.top + view.radius <= mark.y <= view.top + view.height - view.radius


def test_the_lead_chooses_and_the_others_only_look(client_for, promoter, visitor, stranger):
    project = make.ProjectMemberFactory(project=make.ParticipationFactory(project__country="BE").project, person=promoter).project
    viewer = make.ProjectMemberFactory(project=project, role="member").person
    address = reverse("cohorts_network_own", args=[project.pk])
    done = client_for(promoter).post(address, fields(shown=["country", "text"], text_fr="Nous.", text_en="We.", contact=promoter.pk))
    assert done.status_code == 302, done.context["form"].errors
    assert names(visitor, country="BE") == [project.name]
    assert "The lead of the project chooses" in client_for(viewer).get(address).content.decode()
    assert client_for(viewer).post(address, fields(audience="nobody")).status_code == 404
    assert stranger.get(address).status_code == 404
    assert DirectoryEntry.objects.get().audience == "everybody"


def test_what_was_typed_is_kept_when_it_is_refused(client_for, promoter):
    project = make.ProjectMemberFactory(project=make.ParticipationFactory(project__country="BE").project, person=promoter).project
    page = client_for(promoter).post(
        reverse("cohorts_network_own", args=[project.pk]), fields(position="area", town="Liège", shown=["text"], text_en="Kept words")
    )
    assert page.status_code == 200
    assert "Kept words" in page.content.decode()
    assert "show the country too" in page.content.decode()
    assert not DirectoryEntry.objects.exists()


def test_what_is_shown_must_be_filled_in(client_for, promoter):
    project = make.ProjectMemberFactory(project=make.ParticipationFactory().project, person=promoter).project
    page = client_for(promoter).post(reverse("cohorts_network_own", args=[project.pk]), fields(shown=["text", "languages"]))
    assert sorted(page.context["form"].errors) == ["languages", "text"]


def test_only_who_speaks_for_the_project_receives_its_messages(promoter):
    project = make.ProjectMemberFactory(project=make.ParticipationFactory().project, person=promoter).project
    viewer, other = make.ProjectMemberFactory(project=project, role="viewer").person, UserFactory()
    member = make.ProjectMemberFactory(project=project, role="member").person
    for person in (viewer, other):
        with pytest.raises(RuleViolation, match="speaks for the project"):
            actions.save_entry(project, by=promoter, shown=chosen(contact=person))
    with pytest.raises(RuleViolation, match="their own name"):
        actions.save_entry(project, by=promoter, shown=chosen(contact=member, shows_contact=True))
    entry = actions.save_entry(project, by=promoter, shown=chosen(contact=member))
    assert [row.to for row in Message.objects.filter(cause__startswith=f"network-contact:{entry.pk}")] == [member]


# a partner's brand


def partner(**values):
    partnership = make.PartnershipFactory()
    return DirectoryEntryFactory(project=partnership.project, **values), partnership


@pytest.mark.parametrize("accent", ["#ffff00", "#111111", "#808080", "#b3321b"])
def test_a_partners_colour_can_be_read_in_light_and_in_dark(visitor, accent):
    entry, _partnership = partner(accent=accent)
    css = visitor.get(reverse("cohorts_network_css", args=[entry.pk])).content.decode()
    light, dark = css.partition("--accent:light-dark(")[2].partition(")")[0].split(",")
    assert contrast_ratio(light, Brand.PAPER) >= 4.5
    assert contrast_ratio(dark, Brand.PAPER_DARK) >= 4.5


def test_the_brand_ends_with_the_partnership(visitor):
    entry, partnership = partner(accent="#ffcc00")
    address = reverse("cohorts_network_css", args=[entry.pk])
    assert address in visitor.get(reverse("cohorts_network_entry", args=[entry.pk])).content.decode()
    partnership.ended_at, partnership.ended_by = timezone.now(), UserFactory()
    partnership.save()
    make.ParticipationFactory(project=entry.project)
    assert visitor.get(address).status_code == 404
    assert address not in visitor.get(reverse("cohorts_network_entry", args=[entry.pk])).content.decode()


def test_only_a_partner_has_a_brand(promoter):
    project = make.ProjectMemberFactory(project=make.ParticipationFactory().project, person=promoter).project
    with pytest.raises(RuleViolation, match="come with a partnership"):
        actions.save_entry(project, by=promoter, shown=chosen(accent="#ffcc00"))


def test_a_logo_is_made_small_and_loses_what_the_camera_wrote(client_for, visitor):
    entry, partnership = partner()
    lead = make.ProjectMemberFactory(project=partnership.project).person
    out = BytesIO()
    picture = Image.new("RGB", (2000, 900), "#ff8800")
    exif = picture.getexif()
    exif[0x9286] = "Qsecret"
    picture.save(out, "JPEG", exif=exif)
    upload = SimpleUploadedFile("logo.jpg", out.getvalue(), "image/jpeg")
    client_for(lead).post(reverse("cohorts_network_own", args=[partnership.project.pk]), fields(logo=upload))
    shown = visitor.get(reverse("cohorts_network_logo", args=[entry.pk]))
    content = b"".join(shown.streaming_content)
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert b"Qsecret" not in content
    assert Image.open(BytesIO(content)).size == (427, 192)
    client_for(lead).post(reverse("cohorts_network_own", args=[partnership.project.pk]), fields(takes_logo_away="on"))
    assert visitor.get(reverse("cohorts_network_logo", args=[entry.pk])).status_code == 404


def picture():
    out = BytesIO()
    Image.new("RGB", (40, 20), "#ff8800").save(out, "PNG")
    return out.getvalue()


def test_who_hides_sees_their_own_logo(client_for, visitor, insider):
    entry, partnership = partner(audience="nobody", logo=LOGO)
    lead = make.ProjectMemberFactory(project=partnership.project).person
    address = reverse("cohorts_network_logo", args=[entry.pk])
    assert [client.get(address).status_code for client in (client_for(lead), visitor, insider)] == [200, 404, 404]
    assert address in client_for(lead).get(reverse("cohorts_network_own", args=[partnership.project.pk])).content.decode()


def test_the_old_logo_goes_once_the_new_one_counts(django_capture_on_commit_callbacks):
    entry, partnership = partner(logo=LOGO)
    lead = make.ProjectMemberFactory(project=partnership.project).person
    storage, old = entry.logo.storage, entry.logo.name
    with django_capture_on_commit_callbacks() as waiting:
        new = actions.save_entry(partnership.project, by=lead, shown=chosen(), logo=picture()).logo.name
    assert (storage.exists(old), storage.exists(new)) == (True, True)
    for act in waiting:
        act()
    assert (storage.exists(old), storage.exists(new)) == (False, True)
    with django_capture_on_commit_callbacks(execute=True):
        gone = actions.save_entry(partnership.project, by=lead, shown=chosen(), logo=b"")
    assert (storage.exists(new), bool(gone.logo), gone.logo_width) == (False, False, None)


@pytest.mark.parametrize("content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"%PDF-1.7", b"\x89PNG\r\n\x1a\nbroken"])
def test_what_is_no_logo_is_refused(content):
    with pytest.raises(ValidationError):
        as_logo(content, "logo.png")
