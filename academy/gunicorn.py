"""The production server. `PORT`, `HOST`, `WORKERS` and `THREADS` change it; see decision 0007."""

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("THREADS", "4"))
preload_app = True
timeout = 60
max_requests, max_requests_jitter = 5000, 500
control_socket_disable = True
accesslog = os.environ.get("ACCESS_LOG") or None
loglevel = "warning"


def when_ready(server):
    address = os.environ.get("BASE_URL", f"http://{bind}")
    print(f"\nSmart Academy answers at {address}", flush=True)
    if os.environ.get("ACADEMY_DEMO"):
        accounts = ", ".join(f"{name}@demo.example" for name in ("promoter", "trainer", "reviewer", "coordinator", "admin"))
        print(f"Demo accounts: {accounts}\nTheir password: {os.environ['DEMO_PASSWORD']}", flush=True)
    print("Stop with Ctrl-C.\n", flush=True)
