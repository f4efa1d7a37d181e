"""Keeps one worker of background tasks running for as long as the process that started it lives. Standard library only.

gunicorn starts it (academy/gunicorn.py). A worker that dies is started again; when the server ends, even killed, the worker is ended.
"""

import os
import signal
import subprocess
import sys
import time

MOST_TASKS = "2000"  # then a fresh process takes over: memory never only grows
PATIENCE = 8  # seconds that a task may take to end when the server ends; a cut import goes on later by itself


def main() -> None:
    parent = os.getppid()
    ending: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: ending.append(received))
    worker = start()
    while not ending and os.getppid() == parent:
        if worker.poll() is not None:
            time.sleep(1)  # a worker that cannot start does not eat the machine
            worker = start()
        time.sleep(0.5)
    worker.terminate()
    try:
        worker.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        worker.kill()


def start() -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "manage.py", "task_worker", "--max-tasks", MOST_TASKS], start_new_session=True)


if __name__ == "__main__":
    main()
