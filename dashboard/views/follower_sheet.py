"""The file by which followers are taken in and out: a line each, with what is wrong said by the line's number."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dashboard.actions.follower_import import Brought
from dashboard.actions.follower_rows import Wants
from dashboard.channels import Channel, Unfit
from dashboard.facts import Facts
from dashboard.rules import sheet, text, walltime

COLUMNS = ("channel", "address", "what", "problems", "planned", "zone", "confirmed_at")
MOST = 25_000  # lines
_YES, _NO = ("yes", "true", "1", "y"), ("no", "false", "0", "n")


class NotASheet(ValueError):
    """The file is none of ours; the sentence is for the person who chose it."""


class _Wrong(ValueError):
    """What is wrong with a line."""


@dataclass(slots=True)
class Sheet:
    """``wrong``: the lines that were not understood, and why."""

    lines: list[Brought] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Known:
    """The channels by name; what can be followed: by "section:documents", its id and its name."""

    channels: Mapping[str, Channel]
    sections: Mapping[str, tuple[int, str]]
    components: Mapping[str, tuple[int, str]]

    @classmethod
    def of(cls, channels: Mapping[str, Channel], facts: Facts) -> Known:
        return cls(
            channels,
            {f"section:{one.key}": (one.id, one.name) for one in facts.sections},
            {f"component:{one.key}": (one.id, one.name) for one in facts.components},
        )


def read(given: bytes, known: Known, at: datetime) -> Sheet:
    """Raises NotASheet."""
    found, seen = Sheet(), dict[tuple[str, str], int]()
    for number, cells in _cells(given):
        try:
            one = _brought(number, cells, known, at)
            first = seen.setdefault((one.channel, one.address), number)
            if first != number:
                raise _Wrong(f"The same address stands in line {first}.")
        except (_Wrong, Unfit) as wrong:
            found.wrong.append((number, str(wrong)))
        else:
            found.lines.append(one)
    return found


def _cells(given: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line's number and its cells by the names of the columns; an empty line is none."""
    try:
        typed = given.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotASheet("It is not written in UTF-8. Save it as “CSV UTF-8”.") from None
    head = typed.partition("\n")[0]
    reader = csv.reader(io.StringIO(typed, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        if "address" not in names:
            raise NotASheet(f"Its first line must name the columns, like {','.join(COLUMNS)}.")
        for cells in reader:
            if reader.line_num > MOST:
                raise NotASheet(f"It has more than {MOST:,} lines. Split it, with the first line in each part.")
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(names, map(_typed, cells), strict=False))
    except csv.Error:
        raise NotASheet("It cannot be read as CSV.") from None


def _typed(cell: str) -> str:
    return text.clean_line(sheet.typed(cell))


def _brought(number: int, cells: Mapping[str, str], known: Known, at: datetime) -> Brought:
    channel = cells.get("channel", "").lower() or "email"
    if channel not in known.channels:
        raise _Wrong(f"“{channel[:40]}” is no channel. There are {', '.join(known.channels)}.")
    if not cells.get("address"):
        raise _Wrong("It has no address.")
    address = known.channels[channel].fit(cells["address"])
    lane = known.channels[channel].lane(address)
    wants, about = _wants(cells, known)
    return Brought(number, channel, address, wants, about, lane, _moment(cells.get("confirmed_at", ""), at))


def _wants(cells: Mapping[str, str], known: Known) -> tuple[Wants, str]:
    words = re.split(r"[\s,;]+", cells.get("what", "").strip(" ,;")) if cells.get("what") else ["everything"]
    unknown = [word for word in words if word not in {"everything", *known.sections, *known.components}]
    if unknown:
        raise _Wrong(
            f"Nothing here is called “{unknown[0][:100]}”. Write everything, or section: or component: and a key."
        )
    zone, problems, planned = (
        walltime.zone_named(cells.get("zone", "")),
        _is_yes(cells, "problems"),
        _is_yes(cells, "planned"),
    )
    if zone and not walltime.is_zone(zone):
        raise _Wrong(f"“{zone[:60]}” is not a time zone. Write it like Europe/London.")
    if not problems and not planned:
        raise _Wrong("It wants neither problems nor planned work.")
    everything = "everything" in words
    sections = [known.sections[word] for word in words if word in known.sections]
    components = [known.components[word] for word in words if word in known.components]
    wants = Wants(everything, _ids(sections), _ids(components), problems, planned, zone)
    return wants, "everything" if everything else ", ".join(name for _, name in (*sections, *components))


def _ids(named: Iterable[tuple[int, str]]) -> frozenset[int]:
    return frozenset(id for id, _ in named)


def _is_yes(cells: Mapping[str, str], name: str) -> bool:
    said = cells.get(name, "").lower() or "yes"
    if said not in _YES + _NO:
        raise _Wrong(f"Under {name} write yes or no.")
    return said in _YES


def _moment(said: str, at: datetime) -> datetime | None:
    if not said:
        return None
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise _Wrong("Write confirmed_at like 2026-11-21T14:30:00Z, or leave it empty.") from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    if moment.year < 2000 or moment > at:
        raise _Wrong("confirmed_at is a time from 2000 until now.")
    return moment.astimezone(UTC)
