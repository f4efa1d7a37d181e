"""Ten headings, figures of three years, and the comparison of those that a person may read."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from wagtail.models import PageViewRestriction

from academy import charts
from academy.search import index
from academy.search.models import SearchEntry
from tests.factories.wiki import MonographPageFactory, WikiPageFactory, WikiSectionFactory
from wiki import actions
from wiki.figures import Indicator, figure_table, number_words
from wiki.headings import HEADINGS
from wiki.models import KeyFigure, MonographPage, WikiPage


def text(words: str) -> list[dict]:
    return [{"type": "text", "value": f"<p>{words}</p>"}]


def figure(page, year, value, indicator="turnover", currency="EUR", **more) -> KeyFigure:
    currency = currency if indicator in ("turnover", "shares", "result") else ""
    return KeyFigure.objects.create(page=page, year=year, value=value, indicator=indicator, currency=currency, **more)


@pytest.fixture
def shelf(wiki, french):
    return WikiSectionFactory(parent=wiki, slug="monographies", title="Monographies", locale=french)


@pytest.fixture
def sweden(shelf, french):
    page = MonographPageFactory(
        parent=shelf, slug="suede", title="Suède", country="SE", organisation="Nordverk", locale=french, history=text("Née en 1999.")
    )
    for year, value in ((2022, 900), (2023, 1000000), (2024, 1250000), (2025, 1500000)):
        figure(page, year, value, currency="SEK", source="Comptes annuels")
    figure(page, 2025, -2500.5, "result", "SEK")
    return page


@pytest.fixture
def spain(shelf, french):
    page = MonographPageFactory(parent=shelf, slug="espagne", title="Espagne", country="ES", locale=french)
    figure(page, 2025, 300000)
    return page


def get(client, address) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


# --- the page


def test_the_ten_headings_stand_in_their_order_and_empty_ones_for_who_writes_only(sweden, visitor_client, client_for, trainer, promoter):
    for client in (visitor_client, client_for(promoter)):
        html = get(client, sweden.url)
        assert "<p>Née en 1999.</p>" in html
        assert 'id="history"' in html
        assert 'id="stakes"' not in html
    html = get(client_for(trainer), sweden.url)
    places = [html.index(f'<h2 id="{heading.key}">') for heading in HEADINGS]
    assert places == sorted(places)
    assert html.count("Pas encore écrit.") == 8


def test_figures_are_a_table_of_the_last_three_years_and_a_chart(sweden, visitor_client):
    html = get(visitor_client, sweden.url)
    assert "1\u202f500\u202f000 SEK" in html
    assert ">2022<" not in html
    assert "−2\u202f500,5" in html
    assert "non renseigné" in html
    assert "data-negative" in html
    assert 'href="#key_figures"' in html


def test_a_monograph_is_a_wiki_page_everywhere(sweden, shelf, wiki, trainer, visitor_client):
    assert WikiPage.objects.get(pk=sweden.pk).specific == sweden
    verified = actions.verify_page(sweden, by=trainer)
    assert verified.verified_by == trainer
    assert "Suède" in get(visitor_client, shelf.url)
    assert "/wiki-compare/" in get(visitor_client, shelf.url)
    assert "/wiki-compare/" not in get(visitor_client, wiki.url)


def test_the_page_before_a_monograph_may_be_a_plain_one(sweden, shelf, french, visitor_client):
    after = WikiPageFactory(parent=shelf, slug="notes", title="Notes", locale=french)
    assert f'href="{after.url}" rel="next"' in get(visitor_client, sweden.url)
    assert f'href="{sweden.url}" rel="prev"' in get(visitor_client, after.url)


def test_whole_body_lowers_headings_and_gives_each_its_own_address(shelf, french):
    heading = {"type": "heading", "value": {"level": "2", "text": "Les prix", "anchor": "les-prix"}}
    page = MonographPageFactory(parent=shelf, slug="x", locale=french, history=[heading], services=[heading])
    found = [(child.value["level"], child.value["anchor"]) for child in page.whole_body if child.block_type == "heading"]
    assert found == [("2", "history"), ("3", "les-prix"), ("2", "services"), ("3", "les-prix-2")]


@pytest.mark.django_db(transaction=True)  # as in production: what is the same for every reader is remembered
@pytest.mark.parametrize("who", [None, "promoter", "trainer"])
def test_reading_a_monograph_stays_within_its_budget(who, request, sweden, page, shelf, french, client_for, visitor_client):
    client = client_for(request.getfixturevalue(who)) if who else visitor_client
    link = text(f'<a linktype="page" id="{page.pk}">un lien</a>')
    full = MonographPageFactory(parent=shelf, slug="plein", locale=french, **{heading.key: link for heading in HEADINGS})
    figure(full, 2025, 3)
    get(client, sweden.url)
    if who == "trainer":
        get(client_for(request.getfixturevalue("coordinator")), full.url)
    with CaptureQueriesContext(connection) as captured:
        get(client, full.url)
    assert len(captured) <= 12, "\n".join(query["sql"] for query in captured.captured_queries)


# --- the figures


def test_rules_of_a_figure_are_said_in_words_and_kept_by_the_database(sweden):
    wrong = [
        ({"indicator": "turnover", "value": 1, "currency": ""}, "give their currency"),
        ({"indicator": "members", "value": 1, "currency": "EUR"}, "give their currency"),
        ({"indicator": "turnover", "value": -1, "currency": "EUR"}, "Only the result"),
        ({"indicator": "fee", "value": 101}, "percentage"),
        ({"indicator": "turnover", "value": 1, "currency": "SEK", "year": 2025}, "already has a figure"),
    ]
    for fields, words in wrong:
        one = KeyFigure(page=sweden, **{"year": 2019, **fields})
        with pytest.raises(ValidationError, match=words):
            one.full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            one.save()
    with pytest.raises(ValidationError, match="three letters"):
        KeyFigure(page=sweden, year=2019, indicator="turnover", value=1, currency="ZZQ").full_clean()
    one = KeyFigure(page=sweden, year=2019, indicator="turnover", value=1, currency="sek")
    one.clean()
    assert one.currency == "SEK"


@pytest.mark.parametrize(
    ("language", "value", "indicator", "words"),
    [
        ("fr", "1250000.50", "turnover", "1\u202f250\u202f000,5"),
        ("en", "1250000.50", "turnover", "1,250,000.5"),
        ("fr", "-12", "result", "−12"),
        ("fr", "8.5", "fee", "8,5\u202f%"),
        ("en", "8.5", "fee", "8.5%"),
    ],
)
def test_numbers_are_written_as_each_language_does(language, value, indicator, words):
    with translation.override(language):
        assert number_words(Decimal(value), indicator) == words


def test_bars_share_a_scale_that_holds_nought():
    up, none, down = charts.bars([30, None, -10])
    assert none is None
    assert (up.start, up.length, up.is_negative) == (25, 75, False)
    assert (down.start, down.length, down.is_negative) == (0, 25, True)
    assert charts.bars([0, 0])[0].length == 0


def test_two_currencies_are_in_no_chart_together():
    rows = [
        KeyFigure(year=2024, indicator="turnover", value=1, currency="SEK"),
        KeyFigure(year=2025, indicator="turnover", value=1, currency="EUR"),
    ]
    table = figure_table(rows)
    assert [line.draws for line in table.lines] == [False] * 6
    assert figure_table([]) is None


# --- the comparison


def test_comparison_draws_each_currency_apart_and_warns(sweden, spain, visitor_client):
    html = get(visitor_client, "/fr/wiki-compare/?indicator=turnover&year=2025")
    assert "ne sont pas unifiées" in html
    assert "Suède" in html
    assert "Espagne" in html
    assert [part.split("</figcaption>")[0] for part in html.split("<figcaption>")[1:]] == [
        "Chiffre d’affaires (EUR)",
        "Chiffre d’affaires (SEK)",
        "Suède",
    ]
    assert '<span class="bar-words">125</span>' in html  # the second of three years, the first being 100


@pytest.mark.parametrize(
    "query", ["", "?indicator=zzz&year=abc", "?year=99999999999999", "?indicator=fte", "?indicator=turnover&year=1850"]
)
def test_comparison_answers_whatever_is_asked(query, sweden, visitor_client):
    get(visitor_client, f"/fr/wiki-compare/{query}")


def test_comparison_hides_what_a_person_may_not_read(sweden, spain, members, french, visitor_client, client_for, promoter):
    secret = MonographPageFactory(parent=members, slug="secret", title="Zirconie", locale=french)
    figure(secret, 2025, 7777777)
    draft = MonographPageFactory(parent=sweden.get_parent(), slug="draft", title="Brouillonie", locale=french, live=False)
    figure(draft, 2025, 5555555)
    seen = get(visitor_client, "/fr/wiki-compare/")
    assert "Zirconie" not in seen
    assert "7\u202f777" not in seen
    assert "Brouillonie" not in seen
    assert "Zirconie" in get(client_for(promoter), "/fr/wiki-compare/")
    PageViewRestriction.objects.all().delete()
    assert "Zirconie" in get(visitor_client, "/fr/wiki-compare/")


def test_a_monograph_in_two_languages_is_counted_once(sweden, home_en, english, visitor_client):
    shelf = WikiSectionFactory(parent=home_en, slug="wiki", locale=english)
    twin = MonographPageFactory(
        parent=shelf, slug="sweden", title="Sweden", country="SE", locale=english, translation_key=sweden.translation_key
    )
    figure(twin, 2025, 1500000, currency="SEK")
    french, in_english = get(visitor_client, "/fr/wiki-compare/"), get(visitor_client, "/en/wiki-compare/")
    assert ("Suède" in french, ">Sweden<" in french) == (True, False)
    assert (">Suède<" in in_english, "Sweden" in in_english) == (False, True)


def test_comparison_costs_the_same_for_one_and_for_many(sweden, shelf, french, visitor_client):
    visitor_client.get("/fr/wiki-compare/")
    counts = []
    for number in range(4):
        figure(MonographPageFactory(parent=shelf, slug=f"m{number}", title=f"M{number}", locale=french), 2025, number)
        with CaptureQueriesContext(connection) as captured:
            visitor_client.get("/fr/wiki-compare/?indicator=turnover")
        counts.append(len(captured))
    assert len(set(counts)) == 1
    assert counts[0] <= 12


def test_the_editor_has_the_ten_headings_and_refuses_a_figure_twice(sweden, trainer, client_for, admin_user):
    html = get(client_for(admin_user), f"/cms/pages/{sweden.pk}/edit/")
    for heading in HEADINGS:
        assert f'name="{heading.key}-count"' in html or heading.key in html
    form_class = MonographPage.get_edit_handler().get_form_class()
    data = {
        "title": "Suède",
        "slug": "suede",
        "kind": "country",
        "review_months": "12",
        "figures-TOTAL_FORMS": "2",
        "figures-INITIAL_FORMS": "0",
    }
    data |= {f"{heading.key}-count": "0" for heading in HEADINGS} | {"figures-MIN_NUM_FORMS": "0", "figures-MAX_NUM_FORMS": "1000"}
    for number in range(2):
        data |= {
            f"figures-{number}-{name}": value for name, value in {"year": "2021", "indicator": Indicator.MEMBERS, "value": "3"}.items()
        }
    form = form_class(data, instance=sweden, for_user=admin_user)
    assert not form.is_valid()
    assert form.formsets["figures"].non_form_errors() or any(form.formsets["figures"].errors)


# --- found


def test_a_monograph_is_found_by_its_chapters_and_country_once_and_to_the_end(shelf, french, django_capture_on_commit_callbacks, trainer):
    with django_capture_on_commit_callbacks(execute=True):
        page = MonographPageFactory(
            parent=shelf, slug="pays", title="Titre", country="SE", locale=french, services=text("Une avance de zirconium.")
        )
    found = SearchEntry.objects.filter(page=page)
    assert [(one.owner, "zirconium" in one.body) for one in found] == [(f"wiki.monographpage:{page.pk}", True)]
    with django_capture_on_commit_callbacks(execute=True):
        index.later(WikiPage.objects.get(pk=page.pk))
        index.later(page)
    assert SearchEntry.objects.filter(page=page).count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        page.delete()
    assert not SearchEntry.objects.filter(owner__endswith=f":{page.pk}", kind="page").exists()
