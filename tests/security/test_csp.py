"""Two policies by path, on every answer; and no inline script left in what the CMS renders."""

import re

import pytest
from django.urls import reverse

from academy.cms_csp import start
from tests.factories import cohorts as make

STRICT = {"default-src": "'self'", "object-src": "'none'", "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'self'"}
INLINE = re.compile(r'<script(?![^>]*\bsrc=)(?![^>]*type="(?:application/json|text/x-template|text/template)")[^>]*>')


def policy(response) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in response.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, _space, values in parts}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz", "/fr/", "/accounts/login/", "/fr/not-here/", "/verify/nonsense/", "/brand.css"])
def test_site_is_strict(visitor_client, address):
    found = policy(visitor_client.get(address))
    assert {name: found[name] for name in STRICT} == STRICT
    assert "unsafe" not in str(found)


def test_cms_allows_inline_style_and_no_inline_script(client_for, coordinator):
    found = policy(client_for(coordinator).get("/cms/"))
    assert found["style-src"] == "'self' 'unsafe-inline'"
    assert found["script-src"] == "'self'"
    assert found["default-src"] == "'self'"


def test_every_answer_says_what_the_page_may_not_use(visitor_client):
    assert "camera=()" in visitor_client.get("/healthz").headers["Permissions-Policy"]


@pytest.mark.parametrize(
    "name", ["cohorts:add", "sessions:add", "wagtailusers_users:add", "wagtailimages:add_multiple", "wagtaildocs:add_multiple"]
)
def test_screen_of_the_cms_has_no_inline_script(client_for, admin_user, name):
    response = client_for(admin_user).get(reverse(name))
    assert response.status_code == 200
    assert INLINE.findall(response.content.decode()) == []


def test_form_with_date_fields_carries_data(client_for, coordinator):
    make.PathwayFactory()
    content = client_for(coordinator).get(reverse("cohorts:add")).content.decode()
    assert content.count('data-cms-call="initDateTimeChooser"') == 3


def test_data_cannot_end_the_script():
    assert start("X", '["</script><script>alert(1)</script>"]', new=True).count("</script>") == 1
    with pytest.raises(ValueError):
        start("X", "not json", new=False)
