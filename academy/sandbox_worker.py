"""The process in which files are read (academy.sandbox). Started with limits on memory, time and files, and with nothing of the site.

It loads as little as it can: no app, no database, no settings of the site. A refusal leaves as a sentence and its values, to be said in
the language of whoever reads it.
"""

import json
import resource
import struct
import sys
from importlib import import_module

MEMORY = 1_500 * 1024 * 1024
MOST_CPU_SECONDS = 3_600
# What may be asked of this process: nothing else is imported on request.
JOBS = {"academy.passages:passages", "wiki.reading:read"}


def limit() -> None:
    """Set once, for ever: less memory than the machine has, no file written, no process started, nothing left when it dies."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))


def limit_next(seconds: int) -> None:
    """The processor time that the next file may take, on top of what the files before it took."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, MOST_CPU_SECONDS))


def set_up() -> None:
    import django
    from django.conf import settings

    settings.configure(USE_I18N=False, INSTALLED_APPS=[], LOGGING_CONFIG=None, USE_TZ=True)
    django.setup()


def answer_for(head: dict, content: bytes) -> tuple[dict, list[bytes]]:
    """The result of one job, or why there is none. Whatever goes wrong inside a reader is a broken file, said as such."""
    from academy.files import LockedFile, RefusedFile

    if head["job"] not in JOBS:
        return {"broken": True}, []
    module, function = head["job"].split(":")
    try:
        result, parts = getattr(import_module(module), function)(content, head["arguments"])
    except RefusedFile as refusal:
        return {"refused": refusal.sentence.as_json(), "locked": isinstance(refusal, LockedFile)}, []
    except MemoryError:
        sys.exit(1)
    except Exception:
        return {"broken": True}, []
    return {"result": result, "parts": len(parts)}, parts


def main() -> None:
    asked, told = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a library that prints must not speak in our place
    set_up()
    limit()
    while True:
        parts = []
        for _part in range(2):
            size = asked.read(8)
            if len(size) < 8:
                return
            parts.append(asked.read(struct.unpack(">Q", size)[0]))
        head = json.loads(parts[0])
        limit_next(head["seconds"])
        answer, blobs = answer_for(head, parts[1])
        for blob in (json.dumps(answer).encode(), *blobs):
            told.write(struct.pack(">Q", len(blob)))
            told.write(blob)
        told.flush()


if __name__ == "__main__":
    main()
