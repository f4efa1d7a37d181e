"""The example where it is not told yet: when it is refused, what it says, what day it begins."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from academy.management.example.clock import on
from academy.models import User
from cohorts.models import Cohort, Registration, Session
from tests.factories.academy import UserFactory


def test_password_is_made_and_said_when_none_is_given(academy, settings, capsys):
    settings.DEMO_PASSWORD = ""
    call_command("demo")
    password = capsys.readouterr().out.split("Password: ")[1].strip()
    assert User.objects.get(email="admin@demo.example").check_password(password)


@pytest.mark.parametrize("fields", [{}, {"is_superuser": True, "is_staff": True}, {"is_active": False}])
def test_refuses_where_somebody_real_has_an_account(academy, fields):
    UserFactory(email="somebody@example.org", **fields)
    with pytest.raises(CommandError, match="1 real person has an account here"):
        call_command("demo")
    assert not Cohort.objects.exists()
    assert User.objects.count() == 1


@pytest.mark.parametrize("later", [1, 5])
def test_sessions_begin_on_a_tuesday_whatever_the_day(academy, settings, later):
    settings.DEMO_PASSWORD = "a password for show"
    with on(timezone.now() + timedelta(days=later, hours=later * 3)):
        call_command("demo", stdout=StringIO())
    assert {session.starts_at.weekday() for session in Session.objects.all()} == {1}
    assert Registration.objects.filter(status="cancelled_late").count() == 0
