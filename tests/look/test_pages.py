"""The frame of every page: who sees what, in which language, at what cost."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from wagtail.models import Locale, Page, PageViewRestriction, Site

from academy.brand import frame_key
from academy.models import Brand, HomePage

pytestmark = pytest.mark.django_db


@pytest.fixture
def homes():
    """A home page in French and its translation in English."""
    cache.clear()
    french, _ = Locale.objects.get_or_create(language_code="fr")
    english, _ = Locale.objects.get_or_create(language_code="en")
    Site.objects.all().delete()
    Page.objects.filter(depth__gt=1).delete()
    home = Page.objects.get(depth=1).add_child(instance=HomePage(title="Academy", slug="fr", locale=french, lead="Une phrase."))
    Site.objects.create(hostname="testserver", root_page=home, is_default_site=True)
    other = home.copy_for_translation(english)
    other.lead = "One sentence."
    other.save_revision().publish()
    return home, other


def test_home_page_says_what_to_do(homes, visitor_client):
    html = visitor_client.get("/fr/").content.decode()
    assert "Une phrase." in html
    assert 'href="/fr/apply/"' in html
    assert '<html lang="fr">' in html
    assert html.count("<h1") == 1


def test_home_page_is_cheap_once_the_frame_is_known(homes, visitor_client, django_assert_max_num_queries):
    visitor_client.get("/fr/")
    with django_assert_max_num_queries(10):
        visitor_client.get("/fr/")


def test_language_switch_leads_to_the_translation(homes, visitor_client):
    html = visitor_client.get("/fr/").content.decode()
    assert 'href="/en/" hreflang="en" lang="en"' in html
    assert html.count('rel="alternate" hreflang=') == 2


@pytest.mark.parametrize("reason", ["draft", "private"])
def test_language_switch_hides_a_translation_that_is_not_for_the_reader(homes, visitor_client, reason, django_capture_on_commit_callbacks):
    home, other = homes
    child = home.add_child(instance=HomePage(title="Page", slug="page", locale=home.locale))
    twin = child.copy_for_translation(other.locale)
    twin.save_revision().publish()
    assert b'href="/en/page/" hreflang="en" lang="en"' in visitor_client.get("/fr/page/").content
    with django_capture_on_commit_callbacks(execute=True):
        if reason == "draft":
            Page.objects.get(pk=twin.pk).unpublish()
        else:
            PageViewRestriction.objects.create(page=twin, restriction_type=PageViewRestriction.LOGIN)
    html = visitor_client.get("/fr/page/").content.decode()
    assert "/en/page/" not in html
    assert 'href="/en/" hreflang="en" lang="en"' in html


def test_menu_of_a_visitor_and_of_a_promoter(homes, visitor_client, promoter, client_for):
    visitor = visitor_client.get("/fr/").content.decode()
    assert reverse("account_login") in visitor
    assert "/fr/my/pathway/" not in visitor
    assert "csrfmiddlewaretoken" not in visitor
    mine = client_for(promoter).get("/fr/").content.decode()
    assert "/fr/my/pathway/" in mine
    assert reverse("wagtailadmin_home") not in mine


def test_menu_of_staff_leads_to_the_cms(homes, trainer, client_for):
    assert reverse("wagtailadmin_home") in client_for(trainer).get("/fr/").content.decode()


def test_gallery_is_for_staff(visitor_client, promoter, trainer, client_for):
    address = reverse("ui_gallery")
    assert visitor_client.get(address).status_code == 302
    assert client_for(promoter).get(address, follow=True).status_code == 404
    assert client_for(trainer).get(address).status_code == 200


@pytest.mark.parametrize(("language", "words"), [("fr", "Votre projet est en formation"), ("en", "Your project is in training")])
def test_gallery_speaks_both_languages(trainer, client_for, language, words):
    html = client_for(trainer).get(reverse("ui_gallery"), {"language": language}).content.decode()
    assert words in html
    assert f'<html lang="{language}">' in html


def test_brand_stylesheet_carries_the_accent_of_the_site(homes, visitor_client):
    brand = Brand.for_site(Site.objects.get())
    brand.accent, brand.accent_dark = "#005f73", "#94d2bd"
    brand.save()
    response = visitor_client.get(reverse("brand_css"))
    assert response.headers["Content-Type"].startswith("text/css")
    assert "--accent:light-dark(#005f73,#94d2bd)" in response.content.decode()


def test_a_new_brand_is_seen_on_the_next_page(homes, visitor_client, django_capture_on_commit_callbacks):
    assert "Smart Academy" in visitor_client.get("/fr/").content.decode()
    brand = Brand.for_site(Site.objects.get())
    brand.name, brand.accent = "Coop des Rives", "#005f73"
    with django_capture_on_commit_callbacks(execute=True):
        brand.save()
    html = visitor_client.get("/fr/").content.decode()
    assert "<span>Coop des Rives</span>" in html
    assert "brand.css?005f73" in html


@pytest.mark.parametrize("kept", [{"name": "Older"}, "something else"])
def test_a_frame_kept_by_an_older_release_is_read_again(homes, visitor_client, kept):
    cache.set(frame_key(Site.objects.get().pk, "fr"), kept)
    assert "<span>Smart Academy</span>" in visitor_client.get("/fr/").content.decode()


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
def test_entrance_has_our_frame(visitor_client, name):
    html = visitor_client.get(reverse(name)).content.decode()
    assert 'class="skip" href="#main"' in html
    assert html.count("<h1") == 1
    assert "field-label" in html


@pytest.mark.parametrize("name", ["account_email", "account_change_password", "mfa_index", "usersessions_list", "account_logout"])
def test_account_screens_have_our_frame(promoter, client_for, name):
    html = client_for(promoter).get(reverse(name)).content.decode()
    assert 'class="side-nav"' in html
    assert html.count("<h1") == 1


def test_second_step_has_one_name(promoter, client_for):
    """The menu, the heading and the title of the tab say the same."""
    html = client_for(promoter).get(reverse("mfa_index"), headers={"accept-language": "en"}).content.decode()
    assert html.count("Two-step sign-in") == 3
    assert "wo-factor" not in html.lower().replace("two-step", "")


def test_title_of_the_home_page_is_french(homes, visitor_client):
    assert "<title>Smart Academy\xa0: créer" in visitor_client.get("/fr/").content.decode()


def test_a_dead_link_of_a_mail_says_what_to_do(visitor_client):
    html = visitor_client.get(
        reverse("account_reset_password_from_key", args=["1", "abc"]), headers={"accept-language": "en"}
    ).content.decode()
    assert "This link no longer works" in html
    assert f'href="{reverse("account_reset_password")}"' in html
    closed = visitor_client.get(reverse("account_inactive"), headers={"accept-language": "en"}).content.decode()
    assert "write to the team" in closed


def test_errors_are_told_in_our_words_and_with_french_spaces(visitor_client):
    answer = visitor_client.post(reverse("account_signup"), {"email": "not-an-address"}, headers={"accept-language": "fr"}).content.decode()
    assert "novalidate" in answer
    assert "E-mail</a>\xa0: " in answer


def test_footer_does_not_promise_an_address_that_is_not_set(homes, visitor_client):
    assert "Nous joindre" not in visitor_client.get("/fr/").content.decode()


def test_an_unknown_address_explains_itself(homes, visitor_client):
    response = visitor_client.get("/fr/nowhere/")
    assert response.status_code == 404
    assert 'action="/fr/search/"' in response.content.decode()


def test_profile_is_ones_own_and_is_saved(promoter, client_for, visitor_client):
    address = reverse("account_profile")
    assert visitor_client.get(address).status_code == 302
    client = client_for(promoter)
    assert client.get(address).status_code == 200
    answer = client.post(address, {"name": "Paula P.", "language": "fr", "country": "SE", "time_zone": "Europe/Stockholm"})
    assert answer.status_code == 302
    promoter.refresh_from_db()
    assert (promoter.name, promoter.language, promoter.country, promoter.time_zone) == ("Paula P.", "fr", "SE", "Europe/Stockholm")


def test_profile_refuses_what_it_does_not_know(promoter, client_for):
    answer = client_for(promoter).post(reverse("account_profile"), {"name": "P", "language": "xx", "country": "ZZ", "time_zone": "Mars"})
    assert answer.status_code == 200
    assert answer.content.decode().count('class="field-errors"') == 3
