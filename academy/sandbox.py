"""Files that strangers wrote are read in another process, which has little memory, little time, no database and no secret.

A worker reads one file after the other, so that a thousand files do not cost a thousand starts. One that takes too long, eats
too much or dies is killed and the file refused; the next file gets a new one. Nothing that a worker says is trusted further than
plain data (JSON and bytes): never pickle.
"""

import atexit
import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.utils.translation import gettext_noop as _

from academy.files import LockedFile, RefusedFile
from academy.sentences import Sentence

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 60
MOST_AT_ONCE = 2
LONGEST_WAIT = 120
IDLE_SECONDS = 20
# A worker is replaced after so many files, whatever they leaked.
MOST_FILES = 300
LARGEST_ANSWER = 256 * 1024 * 1024
MOST_PARTS = 5_000


class _WorkerDied(Exception):
    """It was killed, or it ended without an answer."""


class _Worker:
    def __init__(self) -> None:
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "2"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "academy.sandbox_worker"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.owner, self.files = os.getpid(), 0

    def ask(self, job: str, content: bytes, arguments: dict, seconds: int) -> tuple[dict, list[bytes]]:
        self.files += 1
        watchdog = threading.Timer(seconds, self.process.kill)
        watchdog.start()
        try:
            head = json.dumps({"job": job, "arguments": arguments, "seconds": seconds}).encode()
            stdin = self.process.stdin
            for part in (head, content):
                stdin.write(struct.pack(">Q", len(part)))
                stdin.write(part)
            stdin.flush()
            answer = json.loads(self._part())
            if not isinstance(answer, dict) or not 0 <= answer.get("parts", 0) <= MOST_PARTS:
                raise _WorkerDied
            return answer, [self._part() for _number in range(answer.get("parts", 0))]
        except (OSError, ValueError, struct.error) as error:
            raise _WorkerDied from error
        finally:
            watchdog.cancel()

    def _part(self) -> bytes:
        (length,) = struct.unpack(">Q", self.process.stdout.read(8))
        if length > LARGEST_ANSWER:
            raise _WorkerDied
        content = self.process.stdout.read(length)
        if len(content) != length:
            raise _WorkerDied
        return content

    def close(self) -> None:
        if self.owner != os.getpid():  # a child of the process that started it: the worker is not ours
            return
        self.process.kill()
        with suppress(OSError):  # what it had not read is written now, to nobody
            self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


_lock = threading.Lock()
_places = threading.BoundedSemaphore(MOST_AT_ONCE)
_idle: list[_Worker] = []
_sweeper: threading.Timer | None = None


def run(job: str, content: bytes, *, name: str, arguments: dict | None = None, seconds: int = SECONDS) -> tuple[dict, list[bytes]]:
    """What the function `module:function` of this project makes of a file: data and parts. Raises RefusedFile, its own or for its death.

    The function takes the bytes and the arguments, and returns a dict (JSON) and a list of bytes.
    """
    if not _places.acquire(timeout=LONGEST_WAIT):
        raise RefusedFile(_("The files cannot be read right now: too many are being read at once. Try again in a minute."))
    try:
        with _worker() as worker:
            answer, parts = worker.ask(job, content, {**(arguments or {}), "name": name}, seconds)
    except _WorkerDied:
        raise RefusedFile(
            _("%(name)s took too long to read, or too much memory. Cut it into several, or export it again."), name=name
        ) from None
    finally:
        _places.release()
    if "refused" in answer:
        raise (LockedFile if answer["locked"] else RefusedFile)(Sentence.from_json(answer["refused"]))
    if "broken" in answer:
        raise RefusedFile(_("%(name)s is broken: it cannot be opened. Save or export it again."), name=name)
    return answer["result"], parts


@contextmanager
def _worker() -> Iterator[_Worker]:
    worker = _take() or _Worker()
    try:
        yield worker
    except BaseException:
        worker.close()
        raise
    if worker.files >= MOST_FILES:
        worker.close()
    else:
        _put_back(worker)


def _take() -> _Worker | None:
    with _lock:
        while _idle:
            worker = _idle.pop()
            if worker.owner == os.getpid() and worker.process.poll() is None:
                return worker
            worker.close()
    return None


def _put_back(worker: _Worker) -> None:
    global _sweeper
    with _lock:
        _idle.append(worker)
        if _sweeper is not None:
            _sweeper.cancel()
        _sweeper = threading.Timer(IDLE_SECONDS, close_idle)
        _sweeper.daemon = True
        _sweeper.start()


def close_idle() -> None:
    """Ends the workers that wait for nothing; the next file starts one again."""
    with _lock:
        while _idle:
            _idle.pop().close()


def _after_fork() -> None:
    """The workers of the parent are not the child's to speak to."""
    global _lock, _places, _sweeper
    _lock, _places, _sweeper = threading.Lock(), threading.BoundedSemaphore(MOST_AT_ONCE), None
    _idle.clear()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(close_idle)
