"""The production server as a child process, on a free port, for the commands that look at it from outside (bench, screenshots)."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.core.management.base import CommandError

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    pid: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """What the workers have used so far, of the user's and of the system's time. Linux only."""
        used = 0
        for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            used += int(fields[11]) + int(fields[12])
        return used / TICKS


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(application: str, *, ready: str = "/healthz", **env: str) -> Iterator[Server]:
    """gunicorn with the configuration of production but for its worker of tasks, ended when the block ends."""
    port = free_port()
    given = {name: value for name, value in os.environ.items() if name not in {"ACADEMY_DEMO", "BASE_URL", "HOST"}}
    command = [sys.executable, "-m", "gunicorn", "-c", "academy/gunicorn.py", application]
    process = subprocess.Popen(command, env={**given, "PORT": str(port), "TASK_WORKERS": "0", **env}, stdout=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}{ready}", process)
        yield Server(port=port, pid=process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_for(address: str, process: subprocess.Popen) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if process.poll() is not None:
            raise CommandError("The server did not start: what is above says why.")
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 (our own server, by http)
                return
        except OSError:
            time.sleep(0.2)
    raise CommandError("The server did not answer within a minute.")
