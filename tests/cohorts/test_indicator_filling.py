"""Filling in the indicators of a year: a page that keeps itself, two people at once, and the one rule of what an indicator takes."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.urls import reverse
from wagtail.models import ModelLogEntry

from academy.rules import RuleViolation
from cohorts import actions
from cohorts.models import IndicatorReport, IndicatorValue
from tests.cohorts.test_indicators import YEAR, form, told
from tests.factories import cohorts as make
from tests.factories.indicators import IndicatorFactory, IndicatorValueFactory
from tests.test_house import strict_templates  # noqa: F401 (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

# two people, and a page that keeps itself


JSON = {"Accept": "application/json"}


def marks(page):
    return {f"from_{box.name}": box.mark for _pillar, boxes in page.context["lines"] for box in boxes} | {
        f"from_{page.context[name].name}": page.context[name].mark for name in ("currency", "note") if page.context[name]
    }


def test_the_page_keeps_itself_and_sends_nothing(client_for, promoter, partner, people, turnover, asked):
    client = client_for(promoter)
    said = client.post(form(partner), {**marks(client.get(form(partner))), f"i{people.pk}": "12", "note": "Two"}, headers=JSON).json()
    report = IndicatorReport.objects.get()
    assert (report.sent_at, report.note, [row.value for row in report.values.all()]) == (None, "Two", [12])
    assert (sorted(said["marks"]), said["errors"], said["saved"][:8]) == (sorted([f"i{people.pk}", "note"]), {}, "Saved at")
    assert not ModelLogEntry.objects.for_instance(partner).filter(action="cohorts.send_indicators").exists()


def test_what_is_wrong_costs_nothing_of_the_rest(client_for, promoter, partner, people, turnover, asked):
    client = client_for(promoter)
    typed = {f"i{people.pk}": "many", f"i{turnover.pk}": "500", "currency": "", "note": "Kept words"}
    said = client.post(form(partner), typed, headers=JSON).json()
    assert (sorted(said["errors"]), sorted(said["marks"])) == (["currency", f"i{people.pk}"], ["note"])
    assert (IndicatorReport.objects.get().note, IndicatorValue.objects.count()) == ("Kept words", 0)
    said = client.post(form(partner), typed | {"currency": "EUR"}, headers=JSON).json()
    assert sorted(said["marks"]) == sorted(["currency", "note", f"i{turnover.pk}"])
    assert [(row.value, row.currency) for row in IndicatorValue.objects.all()] == [(500, "EUR")]


def test_two_people_fill_in_one_year_and_nothing_is_lost(client_for, promoter, partner, people, turnover, asked):
    other = make.ProjectMemberFactory(project=partner, role="member").person
    mine, theirs = client_for(promoter), client_for(other)
    first, second = marks(mine.get(form(partner))), marks(theirs.get(form(partner)))
    theirs.post(form(partner), {**second, f"i{people.pk}": "", f"i{turnover.pk}": "9", "currency": "EUR", "note": ""}, headers=JSON)
    said = mine.post(form(partner), {**first, f"i{people.pk}": "1", f"i{turnover.pk}": "", "currency": "", "note": ""}, headers=JSON).json()
    assert said["others"] == {f"i{turnover.pk}": "9", "currency": "EUR"}
    page = mine.post(form(partner), {**first, f"i{people.pk}": "1", f"i{turnover.pk}": "8", "currency": "EUR", "note": "", "send": "1"})
    assert list(page.context["form"].errors) == [f"i{turnover.pk}"]
    assert sorted(IndicatorValue.objects.values_list("value", flat=True)) == [1, 9]
    assert IndicatorReport.objects.get().sent_at is None
    seen = next(box.theirs_mark for _pillar, boxes in page.context["lines"] for box in boxes if box.is_both)
    chosen = {f"take_i{turnover.pk}": "mine", f"seen_i{turnover.pk}": seen}
    mine.post(form(partner), {**first, f"i{people.pk}": "1", f"i{turnover.pk}": "8", "currency": "EUR", "note": "", "send": "1", **chosen})
    assert sorted(IndicatorValue.objects.values_list("value", flat=True)) == [1, 8]
    assert IndicatorReport.objects.get().sent_by == promoter


def test_an_amount_waits_while_its_currency_is_chosen(client_for, promoter, partner, turnover, asked):
    client = client_for(promoter)
    first = marks(client.get(form(partner)))
    actions.save_report(partner, by=promoter, year=YEAR, given={turnover: (Decimal(5), "EUR")})
    said = client.post(form(partner), {**first, f"i{turnover.pk}": "7", "currency": "USD", "note": ""}, headers=JSON).json()
    assert sorted(said["both"]) == sorted(["currency", f"i{turnover.pk}"])
    assert [(row.value, row.currency) for row in IndicatorValue.objects.all()] == [(5, "EUR")]


def test_what_is_sent_changes_when_it_is_sent_again(client_for, promoter, partner, people, asked):
    client = client_for(promoter)
    client.post(form(partner), {f"i{people.pk}": "5", "send": "1"})
    first = marks(client.get(form(partner)))
    said = client.post(form(partner), {**first, f"i{people.pk}": "57", "note": ""}, headers=JSON).json()
    assert (said["marks"], IndicatorValue.objects.get().value) == ({"note": first["from_note"]}, 5)  # the page keeps it on the device
    page = client.post(form(partner), {**first, f"i{people.pk}": "57", "note": "", "keep": "1"})
    assert (page.status_code, IndicatorValue.objects.get().value) == (200, 5)
    client.post(form(partner), {**first, f"i{people.pk}": "57", "note": "", "send": "1"})
    assert IndicatorValue.objects.get().value == 57


@pytest.mark.parametrize("pillar", ["impact", "craft", "business"])
def test_an_amount_has_its_currency_wherever_it_stands(client_for, promoter, partner, asked, pillar):
    amount = IndicatorFactory(pillar=pillar, kind="money")
    client = client_for(promoter)
    page = client.get(form(partner))
    assert page.content.decode().count('name="currency"') == 1
    client.post(form(partner), {f"i{amount.pk}": "5", "currency": "EUR", "send": "1"})
    assert [(row.value, row.currency) for row in IndicatorValue.objects.all()] == [(5, "EUR")]


def test_what_is_turned_off_meanwhile_does_not_vanish_without_a_word(client_for, promoter, partner, people, turnover, asked):
    client = client_for(promoter)
    people.is_on = False
    people.save()
    typed = {f"i{people.pk}": "5", f"i{turnover.pk}": "6", "currency": "EUR", "send": "1"}
    page = client.post(form(partner), typed)
    assert "People" in str(page.context["form"].non_field_errors())
    assert IndicatorReport.objects.get().sent_at is None
    with pytest.raises(RuleViolation) as refusal:
        actions.save_report(partner, by=promoter, year=YEAR, given={people: (Decimal(5), "")})
    assert refusal.value.code == "off"


# what an indicator takes


RULES = [("percent", "101", ""), ("percent", "-1", ""), ("number", "-1", ""), ("money", "1", ""), ("number", "1", "EUR")]


@pytest.mark.parametrize(("kind", "value", "currency"), RULES)
def test_one_rule_for_form_verb_and_row(client_for, promoter, partner, asked, kind, value, currency):
    indicator = IndicatorFactory(kind=kind)
    with pytest.raises(RuleViolation):
        actions.save_report(partner, by=promoter, year=YEAR, given={indicator: (Decimal(value), currency)})
    with pytest.raises(ValidationError):
        IndicatorValueFactory.build(indicator=indicator, value=Decimal(value), currency=currency, report=None).clean()
    if not (kind == "number" and currency):  # a form asks no currency of a number
        page = client_for(promoter).post(form(partner), {f"i{indicator.pk}": value, "currency": currency, "send": "1"})
        assert page.context["form"].errors


@pytest.mark.parametrize("currency", ["EU", "eur", "EURO"])
def test_the_database_takes_no_other_currency(people, currency):
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        IndicatorValueFactory(indicator=people, currency=currency)


def test_no_percentage_is_below_nought():
    with pytest.raises(IntegrityError), transaction.atomic():
        IndicatorFactory(kind="percent", may_be_negative=True)


def test_a_refused_change_of_an_indicator_says_why(in_cms):
    result = IndicatorFactory(kind="money", may_be_negative=True)
    told(result, -5, currency="EUR")
    words = {f"{name}_{at}": code for name in ("label", "help") for at, code in enumerate(("Résultat", "Result"))}
    typed = {"pillar": result.pillar, "kind": "money", "sort_order": "1", "is_on": "on", **words}
    page = in_cms.post(reverse("indicators:edit", args=[result.pk]), typed)
    assert "may_be_negative" in page.context["form"].errors
    typed |= {"may_be_negative": "on", "kind": "number"}
    assert "kind" in in_cms.post(reverse("indicators:edit", args=[result.pk]), typed).context["form"].errors


def test_an_answered_indicator_is_not_deleted(in_cms, people):
    told(people, 5)
    page = in_cms.post(reverse("indicators:delete", args=[people.pk]), follow=True)
    assert (page.status_code, type(people).objects.filter(pk=people.pk).exists()) == (200, True)


@pytest.mark.parametrize("typed", ["45 %", "45%", "45,0", "45"])
def test_a_percentage_may_have_its_sign(client_for, promoter, partner, people, asked, typed):
    share = IndicatorFactory(kind="percent")
    client_for(promoter).post(form(partner), {f"i{share.pk}": typed, f"i{people.pk}": "3 %", "note": ""}, headers=JSON)
    assert [(row.indicator, row.value) for row in IndicatorValue.objects.all()] == [(share, 45)]
