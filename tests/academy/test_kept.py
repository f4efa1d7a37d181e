"""`{% kept %}`: the same for everyone, of this host, language and time zone, and never anybody's own."""

import zoneinfo

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template, TemplateSyntaxError
from django.utils import timezone, translation

from academy import remembered
from academy.templatetags.kept import PersonalPart

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _french():
    with translation.override("fr"):
        yield


class Counted:
    """A value that says how often it was asked for."""

    def __init__(self):
        self.times = 0

    def __str__(self):
        self.times += 1
        return f"made {self.times}"


def rendered(rf, source, *, host="127.0.0.1", **values):
    request = rf.get("/fr/", headers={"host": host})
    request.user = AnonymousUser()
    return Template("{% load kept %}" + source).render(Context({"request": request, "user": request.user, **values}))


def test_a_part_is_made_once_for_each_value_language_zone_and_host(rf):
    made, part = Counted(), '{% kept "once" who as name %}{{ name }} {{ made }}{% endkept %}'
    assert rendered(rf, part, made=made, who="a") == "a made 1"
    assert rendered(rf, part, made=made, who="a") == "a made 1"
    assert rendered(rf, part, made=made, who="b") == "b made 2"
    with translation.override("en"):
        assert rendered(rf, part, made=made, who="a") == "a made 3"
    with timezone.override(zoneinfo.ZoneInfo("Asia/Tokyo")):
        assert rendered(rf, part, made=made, who="a") == "a made 4"
    assert rendered(rf, part, made=made, who="a", host="localhost") == "a made 5"
    assert rendered(rf, part, made=made, who="a") == "a made 1"


def test_a_part_is_made_anew_in_every_process_once_something_is_published(rf):
    made, part = Counted(), '{% kept "anew" %}{{ made }}{% endkept %}'
    assert rendered(rf, part, made=made) == "made 1"
    remembered.forget()  # what counts is in the shared cache, not in this process
    assert rendered(rf, part, made=made) == "made 2"


def test_a_preview_is_never_kept(rf):
    made, part = Counted(), '{% kept "preview" %}{{ made }}{% endkept %}'
    request = rf.get("/fr/", headers={"host": "127.0.0.1"})
    request.user, request.is_preview = AnonymousUser(), True
    for times in (1, 2):
        assert Template("{% load kept %}" + part).render(Context({"request": request, "made": made})) == f"made {times}"


@pytest.mark.parametrize("inside", ["{{ user.email }}", "{% if user.is_authenticated %}x{% endif %}", "{{ request.user.email }}", "{% csrf_token %}",
    "{% for one in messages %}{{ one }}{% endfor %}", "{{ request.session.x }}", "{{ request.COOKIES.x }}", "{{ user }}",
    "{% if yes and user.is_authenticated %}x{% endif %}", "{% if not user.is_superuser %}x{% endif %}", "{% if user == 1 %}x{% endif %}"])  # fmt: skip
def test_nobody_is_inside(rf, inside):
    with pytest.raises(PersonalPart):
        rendered(rf, '{% kept "nobody" %}' + inside + "{% endkept %}", yes=True)


def test_a_part_needs_a_name():
    with pytest.raises(TemplateSyntaxError):
        Template("{% load kept %}{% kept %}x{% endkept %}")
