"""What the VA's endpoints have in common: how keys are written, how errors are, and until when is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from dashboard.answers.question import Asked, Said, in_json
from dashboard.rules.toggle import camel

HEADER = "X-Key-Inflection"

_INFLECTIONS: dict[str, Callable[[str], str]] = {
    "camel": lru_cache(camel),
    "dash": lru_cache(lambda key: key.replace("_", "-")),
    "pascal": lru_cache(lambda key: camel(key)[:1].upper() + camel(key)[1:]),
}


def inflection(asked: Asked) -> str:
    """How keys are asked for; "" is as they are."""
    given = asked.headers.get(HEADER.lower(), "")
    return given if given in _INFLECTIONS else ""


def inflected(what: Any, inflection: str) -> Any:
    """The same with other keys; values stay as they are."""
    return _with_keys(what, _INFLECTIONS[inflection]) if inflection else what


def _with_keys(what: Any, write: Callable[[str], str]) -> Any:
    if isinstance(what, dict):
        return {write(key): _with_keys(value, write) for key, value in what.items()}
    return [_with_keys(one, write) for one in what] if isinstance(what, list) else what


def errors(status: str, words: str, key: str) -> Said:
    """As JSON:API has them."""
    code, _, title = status.partition(" ")
    return in_json({"errors": [{"title": title, "detail": words, "code": code, "status": code}]}, status, "no-store")


def open_end(t: datetime) -> datetime:
    """Until when something lasts whose end nobody knows: a full hour, one hour off at least. Front ends say “we hope to
    be finished by” it, and take everything as well from then on."""
    return t.replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
