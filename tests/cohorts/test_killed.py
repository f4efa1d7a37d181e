"""kill -9 between an offer and its mail, on real processes: nothing is sent twice, nothing forgotten."""

import json
import os
import shutil
import signal
import subprocess
import sys
from email import message_from_bytes

import pytest
from django.db import connection

from tests.prepared import ROOT, starter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(tmp_path):
    """Runs a command in a process of its own on this database: on SQLite a copy of what setup makes, on PostgreSQL the one of the test."""
    if connection.vendor == "sqlite":
        shutil.copyfile(starter(), tmp_path / "seat.sqlite3")
        database = f"sqlite:///{tmp_path / 'seat.sqlite3'}"
    else:
        given = connection.settings_dict
        database = f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    env = {
        **os.environ,
        "DATABASE_URL": database,
        "DATA_DIR": str(tmp_path / "data"),
        "EMAIL_URL": f"file://{tmp_path / 'mails'}",
        "DEBUG": "1",
    }

    def command(*arguments, killed=False):
        done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, timeout=120)
        assert done.returncode == (-signal.SIGKILL if killed else 0), done.stderr.decode()
        return done.stdout

    return command


def seat(run, *arguments, **how):
    return run("-m", "tests.cohorts.seat_process", *arguments, **how)


def stands(run):
    return json.loads(seat(run, "look"))


def mails(tmp_path):
    """The Message-ID of every mail that left."""
    files = sorted((tmp_path / "mails").glob("*.log")) if (tmp_path / "mails").exists() else []
    parts = [part for file in files for part in file.read_bytes().split(b"-" * 79) if part.strip()]
    return [message_from_bytes(part.lstrip())["Message-ID"] for part in parts]


def test_killed_before_the_commit_nothing_was_said_nor_promised(run, tmp_path):
    seat(run, "prepare")
    seat(run, "offer", "before_commit", killed=True)
    assert (stands(run), mails(tmp_path)) == ({"places": [], "sent": []}, [])
    seat(run, "offer", "nowhere")
    assert (stands(run), len(mails(tmp_path))) == ({"places": ["offered"], "sent": [True]}, 1)


def test_killed_between_the_offer_and_its_mail_the_clock_sends_it_once(run, tmp_path):
    seat(run, "prepare")
    seat(run, "offer", "before_mail", killed=True)
    assert (stands(run), mails(tmp_path)) == ({"places": ["offered"], "sent": [False]}, [])
    run("manage.py", "tick")
    assert mails(tmp_path) == []  # it may still be in the hands of who took it
    seat(run, "later")
    run("manage.py", "tick")
    run("manage.py", "tick")
    assert (stands(run), len(mails(tmp_path))) == ({"places": ["offered"], "sent": [True]}, 1)


def test_killed_after_the_mail_it_is_one_mail_to_whoever_reads_it(run, tmp_path):
    """The server has it and the row does not say so: it leaves again under the same Message-ID, which is what mail programs go by."""
    seat(run, "prepare")
    seat(run, "offer", "after_mail", killed=True)
    assert (stands(run), len(mails(tmp_path))) == ({"places": ["offered"], "sent": [False]}, 1)
    seat(run, "later")
    run("manage.py", "tick")
    run("manage.py", "tick")
    assert (stands(run)["sent"], len(mails(tmp_path)), len(set(mails(tmp_path)))) == ([True], 2, 1)
