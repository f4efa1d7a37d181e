"""Typed readers of environment variables.

Every reader raises :class:`WrongSetting` with one sentence that names the variable and the fix, so that a wrong value
stops the start instead of surfacing later as a traceback in a request.
"""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA mmap_size=134217728;PRAGMA cache_size=-20000;PRAGMA temp_store=MEMORY;"
)


class WrongSetting(ImproperlyConfigured):
    """An environment variable has a value that cannot be used."""


def shown(value: str) -> str:
    """The value as a message may quote it: without the name and password of an address."""
    return repr(re.sub(r"//[^/@]*@", "//…@", value))


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def boolean(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise WrongSetting(f"{name} is {value!r}: write 1 (yes) or 0 (no).")


def integer(name: str, default: int, *, low: int = 0, high: int = 10**9) -> int:
    value = text(name)
    if not value:
        return default
    if not value.isdigit() or not low <= int(value) <= high:
        raise WrongSetting(f"{name} is {value!r}: write a whole number from {low} to {high}.")
    return int(value)


def base_url(name: str, default: str) -> str:
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    usable = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc and has_port_number(parts)
    if not usable or parts.path or parts.query or parts.fragment:
        raise WrongSetting(f"{name} is {shown(value)}: write the address of the site alone, such as https://academy.example.")
    return value


def has_port_number(parts: SplitResult) -> bool:
    """No port, or one that is a number."""
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def host_list(name: str, default: list[str]) -> list[str]:
    value = text(name)
    if not value:
        return default
    hosts = [host.strip() for host in value.split(",") if host.strip()]
    for host in hosts:
        if "/" in host or " " in host or (":" in host and not host.startswith("[")):
            raise WrongSetting(
                f"{name} contains {host!r}: write host names separated by commas, without scheme or port, such as academy.example."
            )
    return hosts


def directory(name: str, default: Path) -> Path:
    """A folder that exists and can be written, created when it is missing."""
    path = Path(text(name, str(default))).expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongSetting(f"{name} is {str(path)!r}, which cannot be created ({error.strerror}): choose a folder you can write.") from None
    if not os.access(path, os.W_OK):
        raise WrongSetting(f"{name} is {str(path)!r}, which cannot be written: choose a folder you can write.")
    return path


def secret_key(name: str, file: Path) -> str:
    """The key from the environment, else from a file outside git that the first run makes."""
    value = text(name)
    if value:
        if len(value) < 50 or len(set(value)) < 5:
            raise WrongSetting(
                f"{name} is too short or too regular to be safe: use at least 50 random characters, or leave it unset and one is kept in {file}."
            )
        return value
    if file.exists():
        kept = file.read_text(encoding="utf-8").strip()
        if len(kept) >= 50:
            return kept
        raise WrongSetting(f"{name} is unset and {file} does not hold a usable key: delete that file and start again.")
    made = secrets.token_urlsafe(64)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(made)
    return made


def keys(name: str) -> tuple[str, ...]:
    """Several secrets, separated by spaces, the newest first; none when it is unset."""
    found = tuple(text(name).split())
    if any(len(key) < 50 or len(set(key)) < 5 for key in found):
        raise WrongSetting(f"{name} holds a key that is too short or too regular to be safe: use at least 50 random characters for each.")
    return found


def rsa_keys(name: str, file: Path) -> tuple[str, ...]:
    """Private keys as PEM, from the environment (`\\n` may stand for the ends of lines), else from a file outside git that the first run makes."""
    from cryptography.hazmat.primitives.asymmetric import rsa  # slow to import, and no other setting needs it
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

    value = text(name).replace("\\n", "\n")
    if not value and not file.exists():
        made = rsa.generate_private_key(65537, 3072).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        partial = file.with_name(f".{file.name}.{os.getpid()}")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
            handle.write(made)
        with suppress(FileExistsError):  # another process of the same first start was quicker: its key is the one
            os.link(partial, file)
        partial.unlink()
    keys = tuple(re.findall(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", value or file.read_text(encoding="utf-8"), re.DOTALL))
    try:
        loaded = [load_pem_private_key(key.encode(), password=None, unsafe_skip_rsa_key_validation=True) for key in keys]
    except (ValueError, TypeError):
        loaded = []
    if not loaded or any(not isinstance(key, rsa.RSAPrivateKey) or key.key_size < 2048 for key in loaded):
        raise WrongSetting(
            f"{name} holds no usable key: write RSA private keys of 2048 bits or more as PEM, without a password, or leave it unset and one is kept in {file}."
        )
    return keys


def database(name: str, default_file: Path) -> dict[str, Any]:
    """`sqlite:///absolute/path` or `postgres://user:password@host:port/name`."""
    value = text(name, f"sqlite:///{default_file}")
    parts = urlsplit(value)
    wrong = f"{name} is {shown(value)}: write sqlite:////absolute/path/to/file.sqlite3 or postgres://user:password@host:5432/name."
    if parts.scheme == "sqlite":
        path = unquote(parts.path)
        if not path.strip("/"):
            raise WrongSetting(wrong)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": "/" + path.lstrip("/"),
            "CONN_MAX_AGE": 600,  # opening one, with its pragmas and functions, costs as much as five queries
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS},
        }
    if parts.scheme in {"postgres", "postgresql"}:
        if not parts.path.strip("/") or not has_port_number(parts):
            raise WrongSetting(wrong)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.strip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {key: values[-1] for key, values in parse_qs(parts.query).items()},
        }
    raise WrongSetting(wrong)


def cache(name: str, default_folder: Path) -> dict[str, Any]:
    """`file:///folder`, `redis://host:port/number` or `locmem://`. The file cache is shared by every process of one machine."""
    value = text(name, f"file://{default_folder}")
    parts = urlsplit(value)
    if parts.scheme == "file" and parts.path.strip("/"):
        return {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": parts.path, "OPTIONS": {"MAX_ENTRIES": 20000}}
    if parts.scheme in {"redis", "rediss"} and parts.hostname:
        return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": value}
    if parts.scheme == "locmem":
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": parts.netloc or "academy"}
    raise WrongSetting(f"{name} is {shown(value)}: write redis://host:6379/0, file:///absolute/folder or locmem://.")


def email(name: str, default_folder: Path) -> dict[str, Any]:
    """`smtp://user:password@host:587/?tls=1`, `smtps://…:465`, `file:///folder` or `console://`. Gives Django's settings."""
    value = text(name, f"file://{default_folder}")
    parts = urlsplit(value)
    wrong = f"{name} is {shown(value)}: write smtp://user:password@host:587/?tls=1, smtps://user:password@host:465, file:///absolute/folder or console://."
    if parts.scheme == "file" and parts.path.strip("/"):
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": parts.path}
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme in {"smtp", "smtps"} and parts.hostname and has_port_number(parts):
        query = parse_qs(parts.query)
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_SSL": parts.scheme == "smtps",
            "EMAIL_USE_TLS": parts.scheme == "smtp" and query.get("tls", ["0"])[-1] == "1",
            "EMAIL_TIMEOUT": 15,
        }
    raise WrongSetting(wrong)


def storage(name: str, default_folder: Path) -> Path:
    """`file:///folder`: where uploaded files live. Never served by the web server itself; documents pass a permission check."""
    value = text(name, f"file://{default_folder}")
    parts = urlsplit(value)
    if parts.scheme == "file" and parts.path.strip("/"):
        return Path(unquote(parts.path))
    raise WrongSetting(f"{name} is {shown(value)}: write file:///absolute/folder (the only kind of storage so far).")
