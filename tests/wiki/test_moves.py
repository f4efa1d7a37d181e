"""Old addresses: whatever is renamed or moved, each leads to the page in one step, and tells a stranger nothing."""

import random

import pytest
from django.utils import translation
from wagtail.models import Page, PageViewRestriction

from tests.factories.wiki import WikiPageFactory, WikiSectionFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shelves(wiki, french):
    return [WikiSectionFactory(parent=wiki, slug=f"rayon-{n}", title=f"Rayon {n}", locale=french) for n in range(3)]


def fresh(page):
    return Page.objects.get(pk=page.pk).specific


def rename(page, slug: str):
    page = fresh(page)
    page.slug = slug
    page.save_revision().publish()


def move(page, parent):
    fresh(page).move(fresh(parent), pos="last-child")


def address(page) -> str:
    return Page.objects.get(pk=page.pk).get_url()


def test_any_sequence_of_renames_and_moves_leaves_every_old_address_one_step_away(shelves, french, visitor_client):
    for seed in range(6):
        chance = random.Random(seed)
        pages = [WikiPageFactory(parent=fresh(shelves[0]), slug=f"p{seed}-{n}", title=f"P {n}", locale=french) for n in range(2)]
        seen = {page.pk: [address(page)] for page in pages}
        for step in range(8):
            page = chance.choice(pages)
            act = chance.choice(["rename", "move", "back", "shelf"])
            if act == "rename":
                rename(page, f"n{seed}-{step}")
            elif act == "move":
                move(page, chance.choice(shelves))
            elif act == "shelf":
                rename(chance.choice(shelves), f"s{seed}-{step}")
            else:
                rename(page, f"p{seed}-{pages.index(page)}")
            for one in pages:
                seen[one.pk].append(address(one))
        now = {address(page) for page in pages}
        for page in pages:
            for old in dict.fromkeys(seen[page.pk]):
                answer = visitor_client.get(old)
                if old == address(page):
                    assert answer.status_code == 200
                elif old not in now:
                    assert (answer.status_code, answer["Location"]) == (301, address(page)), (seed, old)
                    assert answer["Cache-Control"] == "no-cache"


def test_there_and_back_is_no_circle(shelves, page, visitor_client):
    first = address(page)
    rename(page, "autre")
    second = address(page)
    rename(page, "modele")
    assert visitor_client.get(first).status_code == 200
    assert (visitor_client.get(second).status_code, visitor_client.get(second)["Location"]) == (301, first)


def test_a_new_page_at_an_old_address_wins_and_the_redirect_comes_back_when_it_goes(wiki, french, page, visitor_client):
    old = address(page)
    rename(page, "autre")
    usurper = WikiPageFactory(parent=wiki, slug="modele", title="La nouvelle", locale=french)
    assert "La nouvelle" in visitor_client.get(old).content.decode()
    fresh(usurper).delete()
    assert visitor_client.get(old)["Location"] == address(page)


def test_a_page_kept_for_visitors_is_forgotten_when_it_moves(shelves, page, visitor_client):
    old = address(page)
    assert visitor_client.get(old).headers["X-Page-Cache"] == "miss"
    assert visitor_client.get(old).headers["X-Page-Cache"] == "hit"
    move(page, shelves[1])
    answer = visitor_client.get(f"{old}?page=2")
    assert (answer.status_code, answer["Location"]) == (301, f"{address(page)}?page=2")


def test_both_languages_keep_their_own_old_addresses(wiki, page, home_en, english, visitor_client):
    wiki_en = WikiSectionFactory(parent=home_en, slug="wiki", locale=english)
    other = WikiPageFactory(parent=wiki_en, slug="model", title="The model", locale=english, translation_key=page.translation_key)
    old, old_en = address(page), address(other)
    rename(page, "nouveau")
    rename(other, "new")
    assert (old[:4], old_en[:4]) == ("/fr/", "/en/")
    assert visitor_client.get(old)["Location"] == address(page) == "/fr/wiki/nouveau/"
    with translation.override("en"):
        assert visitor_client.get(old_en)["Location"] == address(other) == "/en/wiki/new/"


@pytest.mark.parametrize("how", ["rename", "move"])
def test_a_private_page_keeps_its_new_address_from_strangers(how, members, wiki, page, visitor_client, promoter, reviewer, client_for):
    """It was public, was read, then went behind a guard under another name."""
    old = address(page)
    rename(page, "zirconium-confidentiel")
    if how == "move":
        move(page, members)
    else:
        PageViewRestriction.objects.create(page=fresh(page), restriction_type="login")
    answer = visitor_client.get(old)
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=%2Ffr%2Fwiki%2Fmodele%2F"
    assert "zirconium" not in answer["Location"] + answer.content.decode()
    assert client_for(promoter).get(old)["Location"] == address(page)
    restriction = PageViewRestriction.objects.order_by("-pk").first()
    restriction.restriction_type = PageViewRestriction.GROUPS
    restriction.save()
    refused = client_for(promoter).get(old)
    assert refused.status_code == 404
    assert "zirconium" not in refused.content.decode()


def test_an_unpublished_page_is_found_nowhere(page, visitor_client):
    old = address(page)
    rename(page, "autre")
    fresh(page).unpublish()
    assert visitor_client.get(old).status_code == 404


def test_a_page_renamed_while_unpublished_is_found_at_its_old_address_once_published_again(page, visitor_client):
    old = address(page)
    fresh(page).unpublish()
    hidden = fresh(page)
    hidden.slug = "autre"
    hidden.save_revision()
    assert visitor_client.get(old).status_code == 404
    fresh(page).get_latest_revision().publish()
    assert address(page) != old
    assert (visitor_client.get(old).status_code, visitor_client.get(old)["Location"]) == (301, address(page))
