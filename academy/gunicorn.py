"""The production server. `HOST`, `PORT`, `WORKERS` and `THREADS` change it; decision 0007 says why so few.

Beside it runs one worker for the tasks that wait in the database; `TASK_WORKERS=0` leaves that to whoever runs `manage.py task_worker`.
"""

import gc
import os
import subprocess
import sys

bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
workers = int(os.environ.get("WORKERS") or "2")
worker_class = "gthread"
threads = int(os.environ.get("THREADS") or "4")
preload_app = True
timeout = 60
graceful_timeout = 10
max_requests = int(os.environ.get("MAX_REQUESTS") or "5000")
max_requests_jitter = max_requests // 10
control_socket_disable = True  # it would be opened in the home folder, which may be read-only
accesslog = os.environ.get("ACCESS_LOG") or None
loglevel = "warning"


def when_ready(server):
    """Said once the socket is open, so that whoever reads it may ask at once.

    What is loaded by now lives as long as the workers that are forked from here: the collector need not look through it again and again.
    """
    gc.collect()
    gc.freeze()
    if server.app.app_uri == "academy.wsgi:application" and os.environ.get("TASK_WORKERS") != "0":
        subprocess.Popen([sys.executable, "-m", "academy.worker"])  # ends with this process, however it ends
    print(f"\nSmart Academy answers at {os.environ.get('BASE_URL') or 'http://' + bind}", flush=True)
    if os.environ.get("ACADEMY_DEMO"):
        accounts = ", ".join(f"{name}@demo.example" for name in ("promoter", "trainer", "reviewer", "coordinator", "admin"))
        print(f"Demo accounts: {accounts}", flush=True)
        print(f"Their password: {os.environ['DEMO_PASSWORD']} (kept in {os.environ['ACADEMY_DEMO']})", flush=True)
    print("Stop with Ctrl-C.\n", flush=True)
