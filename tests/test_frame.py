"""The frame stands."""

import pytest


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "status"), [("/healthz", 200), ("/readyz", 200), ("/accounts/login/", 200)])
def test_address_answers(visitor_client, address, status):
    assert visitor_client.get(address).status_code == status


@pytest.mark.django_db
def test_root_leads_to_the_language_of_the_browser(visitor_client):
    assert visitor_client.get("/", headers={"accept-language": "en"}).headers["Location"] == "/en/"
    assert visitor_client.get("/", headers={"accept-language": "de"}).headers["Location"] == "/fr/"


@pytest.mark.django_db
def test_address_without_language_leads_to_the_one_with_it(visitor_client):
    assert visitor_client.get("/wiki/", headers={"accept-language": "en"}).headers["Location"] == "/en/wiki/"


@pytest.mark.django_db
def test_refused_page_is_not_redirected_to_a_language(client_for, promoter):
    assert client_for(promoter).get("/ui/").status_code == 404
