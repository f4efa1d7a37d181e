"""A publish forgets the pages that show something of what was published, and no others; and never leaves old words in place."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.core.cache.backends.filebased import FileBasedCache
from wagtail.models import Page

from academy import kept
from courses.models import ModulePage
from tests.factories import courses as learn
from tests.factories.wiki import WikiPageFactory, WikiSectionFactory

pytestmark = pytest.mark.django_db


def body(words: str) -> list[dict]:
    return [{"type": "text", "value": f"<p>{words}</p>"}]


@pytest.fixture
def site(wiki, french):
    """Two sections of two pages, one of which links to a page of the other; a course with a module of two lessons."""
    found = {"home": wiki.get_parent().specific, "wiki": wiki}
    for name in ("first", "second"):
        found[name] = WikiSectionFactory(parent=wiki, locale=french, slug=name, title=name.title())
        for number in "ab":
            found[name + number] = WikiPageFactory(
                parent=found[name], locale=french, slug=f"{name}-{number}", title=f"{name} {number}", body=body("At first.")
            )
    found["seconda"].body = body(f'See <a linktype="page" id="{found["firsta"].pk}">this</a>.')
    found["seconda"].save_revision().publish()
    found["module"] = learn.make_module("A module", language="fr")
    found["lesson"], found["next"] = (learn.make_lesson(found["module"], title) for title in ("One lesson", "Next lesson"))
    found["course"] = learn.make_course(modules=(found["module"],), language="fr")
    return found


@pytest.fixture
def read(visitor_client):
    """What a visitor gets, and whether it was kept."""

    def get(page: Page) -> tuple[str, str]:
        answer = visitor_client.get(page.get_url())
        assert answer.status_code == 200
        return answer.content.decode(), answer.headers["X-Page-Cache"]

    return get


@pytest.fixture
def forgotten(site, read, django_capture_on_commit_callbacks):
    """The names of the pages that are forgotten after a change, when all were kept."""

    def after(change) -> set[str]:
        for page in site.values():
            read(page)
        assert {read(page)[1] for page in site.values()} == {"hit"}
        with django_capture_on_commit_callbacks(execute=True):
            change()
        return {name for name, page in site.items() if read(page)[1] == "miss"}

    return after


def publish(page: Page, **values) -> None:
    fresh = Page.objects.get(pk=page.pk).specific
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.save_revision().publish()


def test_words_are_forgotten_where_they_show(site, forgotten):
    """Itself, the section that lists it, the page that links to it. Not its neighbour, whose menus show the title alone."""
    assert forgotten(lambda: publish(site["firsta"], body=body("Later."))) == {"firsta", "first", "wiki", "seconda"}
    assert forgotten(lambda: publish(site["secondb"], summary="Later.")) == {"secondb", "second", "wiki"}


@pytest.mark.parametrize(
    "values", [{"title": "Another"}, {"slug": "another"}, {"show_in_menus": True}], ids=lambda values: next(iter(values))
)
def test_shape_is_forgotten_everywhere(site, forgotten, values):
    page = site["firsta"]
    found = forgotten(lambda: (publish(page, **values), page.refresh_from_db()))
    assert found == set(site)


def test_lesson_is_forgotten_where_it_is_placed(site, forgotten):
    found = forgotten(lambda: publish(site["lesson"], minutes=55))
    assert found >= {"lesson", "module", "next"}
    assert not found & {"firsta", "second", "seconda"}
    assert forgotten(lambda: publish(site["module"], summary="Later.")) >= {"module", "course", "lesson"}


def test_draft_of_a_live_page_is_forgotten_nowhere(site, forgotten):
    def draft():
        site["firsta"].body = body("Not yet.")
        site["firsta"].save_revision()

    assert forgotten(draft) == set()


def test_nothing_old_is_ever_shown(site, read, visitor_client, django_capture_on_commit_callbacks):
    """Forty changes of any kind, drawn by lot: after each, what is kept is what would be made anew."""
    draw = random.Random(26)
    acts = [
        lambda page, n: publish(page, search_description=f"About {n}"),
        lambda page, n: publish(page, summary=f"Summary {n}"),
        lambda page, n: publish(page, title=f"Title {n}"),
        lambda page, n: publish(page, body=body(f"Words {n}")),
        lambda page, n: publish(page, minutes=n + 1),
        lambda page, n: publish(page, slug=f"slug-{n}"),
    ]
    hits = 0
    for number in range(40):
        page, act = draw.choice(list(site.values())), draw.choice(acts)
        with django_capture_on_commit_callbacks(execute=True):
            act(page, number)
        for name, one in site.items():
            site[name] = one = Page.objects.get(pk=one.pk)
            shown, state = read(one)
            if state == "miss":  # made just now: from here on it is kept
                continue
            hits += 1
            visitor_client.cookies["messages"] = "x"  # goes round what is kept
            assert visitor_client.get(one.get_url()).content.decode() == shown, (name, number)
            del visitor_client.cookies["messages"]
    assert hits > 40


def test_many_changes_take_a_new_name():
    before = kept.state()
    for number in range(kept.MOST_CHANGES):
        kept.change_words((f"at /{number}/",))
    assert (kept.state().name, len(kept.state().changes)) == (before.name, kept.MOST_CHANGES)
    kept.change_words(("at /more/",))
    assert kept.state().name != before.name


def test_lost_state_puts_everything_out_of_reach(page, visitor_client):
    visitor_client.get(page.url)
    assert visitor_client.get(page.url).headers["X-Page-Cache"] == "hit"
    cache.delete(kept.STATE)
    assert visitor_client.get(page.url).headers["X-Page-Cache"] == "miss"


@pytest.mark.parametrize("kind", ["memory", "files"])
def test_changes_made_at_once_are_all_kept(kind, settings, tmp_path):
    if kind == "files":
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(tmp_path)}}
        assert isinstance(cache._connections["default"], FileBasedCache)
    kept.change_everything()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: kept.change_words((f"at /{number}/",)), range(40)))
    assert {change[0] for change in kept.state().changes} == {f"at /{number}/" for number in range(40)}


def test_marks_of_a_page():
    html = b'<nav><a href="/fr/menu/">m</a></nav><a href="https://x.example/fr/%C3%A9t%C3%A9/?page=2#x">l</a><a href="#here">h</a>'
    assert kept.marks("/fr/x/", html) == {"at /fr/x/", "nav /fr/menu/", "to /fr/été/"}


def test_module_pages_show_more_than_a_title_in_menus():
    assert not hasattr(ModulePage, "menus_show_title_alone")
