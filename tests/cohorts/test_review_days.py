"""The list of a reader: empty, and by when each review is wanted, a day on the clock of the cohort."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts.coverage import asleep_since
from cohorts.models import Application
from tests.factories import cohorts as make

pytestmark = pytest.mark.django_db


def test_the_day_by_which_a_review_is_wanted_ends_on_the_clock_of_the_cohort(submitted, reviewer):
    Application.objects.filter(pk=submitted.pk).update(state="under_review")
    row = make.ReviewAssignmentFactory(application=submitted, reviewer=reviewer, state="accepted")
    type(row.application.cohort).objects.update(time_zone="America/Martinique")
    type(row).objects.filter(pk=row.pk).update(due_on=timezone.localdate() + timedelta(days=3))
    row = type(row).objects.select_related("application__cohort", "round", "reviewer").get(pk=row.pk)
    midnight = datetime.combine(row.due_on + timedelta(days=1), time(), tzinfo=ZoneInfo("America/Martinique"))
    assert asleep_since(row, midnight - timedelta(minutes=1)) is None
    assert asleep_since(row, midnight + timedelta(minutes=1)) == midnight


def test_an_empty_list_says_so(client_for, reviewer):
    response = client_for(reviewer).get(reverse("cohorts_reviews"))
    assert 'class="empty' in response.content.decode()
    assert response.context["open_count"] == 0
