"""Components say what they were given, and refuse what they do not know."""

import re
from datetime import UTC, date, datetime

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone, translation

from academy.ui import Series, Station


def render(source: str, **context) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


class Form(forms.Form):
    name = forms.CharField(label="Name", help_text="As on your papers")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="I agree")
    note = forms.CharField(label="Note", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


STATIONS = [
    Station("Apply", "accepted", "done", "/a/"),
    Station("Learn", "6 of 8", "here"),
    Station("Meet", state="next"),
    Station("Status"),
]
USES = {
    "button_link": '{% button_link "Go" "/x/" kind="quiet" %}',
    "submit": '{% submit "Save" kind="danger" name="a" value="b" %}',
    "callout": '{% callout kind="warning" title="Careful" %}<p>x</p>{% endcallout %}',
    "card": '{% card title="T" href="/x/" eyebrow="E" %}x{% endcard %}',
    "empty": '{% empty title="Nothing" %}x{% endempty %}',
    "field": "{% field form.name %}",
    "form_errors": "{% form_errors form %}",
    "rail": "{% rail stations %}",
    "rail_mini": "{% rail_mini stations %}",
    "pillar": '{% pillar "impact" %}',
    "radar": "{% radar series %}",
    "progress": '{% progress 3 8 label="Modules" %}',
    "status": '{% status "Ready" kind="good" %}',
    "breadcrumbs": "{% breadcrumbs crumbs %}",
    "pagination": "{% pagination page_obj %}",
    "scroll_table": '{% scroll_table caption="Projects" %}<tbody><tr><td>x</td></tr></tbody>{% endscroll_table %}',
    "when": "{% when moment %}",
    "day": "{% day moment %}",
    "qr": '{% qr "https://example.org/verify/1" label="Check" %}',
}
CONTEXT = {
    "form": Form({}),
    "stations": STATIONS,
    "series": [Series("You", True, {"a": 1, "b": 0.5, "c": None}), Series("Readers", False, {"a": 1, "b": 1, "c": 1})],
    "crumbs": [("Wiki", "/wiki/"), ("Model", "")],
    "page_obj": Paginator(range(100), 10).page(3),
    "moment": datetime(2027, 5, 14, 7, 30, tzinfo=UTC),
}


@pytest.mark.parametrize("tag", USES)
def test_component_renders(tag):
    html = render(USES[tag], **CONTEXT)
    assert html.strip()
    assert " style=" not in html


@pytest.mark.parametrize("tag", USES)
def test_component_refuses_an_unknown_argument(tag):
    source = re.sub(r" %\}", ' colour="red" %}', USES[tag], count=1)
    with pytest.raises(TemplateSyntaxError, match="colour"):
        Template("{% load ui %}" + source)


@pytest.mark.parametrize(
    "source",
    [
        '{% button_link "x" "/" kind="big" %}',
        '{% submit "x" kind="big" %}',
        '{% status "x" kind="purple" %}',
        '{% callout kind="loud" %}{% endcallout %}',
        '{% pillar "money" %}',
    ],
)
def test_component_refuses_an_unknown_kind(source):
    with pytest.raises(TemplateSyntaxError):
        render(source)


def test_words_are_escaped_and_blocks_are_not_escaped_twice():
    html = render("{% callout title=bad %}<p>{{ bad }}</p>{% endcallout %}{% status bad %}", bad="<script>")
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 3
    assert "<p>&lt;script&gt;</p>" in html


def test_field_ties_help_and_error_to_the_input():
    html = render("{% field form.name %}", form=Form({}))
    described = re.search(r'aria-describedby="([^"]+)"', html)[1].split()
    assert described == ["id_name_helptext", "id_name_error"]
    assert all(f'id="{one}"' in html for one in described)
    assert 'aria-invalid="true"' in html
    assert '<label class="field-label" for="id_name">Name</label>' in html


def test_field_groups_radios_in_a_fieldset_with_a_legend():
    html = render("{% field form.kind %}", form=Form())
    assert '<legend class="field-label">Kind</legend>' in html
    assert html.count('type="radio"') == 2


def test_field_says_optional_rather_than_required():
    with translation.override("en"):
        assert "(optional)" in render("{% field form.note %}", form=Form())
        assert "(optional)" not in render("{% field form.name %}", form=Form())


def test_form_errors_link_to_the_first_input_of_each_question():
    html = render("{% form_errors form %}", form=Form({}))
    assert re.findall(r'href="#([^"]+)"', html) == ["id_name", "id_kind_0", "id_agree"]
    assert render("{% form_errors form %}", form=Form()).strip() == ""


def test_rail_says_states_in_words():
    with translation.override("en"):
        html = render("{% rail stations %}", stations=STATIONS)
        mini = render("{% rail_mini stations %}", stations=STATIONS)
    assert html.count('aria-current="step"') == 1
    for words in ("(Done)", "You are here", "(Next)", "(Later)"):
        assert words in html
    assert 'aria-label="1 of 4 stages done, now: Learn"' in mini


def test_radar_has_its_numbers_in_a_table():
    html = render("{% radar series top=4 %}", series=CONTEXT["series"])
    assert "<table>" in html
    assert "<title" in html
    assert re.findall(r"<td>(.*?)</td>", html) == ["4 / 4", "4 / 4", "2 / 4", "4 / 4", "—", "4 / 4"]


def test_pagination_keeps_the_filters():
    request = RequestFactory().get("/list/?state=open&page=3")
    html = render("{% pagination page_obj %}", page_obj=CONTEXT["page_obj"], request=request)
    assert 'href="?state=open&amp;page=4"' in html
    assert html.count('aria-current="page"') == 1


def test_times_are_shown_where_the_reader_is_or_where_the_place_is():
    with translation.override("en"), timezone.override("America/Montreal"):
        assert render("{% when m %}", m=CONTEXT["moment"]) == '<time datetime="2027-05-14T03:30-04:00">May 14, 2027 · 3:30 am</time>'
        assert "9:30 am (Brussels)" in render('{% when m zone="Europe/Brussels" %}', m=CONTEXT["moment"])
        assert render("{% when m %}{% day m %}", m=None) == ""
        assert render("{% day m %}", m=date(2027, 4, 2)) == '<time datetime="2027-04-02">April 2, 2027</time>'


def test_qr_has_a_quiet_zone_and_says_what_it_opens():
    html = render('{% qr "https://example.org" label="Check" %}')
    assert 'role="img" aria-label="Check"' in html
    assert 'fill="#fff"' in html
    assert 'stroke="#000"' in html


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8", "curl/8"),
    ],
)
def test_a_browser_has_a_name(said, shown):
    assert render("{{ said|browser }}", said=said) == shown
