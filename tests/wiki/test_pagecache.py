"""The page cache keeps what every visitor gets, and forgets exactly when something changes for them."""

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.urls import resolve
from django.utils import translation
from wagtail.models import Locale, Page, PageViewRestriction, Site

from academy import pagecache, remembered
from academy.models import Brand
from tests.factories.wiki import WikiPageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(page, visitor_client, django_capture_on_commit_callbacks):
    """Reads the page until it is kept; the function says whether a change made the cache forget it."""
    assert visitor_client.get(page.url).headers["X-Page-Cache"] == "miss"
    assert visitor_client.get(page.url).headers["X-Page-Cache"] == "hit"

    def forgotten_after(change) -> bool:
        with django_capture_on_commit_callbacks(execute=True):
            change()
        return visitor_client.get(page.url).headers.get("X-Page-Cache") != "hit"

    return forgotten_after


def test_a_kept_page_is_the_same_page(page, visitor_client):
    first, second = visitor_client.get(page.url), visitor_client.get(page.url)
    assert first.content == second.content
    assert second.headers["Content-Type"] == "text/html; charset=utf-8"
    assert second.headers["X-Frame-Options"] == first.headers["X-Frame-Options"]
    assert "Cookie" in second.headers["Vary"]
    assert second.headers["Cache-Control"] == "no-cache"


def test_a_browser_that_has_it_is_told_so(page, visitor_client):
    tag = visitor_client.get(page.url).headers["ETag"]
    response = visitor_client.get(page.url, headers={"if-none-match": tag})
    assert (response.status_code, response.content) == (304, b"")


def test_head_is_answered_from_it(page, visitor_client):
    length = len(visitor_client.get(page.url).content)
    response = visitor_client.head(page.url)
    assert (response.headers["X-Page-Cache"], response.headers["Content-Length"]) == ("hit", str(length))


def test_the_language_is_remembered_on_a_hit_too(page, visitor_client, client):
    visitor_client.get(page.url)
    assert client.get(page.url).cookies["django_language"].value == "fr"


@pytest.mark.parametrize(
    "change",
    [
        lambda page: page.save_revision().publish(),
        lambda page: page.unpublish(),
        lambda page: page.delete(),
        lambda page: PageViewRestriction.objects.create(page=page, restriction_type="login"),
        lambda page: Brand.for_site(Site.objects.get(is_default_site=True)).save(),
        lambda page: page.copy(update_attrs={"slug": "copie", "title": "Copie"}),
        lambda page: page.move(page.get_parent().get_parent(), pos="last-child"),
    ],
    ids=["publish", "unpublish", "delete", "restrict", "brand", "copy", "move"],
)
def test_what_visitors_would_see_makes_it_forget(change, page, kept):
    if change.__code__.co_names[:1] == ("Brand",):
        Brand.for_site(Site.objects.get(is_default_site=True))
    assert kept(lambda: change(page))


def test_lifting_and_changing_a_restriction_makes_it_forget(page, members, kept):
    restriction = PageViewRestriction.objects.get()
    assert kept(lambda: restriction.groups.add(Group.objects.create(name="x")))


def test_a_draft_makes_it_forget_nothing(page, kept, wiki, french):
    def draft():
        page.title = "Brouillon"
        page.save_revision()
        page.save_revision(overwrite_revision=page.latest_revision)

    assert not kept(draft)
    assert not kept(lambda: WikiPageFactory(parent=wiki, slug="brouillon", locale=french, live=False))


def test_a_change_rolled_back_makes_it_forget_nothing(page, visitor_client):
    before = remembered.generation()
    pagecache.clear()  # in a transaction that is never committed
    assert remembered.generation() == before


def test_what_was_rendered_before_a_change_is_not_kept_after_it(page, rf):
    """A slow page, a publish meanwhile: the old words must not come back."""

    def slow(request):
        with translation.override("fr"):
            request.resolver_match = resolve(page.url)
        pagecache._clear_now()
        return HttpResponse("old")

    pagecache.PageCacheMiddleware(slow)(rf.get(page.url))
    fresh = pagecache.PageCacheMiddleware(lambda request: HttpResponse("new"))(rf.get(page.url))
    assert fresh.content == b"new"


def test_private_pages_and_signed_in_people_are_never_kept(secret, page, visitor_client, client_for, promoter):
    client = client_for(promoter)
    for _time in range(2):
        assert "X-Page-Cache" not in visitor_client.get(secret.url).headers
        assert "X-Page-Cache" not in client.get(secret.url).headers
        assert "X-Page-Cache" not in client.get(page.url).headers


@pytest.mark.parametrize("address", ["/fr/search/?q=x", "/accounts/login/", "/fr/rien/", "/"])
def test_other_addresses_are_left_alone(address, page, visitor_client):
    visitor_client.get(address)
    assert visitor_client.get(address).headers.get("X-Page-Cache") != "hit"


def test_an_unknown_parameter_goes_round_it(page, visitor_client):
    visitor_client.get(page.url)
    assert "X-Page-Cache" not in visitor_client.get(f"{page.url}?x=1").headers


def test_posting_and_messages_go_round_it(page, visitor_client):
    visitor_client.get(page.url)
    visitor_client.cookies["messages"] = "x"
    assert "X-Page-Cache" not in visitor_client.get(page.url).headers


def test_two_hosts_have_two_pages(page, visitor_client, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    visitor_client.get(page.url)
    assert visitor_client.get(page.url, headers={"host": "other.example"}).headers["X-Page-Cache"] == "miss"


def test_a_new_locale_or_site_is_seen_at_once(page, visitor_client):
    assert Site.objects.get(is_default_site=True).root_page_id == Page.objects.get(slug="wiki-test-fr").pk
    assert Locale.objects.filter(language_code="fr").exists()
