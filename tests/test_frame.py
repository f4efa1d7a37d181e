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
