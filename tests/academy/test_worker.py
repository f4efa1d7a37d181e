"""The worker beside the server: kept alive, ended with whoever started it; what waits is done, what is old forgotten."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.tasks import update_reference_index_task

from academy.tasks import do_waiting, forget_done

ROOT = Path(__file__).resolve().parent.parent.parent
SLEEPER = "import os, time\nopen('pids', 'a').write(f'{os.getpid()}\\n')\ntime.sleep(600)\n"
STARTER = "import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-m', 'academy.worker'])\ntime.sleep(600)\n"


def until(found, patience: float = 30):
    end = time.monotonic() + patience
    while not (value := found()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
    return value


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_a_dead_worker_is_started_again_and_a_killed_server_takes_it_along(tmp_path):
    (tmp_path / "manage.py").write_text(SLEEPER)
    server = subprocess.Popen([sys.executable, "-c", STARTER], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})

    def pids() -> list[int]:
        file = tmp_path / "pids"
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    try:
        first = until(pids)[0]
        os.kill(first, signal.SIGKILL)
        second = until(lambda: pids()[1:])[0]
        assert is_alive(second)
    finally:
        server.kill()
        server.wait()
    until(lambda: not is_alive(second))


@pytest.fixture
def queue(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.mark.django_db(transaction=True)
def test_what_waits_is_done_and_then_forgotten(queue):
    DBTaskResult.objects.all().delete()
    update_reference_index_task.enqueue("wagtailcore", "page", "1")
    assert DBTaskResult.objects.ready().count() == 1
    do_waiting()
    assert DBTaskResult.objects.successful().count() == 1
    assert forget_done() == 0
    DBTaskResult.objects.update(finished_at=timezone.now() - timedelta(days=8))
    call_command("tick", verbosity=0)
    assert DBTaskResult.objects.count() == 0
