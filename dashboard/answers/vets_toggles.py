"""``/v0/feature_toggles``, as the VA's front end asks for them: each name answered as it was given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dashboard.answers.question import Asked, Said, in_json
from dashboard.rules.toggle import camel, spellings
from dashboard.snapshot import Snapshot

Names = tuple[str, ...]
_MOST = 1_000  # names in one question


def read(_: Snapshot, asked: Asked) -> Names:
    """The names that are asked for; none of them is all. The caller's cookie_id changes nothing: a toggle follows its
    sections, and reads the same for everybody."""
    names = (name.strip() for name in asked.query.get("features", "").split(",", _MOST)[:_MOST])
    return tuple(filter(None, names))


def say(snapshot: Snapshot, names: Names) -> Said:
    known = dict(_known(snapshot))
    told = ((name, known[name][1] if name in known else False) for name in names) if names else _pairs(snapshot)
    features = [{"name": name, "value": value} for name, value in told]
    reads = {known[name][0]: None for name in names if name in known} if names else ("",)
    return in_json({"data": {"type": "feature_toggles", "features": features}}, reads=tuple(reads))


def _known(snapshot: Snapshot) -> Iterator[tuple[str, tuple[str, bool]]]:
    """By every spelling of every name, the name and its value. Of two that are spelled alike the one whose own name it
    is comes last, and counts."""
    public = [toggle for toggle in snapshot.toggles if not toggle.fact.is_private]
    named = [(name, toggle.value) for toggle in public for name in (*toggle.fact.aliases, toggle.fact.name)]
    yield from ((spelling, (name, value)) for name, value in named for spelling in spellings(name))
    yield from ((name, (name, value)) for name, value in named)


def _pairs(snapshot: Snapshot) -> Iterable[tuple[str, bool]]:
    """In camel and in snake case; then by the earlier names, for who reads all of them and picks one by such a name."""
    public = [toggle for toggle in snapshot.toggles if not toggle.fact.is_private]
    own = [(name, toggle.value) for toggle in public for name in _both(toggle.fact.name)]
    earlier = ((name, toggle.value) for toggle in public for alias in toggle.fact.aliases for name in _both(alias))
    known = {name for name, _ in own}
    return [*own, *(pair for pair in earlier if pair[0] not in known)]


def _both(name: str) -> tuple[str, str]:
    return camel(name), name
