"""What was seen in use since it was last written down: counted in memory by the front, for `noting` to keep.

A place is the host of a website or the name of a program. Nothing else of a request is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.rules.place import app_of, host_of, program_of

TOGGLE, EMBED = "toggle", "embed"
ALL = ""  # in place of a toggle's name: of who reads them all at once
FRAGMENT = "fragment"
MOST = 5_000  # that are counted at a time; of what comes beyond, the place is left out
_HEADERS_KEPT, _LONGEST_KEPT = 1_000, 200  # that are remembered with what they name, and their length

Environ = dict[str, Any]
Key = tuple[str, str, str]  # kind, name and place


@dataclass(slots=True)
class Seen:
    """How often, and when first and last, in seconds since 1970."""

    times: int
    first: float
    last: float


class _Named(dict[str, str]):
    """What a header names. The first so many headers are remembered."""

    def __init__(self, name: Callable[[str], str]) -> None:
        super().__init__()
        self._name = name

    def __missing__(self, header: str) -> str:
        name = self._name(header)
        if len(self) < _HEADERS_KEPT and len(header) <= _LONGEST_KEPT:
            self[header] = name
        return name


class Sightings:
    """``url`` is our own address, whose pages show what they show whether or not anybody embeds it.

    Many threads count at a time, none waits for another: one that is interrupted may count one less.
    """

    def __init__(self, url: str) -> None:
        self._own = host_of(url)
        self._hosts, self._programs = _Named(host_of), _Named(program_of)
        self._counted: dict[Key, Seen] = {}
        self._written: set[Key] = set()

    def embedded(self, form: str, environ: Environ, t: float) -> None:
        """A form of the embed was read. Who does not say where is nowhere that it could be seen on."""
        place = self._place(environ, form != FRAGMENT)
        if place and place != self._own:
            self._count((EMBED, form, place), t)

    def read(self, names: Iterable[str], environ: Environ, t: float) -> None:
        """Toggles were read, by these of their names."""
        place = self._place(environ)
        for name in names:
            self._count((TOGGLE, name, place), t)

    def has_news(self) -> bool:
        """Is there anything that this process has never seen before?"""
        return not self._counted.keys() <= self._written

    def take(self) -> dict[Key, Seen]:
        """All that was counted; from now on it is counted anew."""
        taken, self._counted = self._counted, {}
        return taken.copy()  # a thread may still be at it

    def written(self, taken: Mapping[Key, Seen]) -> None:
        if len(self._written) > MOST:
            self._written = set()
        self._written.update(taken)

    def put_back(self, taken: Mapping[Key, Seen]) -> None:
        """It could not be written down, and will be tried again."""
        for key, seen in taken.items():
            held = self._held(key, seen.first)
            held.times += seen.times
            held.first, held.last = min(held.first, seen.first), max(held.last, seen.last)

    def _count(self, key: Key, t: float) -> None:
        seen = self._counted.get(key) or self._held(key, t)
        seen.times += 1
        seen.last = t

    def _held(self, key: Key, t: float) -> Seen:
        counted = self._counted
        if len(counted) >= MOST and key not in counted:
            key = (*key[:2], "")
        return counted.setdefault(key, Seen(0, t, t))

    def _place(self, environ: Environ, by_referrer: bool = True) -> str:
        """A browser names the website: where it loads a picture or a frame by the Referer alone. A server that puts a
        fragment into its page may pass on its visitor's Referer, who came from anywhere."""
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None:
            return self._hosts[origin]
        referrer = environ.get("HTTP_REFERER") if by_referrer else None
        if referrer is not None:
            return host_of(referrer)  # not remembered: there may be more in it than a host
        app = environ.get("HTTP_SOURCE_APP_NAME")
        return (app and app_of(app)) or self._programs[environ.get("HTTP_USER_AGENT", "")]
