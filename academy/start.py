"""Starts the Academy on a fresh machine: environment, database, content, server. Standard library only: it runs before anything else.

Used by the Makefile. Whatever stops it is said in one sentence that names the cause and what to do.
"""

import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
NETWORK_WORDS = (
    "NewConnectionError",
    "ConnectTimeout",
    "Temporary failure in name resolution",
    "ProxyError",
    "Network is unreachable",
    "No matching distribution",
)


def stop(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(1)


def check_python() -> None:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        stop(
            f"Smart Academy needs Python 3.11, 3.12 or 3.13; this is {sys.version.split()[0]}. Install one, or say PYTHON=/path/to/python3.11."
        )


def port_wanted() -> int:
    value = os.environ.get("PORT", "8000")
    if not value.isdigit() or not 1 <= int(value) <= 65535:
        stop(f"PORT is {value!r}: write a number from 1 to 65535, such as PORT=8001.")
    return int(value)


def check_port(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            stop(f"Port {port} may only be used by the administrator of this machine: choose another, such as make run PORT=8001.")
        except OSError:
            stop(f"Port {port} is already taken by another program: stop it, or choose another, such as make run PORT={port + 1}.")


def data_dir() -> Path:
    folder = Path(os.environ.get("DATA_DIR") or ROOT / "var").expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").touch()
        (folder / ".writable").unlink()
    except OSError as error:
        stop(f"DATA_DIR is {folder}, which cannot be written ({error.strerror}): choose a folder you can write.")
    return folder


def fingerprint(*names: str) -> str:
    parts = [sys.version, str(ROOT)] + [(ROOT / name).read_text(encoding="utf-8") for name in names]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def install(dev: bool) -> None:
    """The virtual environment, made or brought up to date only when the requirements have changed."""
    names = ("requirements.txt", "requirements-dev.txt") if dev else ("requirements.txt",)
    stamp = VENV / f"installed-{'dev' if dev else 'run'}"
    wanted = fingerprint(*names)
    if stamp.exists() and stamp.read_text() == wanted and (BIN / "python").exists():
        return
    print("Installing what the Academy needs into .venv (about a minute the first time)…", flush=True)
    if not (BIN / "python").exists():
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True)
        if made.returncode:
            stop("The virtual environment could not be made: this Python lacks its venv module (on Debian: apt install python3-venv).")
    log = VENV / "install.log"
    command = [str(BIN / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--prefer-binary", "-r", names[-1]]
    with log.open("w") as output:
        done = subprocess.run(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    if done.returncode:
        words = log.read_text(errors="replace")
        if any(word in words for word in NETWORK_WORDS):
            stop(f"The packages could not be downloaded: check the network, then run the command again. Details: {log}")
        stop(f"The packages could not be installed: the last lines of {log} say why.")
    stamp.write_text(wanted)


def manage(*arguments: str, env: dict, must: bool = True) -> int:
    done = subprocess.run([str(BIN / "python"), "manage.py", *arguments], cwd=ROOT, env=env)
    if done.returncode and must:
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
    """`DEMO_PASSWORD`, else one made on the first run and kept beside the database."""
    given = os.environ.get("DEMO_PASSWORD", "")
    file = folder / "demo-password"
    if given:
        return given
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(12))
    return file.read_text().strip()


def run() -> None:
    port, folder = port_wanted(), data_dir()
    check_port(port)
    install(dev=False)
    env = {**os.environ, "DATA_DIR": str(folder), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    env.setdefault("BASE_URL", f"http://127.0.0.1:{port}")
    checked = subprocess.run([str(BIN / "python"), "manage.py", "check"], cwd=ROOT, env=env, capture_output=True, text=True)
    if checked.returncode:
        lines = [line for line in checked.stderr.strip().splitlines() if line.strip()]
        stop(lines[-1].split("WrongSetting: ")[-1].split("ImproperlyConfigured: ")[-1] if lines else "The settings are wrong.")
    print("Preparing the database and its starter content…", flush=True)
    manage("migrate", "-v0", env=env)
    collect_static(folder, env)
    manage("setup", env={**env, "VERBOSITY": "0"})
    env["DEMO_PASSWORD"] = demo_password(folder)
    if manage("demo", env=env, must=False) == 0:
        env["ACADEMY_DEMO"] = "1"
    os.chdir(ROOT)
    os.execve(str(BIN / "gunicorn"), [str(BIN / "gunicorn"), "-c", "academy/gunicorn.py", "academy.wsgi:application"], env)


def test(arguments: list[str]) -> None:
    install(dev=True)
    env = {**os.environ}
    env.setdefault("DATA_DIR", str(ROOT / ".pytest_cache" / "data"))
    os.chdir(ROOT)
    os.execve(str(BIN / "python"), [str(BIN / "python"), "-m", "pytest", *arguments], env)


def audit() -> None:
    install(dev=True)
    tool = shutil.which("pip-audit", path=str(BIN))
    done = subprocess.run([tool, "-r", "requirements.txt", "--disable-pip", "--no-deps"], cwd=ROOT) if tool else None
    if done is None or done.returncode > 1:
        stop("The list of known weaknesses could not be read: it needs the network. Try again from a machine that has it.")
    sys.exit(done.returncode)


def main() -> None:
    check_python()
    verb, arguments = sys.argv[1], sys.argv[2:]
    if verb == "run":
        run()
    elif verb == "test":
        test(arguments)
    elif verb == "audit":
        audit()
    else:  # `manage` a command, or a `tool` of the environment
        install(dev=True)
        os.chdir(ROOT)
        name = str(BIN / "python") if verb == "manage" else str(BIN / arguments[0])
        rest = ["manage.py", *arguments] if verb == "manage" else arguments[1:]
        os.execve(name, [name, *rest], {**os.environ})


if __name__ == "__main__":
    main()
