"""Starts the Academy on a fresh machine: environment, database, content, server. Standard library only: it runs before anything else.

Used by the Makefile. Whatever stops it is said in one sentence that names the cause and what to do.
"""

import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
WITHOUT_DEMO = 3  # what `manage.py prepare` answers where real people have accounts
NETWORK_WORDS = (
    "NewConnectionError",
    "ConnectTimeout",
    "Failed to establish a new connection",
    "Temporary failure in name resolution",
    "ProxyError",
    "Network is unreachable",
)


def stop(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(1)


def check_python() -> None:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        stop(
            f"Smart Academy needs Python 3.11, 3.12 or 3.13; this is {sys.version.split()[0]}. Install one, or say PYTHON=/path/to/python3.11."
        )


def port_wanted() -> int:
    value = os.environ.get("PORT") or "8000"
    if not (value.isascii() and value.isdigit()) or not 1 <= int(value) <= 65535:
        stop(f"PORT is {value!r}: write a number from 1 to 65535, such as PORT=8001.")
    return int(value)


def check_port(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((os.environ.get("HOST") or "127.0.0.1", port))
        except PermissionError:
            stop(f"Port {port} may only be used by the administrator of this machine: choose another, such as make run PORT=8001.")
        except OSError:
            other = port + 1 if port < 65535 else 8001
            stop(f"Port {port} is already taken by another program: stop it, or choose another, such as make run PORT={other}.")


def data_dir(default: str = "var") -> Path:
    folder = Path(os.environ.get("DATA_DIR") or ROOT / default).expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        stop(f"DATA_DIR is {folder}, which cannot be written ({error.strerror}): choose a folder you can write.")
    return folder


def fingerprint(*names: str) -> str:
    parts = [sys.version, str(ROOT)] + [(ROOT / name).read_text(encoding="utf-8") for name in names]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def installed(wanted: str, *stamps: str) -> bool:
    """What a run needs is in what the tests need: either stamp will do for a run."""
    return (BIN / "python").exists() and any((VENV / name).exists() and (VENV / name).read_text() == wanted for name in stamps)


def make_environment() -> None:
    """Made anew when it is missing, half made, or belongs to a Python that is gone."""
    probe = [str(BIN / "python"), "-c", f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"]
    if (BIN / "python").exists() and subprocess.run(probe, capture_output=True).returncode == 0:
        return
    try:
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True)
    except OSError as error:
        stop(f"The virtual environment could not be made in {VENV} ({error.strerror}).")
    if made.returncode and not os.access(ROOT, os.W_OK):
        stop(f"The virtual environment could not be made: {ROOT} cannot be written.")
    if made.returncode:
        stop("The virtual environment could not be made: this Python lacks its venv module (on Debian: apt install python3-venv).")


def install(dev: bool) -> None:
    """The virtual environment, made or brought up to date only when the requirements have changed. Prebuilt wheels only."""
    name = "requirements-dev.txt" if dev else "requirements.txt"
    run_wanted, dev_wanted = fingerprint("requirements.txt"), fingerprint("requirements.txt", "requirements-dev.txt")
    if installed(dev_wanted, "installed-dev") or (not dev and installed(run_wanted, "installed-run")):
        return
    print("Installing what the Academy needs into .venv (about a minute the first time)…", flush=True)
    make_environment()
    log = VENV / "install.log"
    command = [
        str(BIN / "python"),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--retries",
        "3",
        "--only-binary=:all:",
    ]
    with log.open("w") as output:
        done = subprocess.run([*command, "-r", name], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    if done.returncode:
        words = log.read_text(errors="replace")
        if any(word in words for word in NETWORK_WORDS):
            stop(f"The packages could not be downloaded: check the network, then run the command again. Details: {log}")
        if "No space left" in words:
            stop(f"The packages could not be installed: the disk of {ROOT} is full (they need about 500 MB).")
        stop(f"The packages could not be installed: the last lines of {log} say why.")
    (VENV / ("installed-dev" if dev else "installed-run")).write_text(dev_wanted if dev else run_wanted)


def manage(*arguments: str, env: dict, accepted: tuple[int, ...] = (0,)) -> int:
    done = subprocess.run([str(BIN / "python"), "manage.py", *arguments], cwd=ROOT, env=env)
    if done.returncode == os.EX_CONFIG:  # a wrong setting: the sentence is said
        sys.exit(1)
    if done.returncode not in accepted:
        stop(f"`manage.py {arguments[0]}` failed, so nothing was started. What is above says why.")
    return done.returncode


def collect_static(folder: Path, env: dict) -> None:
    """Only when a static file or a package has changed: hashing and compressing takes ten seconds."""
    files = sorted((ROOT / "static").rglob("*"))
    state = [f"{path.relative_to(ROOT)} {path.stat().st_mtime_ns} {path.stat().st_size}" for path in files if path.is_file()]
    wanted = hashlib.sha256("\n".join([fingerprint("requirements.txt"), *state]).encode()).hexdigest()
    stamp = folder / "static-stamp"
    if stamp.exists() and stamp.read_text() == wanted and (folder / "static" / "staticfiles.json").exists():
        return
    manage("collectstatic", "--noinput", "--clear", "-v0", env=env)
    stamp.write_text(wanted)


def demo_password(folder: Path) -> str:
    """`DEMO_PASSWORD`, else one made on the first run and kept beside the database, readable by its owner alone."""
    given, file = os.environ.get("DEMO_PASSWORD", ""), folder / "demo-password"
    kept = file.read_text().strip() if file.exists() else ""
    password = given or kept or secrets.token_urlsafe(12)
    if password != kept:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(password)
    return password


def environment(folder: Path, port: int) -> dict:
    env = {**os.environ, "DATA_DIR": str(folder), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    env.setdefault("BASE_URL", f"http://127.0.0.1:{port}")
    return env


def prepare(folder: Path, env: dict) -> None:
    """Database, static files, starter content and demo data. Run again, it changes nothing that people have written."""
    print("Preparing the database and its starter content…", flush=True)
    collect_static(folder, env)
    env["DEMO_PASSWORD"] = demo_password(folder)
    if manage("prepare", env=env, accepted=(0, WITHOUT_DEMO)) == 0:
        env["ACADEMY_DEMO"] = str(folder / "demo-password")


def run() -> None:
    port, folder = port_wanted(), data_dir()
    check_port(port)
    install(dev=False)
    env = environment(folder, port)
    prepare(folder, env)
    os.chdir(ROOT)
    os.execve(str(BIN / "gunicorn"), [str(BIN / "gunicorn"), "-c", "academy/gunicorn.py", "academy.wsgi:application"], env)


def test(arguments: list[str]) -> None:
    install(dev=True)
    env = {**os.environ}
    env.setdefault("DATA_DIR", str(ROOT / ".pytest_cache" / "data"))
    os.chdir(ROOT)
    if all(argument.startswith("--") for argument in arguments):  # the whole suite: on the cores there are
        arguments = ["-n", str(min(os.cpu_count() or 1, 4)), "--no-loadscope-reorder", *arguments]
    os.execve(str(BIN / "python"), [str(BIN / "python"), "-m", "pytest", *arguments], env)


def on_demo_data(command: str, arguments: list[str]) -> None:
    """`bench` and `screenshots` look at demo data of their own, kept for the next time."""
    folder = data_dir(f"var/{command}")
    install(dev=True)
    env = environment(folder, 8000)
    prepare(folder, env)
    os.chdir(ROOT)
    more = ["--long-course"] if command == "bench" else []
    os.execve(str(BIN / "python"), [str(BIN / "python"), "manage.py", command, *more, *arguments], env)


def audit() -> None:
    """Says nothing is wrong only of packages that were really looked up."""
    install(dev=True)
    command = [str(BIN / "pip-audit"), "--local", "--progress-spinner", "off", "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        found = []
    checked = [package for package in found if "vulns" in package]
    if not checked:
        stop("The list of known weaknesses could not be read: it needs the network. Try again from a machine that has it.")
    weak = [package for package in checked if package["vulns"]]
    for package in weak:
        for weakness in package["vulns"]:
            fixed = ", ".join(weakness["fix_versions"]) or "no version yet"
            print(f"{package['name']} {package['version']}: {weakness['id']}, mended in {fixed}")
    print(f"{len(checked)} packages were looked up, {len(weak)} have a known weakness; {len(found) - len(checked)} could not be looked up.")
    sys.exit(1 if weak else 0)


def main() -> None:
    check_python()
    verb, arguments = sys.argv[1], sys.argv[2:]
    if verb == "run":
        run()
    elif verb == "test":
        test(arguments)
    elif verb == "audit":
        audit()
    elif verb in {"bench", "screenshots"}:
        on_demo_data(verb, arguments)
    else:  # `manage` a command, or a `tool` of the environment
        install(dev=True)
        os.chdir(ROOT)
        name = str(BIN / "python") if verb == "manage" else str(BIN / arguments[0])
        rest = ["manage.py", *arguments] if verb == "manage" else arguments[1:]
        os.execve(name, [name, *rest], {**os.environ})


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
