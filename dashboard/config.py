"""Environment -> settings. Every setting has a documented default, and a wrong one is refused by name."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dashboard.rules import text
from dashboard.rules.languages import TAG
from dashboard.rules.place import origin_of
from dashboard.rules.status import Status
from dashboard.rules.walltime import is_zone

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).resolve().parent.parent


# user:password@host:port, as far as it goes; the group is the port.
_SERVER = re.compile(r"(?:[^/?#\[\]@]*@)?(?:\[[\da-fA-F:.]+\]|[^/?#\[\]@:]*)(?::(\d+))?(?:[/?#].*)?", re.ASCII)
_ODD = ", with odd characters of the password written like %2F"


class WrongSetting(ValueError):
    """A sentence that names the setting and says what it may be."""


def _text(value: str) -> str:
    return value


def _address(value: str) -> str:
    if not re.match(r"https?://[^/:@]", value) or not _names_server(value) or "?" in value or "#" in value:
        raise ValueError("must be an address that begins with http:// or https://, like https://status.example.org")
    return value.rstrip("/")


def _names_server(value: str) -> bool:
    """Is what follows ``://`` a host, or ``user:password@host:port``?"""
    found = _SERVER.fullmatch(value.partition("://")[2])
    return found is not None and (found[1] is None or bool(text.whole_number(found[1], 65_535)))


def _own_address(value: str) -> str:
    return _address(value) if value else ""


def _origins(value: str) -> tuple[str, ...]:
    return tuple(origin_of(_address(word)) for word in value.replace(",", " ").split())


def _database(value: str) -> str:
    if not value or re.match(r"sqlite:///.", value):
        return value
    if re.match(r"postgres(ql(\+psycopg)?)?://", value) and _names_server(value):
        return f"postgresql+psycopg://{value.partition('://')[2]}"
    raise ValueError(f"must be like sqlite:////srv/signpost.db or like postgresql://user:password@host:5432/name{_ODD}")


def _redis(value: str) -> str:
    if not value or re.match("unix://.", value):
        return value
    if value.startswith(("redis://", "rediss://")) and _names_server(value):
        return value
    raise ValueError(f"must be like unix:///run/redis.sock or redis://user:password@host:6379{_ODD}")


def _smtp(value: str) -> str:
    if value and not (re.match(r"smtps?://[^/]", value) and _names_server(value) and urlsplit(value).hostname):
        raise ValueError(f"must be like smtp://user:password@host:587 or smtps://host:465{_ODD}")
    return value


def _mailbox(value: str) -> str:
    address = parseaddr(value)[1]
    if value and not (re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", address, re.ASCII) and text.clean_line(value) == value):
        raise ValueError("must be an address of mail, like Larkfield status <status@larkfield.example>")
    return value


def _places(value: str) -> frozenset[tuple[str, int]]:
    return frozenset((host.lower(), port) for host, port in map(_place, value.replace(",", " ").split()))


def _place(value: str) -> tuple[str, int]:
    if not re.fullmatch(r"(\[[\da-fA-F:.]+\]|[\w.-]+):\d+", value, re.ASCII):
        raise ValueError("must be hosts with their ports, like hooks.internal.example:8443")
    return _listen(value)


def _zone(value: str) -> ZoneInfo:
    if not is_zone(value):
        raise ValueError("must be the name of a time zone, like Europe/London")
    return ZoneInfo(value)


def _languages(value: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(value.replace(",", " ").lower().split()))
    if not found or not all(TAG.fullmatch(name) for name in found):
        raise ValueError("must be tags of languages, like en cy")
    return found


def _time_of_day(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError("must be a time of day, like 18:00")
    return value


def _listen(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    number = text.whole_number(port, 65_535)
    if not host or not number:
        raise ValueError("must be an address and a port, like 127.0.0.1:8000")
    return host.strip("[]"), number


def _events_listen(value: str) -> tuple[str, int] | None:
    """None without any; "" is settled by `LISTEN`."""
    if value in ("", "off"):
        return None
    try:
        return _listen(value)
    except ValueError:
        raise ValueError("must be an address and a port, like 127.0.0.1:8001, or off") from None


def _weights(value: str) -> dict[Status, float]:
    """How much of its time each status counts as down: a major outage always wholly, one not named not at all."""
    pairs = [word.partition("=") for word in value.replace(",", " ").split()]
    if not all(name in list(Status) and re.fullmatch(r"0(\.\d{1,4})?|1(\.0{1,4})?", share) for name, _, share in pairs):
        raise ValueError("must be statuses with their shares of 0 to 1, like partial_outage=0.3")
    return {Status(name): float(share) for name, _, share in pairs} | {Status.MAJOR_OUTAGE: 1.0}


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        number = text.whole_number(value, high)
        if number is None or number < low:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return number

    return parse


def _file(value: str) -> Path | None:
    if value and not Path(value).is_file():
        raise ValueError("must be the path of a file that can be read")
    return Path(value) if value else None


def _folder(value: str) -> Path:
    path = Path(value) if value else ROOT / "instance"
    if path.exists() and not path.is_dir():
        raise ValueError("must be the path of a folder")
    return path.resolve()


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its name, its default as text, what it is for, and how it is read."""

    name: str
    default: str
    sentence: str
    parse: Callable[[str], Any]


SETTINGS: tuple[Setting, ...] = (
    Setting("INSTANCE", "", "Folder that keeps the database, secrets and published files; `instance/` here.", _folder),
    Setting("LISTEN", "127.0.0.1:8000", "Address and port of the web server.", _listen),
    Setting("PUBLIC_URL", "", "Address that the public types; without it, that of `LISTEN`.", _own_address),
    Setting("SITE_NAME", "Our website", "Name of the website whose sections are shown.", _text),
    Setting("TIME_ZONE", "Europe/London", "Zone of the public page and of times that staff type.", _zone),
    Setting("END_OF_DAY", "18:00", "The time that the “End of day” choice means.", _time_of_day),
    Setting("LANGUAGES", "en", "Languages of the notices; the first is the one that staff write in.", _languages),
    Setting("DATABASE_URL", "", "PostgreSQL address; without it, SQLite in the instance folder.", _database),
    Setting("REDIS_URL", "", "Redis address; without it, the bundled server on a socket.", _redis),
    Setting("ALLOWED_ORIGINS", "", "Further origins from which the admin may be used, separated by spaces.", _origins),
    Setting("FRONT_END_ORIGINS", "", "Origins whose pages ask with cookies, as the VA's front end does.", _origins),
    Setting("PROXIES", "0", "How many proxies in front are trusted to name the caller's address.", _whole(0, 9)),
    Setting(
        "EVENTS_LISTEN", "", "Address and port of the event streams; the port after that of `LISTEN`.", _events_listen
    ),
    Setting("EVENTS_URL", "", "Origin by which browsers reach the event streams.", _own_address),
    Setting(
        "EVENTS_MOST", "1000", "Event streams that are open at a time; beyond it flags are polled.", _whole(1, 50_000)
    ),
    Setting("WEB_WORKERS", "1", "Web processes.", _whole(1, 64)),
    Setting("WEB_THREADS", "16", "Threads in each web process; half of them may be inside the admin.", _whole(2, 256)),
    Setting("UPTIME_WEIGHTS", "partial_outage=0.3", "How much of its time each status counts as down.", _weights),
    Setting("PAGERDUTY_API_KEY", "", "REST API key; without it PagerDuty is not asked.", _text),
    Setting("PAGERDUTY_URL", "https://api.pagerduty.com", "PagerDuty's API; EU accounts use another.", _address),
    Setting("PAGERDUTY_CA", "", "File with the certificates to trust for PagerDuty, if not the system's.", _file),
    Setting("PAGERDUTY_PREFIX", "", "Only services whose name begins so are offered for mapping.", _text),
    Setting("SMTP_URL", "", "Server that takes our mail; without it nobody can follow by e-mail.", _smtp),
    Setting("MAIL_FROM", "", "Address that mail comes from; needed with `SMTP_URL`.", _mailbox),
    Setting("WEBHOOK_ALLOWED", "", "Hosts with their ports that may be posted to wherever they are.", _places),
    Setting("POLL_SECONDS", "60", "Seconds between two polls of PagerDuty.", _whole(5, 86_400)),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What `from_environment` read: a field for each line of `SETTINGS`, in lower case."""

    instance: Path
    listen: tuple[str, int]
    public_url: str
    site_name: str
    time_zone: ZoneInfo
    end_of_day: str
    languages: tuple[str, ...]
    database_url: str
    redis_url: str
    allowed_origins: tuple[str, ...]
    front_end_origins: tuple[str, ...]
    proxies: int
    events_listen: tuple[str, int] | None
    events_url: str
    events_most: int
    web_workers: int
    web_threads: int
    pagerduty_api_key: str
    pagerduty_url: str
    pagerduty_ca: Path | None
    pagerduty_prefix: str
    smtp_url: str
    mail_from: str
    webhook_allowed: frozenset[tuple[str, int]]
    poll_seconds: int
    uptime_weights: Mapping[Status, float]

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def published(self) -> Path:
        return self.instance / "published"


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Raises WrongSetting with a sentence that names the first wrong one."""
    values = {}
    for setting in SETTINGS:
        given = environ.get(setting.name, "").strip()
        try:
            values[setting.name.lower()] = setting.parse(given or setting.default)
        except ValueError as wrong:
            raise WrongSetting(f"{setting.name} {wrong}; {_shown(setting, given)} is not.") from None
    _settle_events(values, environ.get("EVENTS_LISTEN", "").strip())
    if values["smtp_url"] and not values["mail_from"]:
        raise WrongSetting("MAIL_FROM must be an address of mail, as SMTP_URL is given; “” is not.")
    if not values["public_url"]:
        values["public_url"] = address_of(values["listen"])
    if not values["database_url"]:
        values["database_url"] = f"sqlite:///{values['instance'] / 'signpost.db'}"
    return Settings(**values)


def _settle_events(values: dict[str, Any], listen: str) -> None:
    """Where nobody says by which address browsers come, they come to the streams as they come to the rest."""
    host, port = values["listen"]
    if not listen and port < 65_535:
        values["events_listen"] = host, port + 1
    if values["events_listen"] == values["listen"]:
        raise WrongSetting(f"EVENTS_LISTEN must be another address than that of LISTEN; “{listen}” is not.")
    if values["events_listen"] and not values["public_url"] and not values["events_url"]:
        values["events_url"] = address_of(values["events_listen"])


def _shown(setting: Setting, given: str) -> str:
    """A password, if there is one in it, is not for the log."""
    return "the value given" if re.search("KEY|URL", setting.name) or "@" in given else f"“{given}”"


def reachable(listen: tuple[str, int]) -> tuple[str, int]:
    """The address by which this machine itself reaches a server that listens so."""
    host, port = listen
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port


def address_of(listen: tuple[str, int]) -> str:
    host, port = reachable(listen)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def secret_key(instance: Path) -> str:
    """The key that signs cookies; made on the first start, readable by its owner alone."""
    path = instance / "secret.key"
    instance.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "x", opener=_private) as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def install(app: Flask, settings: Settings) -> None:
    app.extensions["settings"] = settings


def settings() -> Settings:
    """The settings of the app at hand."""
    from flask import current_app  # only here: the supervisor reads settings without Flask

    found: Settings = current_app.extensions["settings"]
    return found


def redis_url(settings: Settings) -> str:
    """Where the queue is: the address given, or the bundled server's socket."""
    return settings.redis_url or f"unix://{queue_socket(settings.instance)}"


def queue_socket(instance: Path) -> Path:
    """The bundled server's socket. A path over 107 bytes is refused by the system: then one in its folder for
    temporary files, private to this user and this instance."""
    path = instance / "queue" / "queue.sock"
    if len(str(path).encode()) <= 100:
        return path
    name = hashlib.sha256(str(instance).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"signpost-{os.getuid()}-{name}" / "queue.sock"
