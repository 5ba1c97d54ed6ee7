"""How planned work comes again: rules of RFC 5545 as far as we take them, and what they are called."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
_TAKEN = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST")
_OFTEN = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")  # more often than daily is no planned work
_PART = re.compile(r"([A-Z]+)=([A-Z0-9,+-]{1,60})")
_UNTIL = re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?")
_COUNTED = re.compile(r"[1-9][0-9]{0,2}")  # every nought days would be for ever on the first
_MEANT = {
    "BYDAY": re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)"),
    "BYMONTH": re.compile(r"[1-9]|1[0-2]"),
    "BYMONTHDAY": re.compile(r"-?([1-9]|[12][0-9]|3[01])"),
    "BYSETPOS": re.compile(r"-?[1-9][0-9]?"),
}
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # days of the months
MOST = 200  # characters


class Repeat(StrEnum):
    """The choices of the form."""

    NEVER = "never"
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"
    OWN = "own"


class NoRule(ValueError):
    """This is no rule that we take; the text says why, for the person."""


def rule_for(repeat: Repeat, first: date) -> str:
    """The rule of a choice, for work that is on the day ``first`` for the first time."""
    day = DAYS[first.weekday()]
    if repeat is Repeat.MONTHLY:
        return f"FREQ=MONTHLY;BYDAY={place_in_month(first)}{day}"
    return f"FREQ=WEEKLY;INTERVAL=2;BYDAY={day}" if repeat is Repeat.FORTNIGHTLY else f"FREQ=WEEKLY;BYDAY={day}"


def place_in_month(day: date) -> int:
    """1 for the first Sunday of a month, to 4; -1 for a fifth, which is the last."""
    place = (day.day - 1) // 7 + 1
    return place if place < 5 else -1


def ending(rule: str, last: date | None = None, count: int | None = None) -> str:
    """The rule with its end: the last day on which it may be, or how often it is."""
    if count is not None:
        return f"{rule};COUNT={count}"
    return f"{rule};UNTIL={last:%Y%m%d}T235959" if last is not None else rule


def clean(typed: str) -> str:
    """A rule that somebody typed, in the one form that we keep. Raises NoRule."""
    text = typed.strip().upper().removeprefix("RRULE:").rstrip(";")
    parts = text.split(";")
    found = {}
    for part in parts:
        match = _PART.fullmatch(part.strip())
        if match is None or match[1] not in _TAKEN or match[1] in found:
            raise NoRule(f"“{part[:40]}” cannot be read. Write it like FREQ=WEEKLY;BYDAY=SU.")
        found[match[1]] = match[2]
    if found.get("FREQ") not in _OFTEN:
        raise NoRule("Begin with FREQ=DAILY, FREQ=WEEKLY, FREQ=MONTHLY or FREQ=YEARLY.")
    if "COUNT" in found and "UNTIL" in found:
        raise NoRule("Give COUNT or UNTIL, not both.")
    if any(not _COUNTED.fullmatch(found.get(name, "1")) for name in ("COUNT", "INTERVAL")):
        raise NoRule("Give COUNT and INTERVAL as whole numbers, from 1 to 999.")
    _refuse_never(found)
    if "UNTIL" in found:
        found["UNTIL"] = _until(found["UNTIL"])
    return ";".join(f"{name}={value}" for name, value in found.items())


def _refuse_never(found: dict[str, str]) -> None:
    """What no calendar has would be looked for until the year 9999."""
    for name, meant in _MEANT.items():
        if wrong := next((one for one in found.get(name, "").split(",") if one and not meant.fullmatch(one)), ""):
            raise NoRule(f"“{wrong}” means nothing in {name}.")
    months = [int(month) for month in found.get("BYMONTH", "").split(",") if month] or range(1, 13)
    days = [abs(int(day)) for day in found.get("BYMONTHDAY", "").split(",") if day]
    if days and min(days) > max(_LONGEST[month - 1] for month in months):
        raise NoRule("No such month has such a day.")
    if "BYSETPOS" in found and found["FREQ"] in ("DAILY", "WEEKLY"):
        raise NoRule("Give BYSETPOS with FREQ=MONTHLY or FREQ=YEARLY.")


def _until(typed: str) -> str:
    """A wall time, as ours begin at one."""
    found = f"{typed}T235959" if "T" not in typed else typed.removesuffix("Z")
    try:
        if not _UNTIL.fullmatch(typed):
            raise ValueError
        datetime.strptime(found, "%Y%m%dT%H%M%S")  # noqa: DTZ007
    except ValueError:
        raise NoRule("Write UNTIL like UNTIL=20270301.") from None
    return found


def words(rule: str) -> str:
    """ "every week on Sunday, until 1 March 2027"; a rule of somebody's own as it is."""
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    often = _often(parts)
    if often is None:
        return rule
    if "COUNT" in parts:
        return f"{often}, {parts['COUNT']} times"
    if "UNTIL" not in parts:
        return often
    last = datetime.strptime(parts["UNTIL"][:8], "%Y%m%d").date()  # noqa: DTZ007
    return f"{often}, until {last.day} {last:%B %Y}"


def _often(parts: dict[str, str]) -> str | None:
    if parts.keys() - {"FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL"}:
        return None
    match = re.fullmatch(r"(-?[1-4])?([A-Z]{2})", parts.get("BYDAY", ""))
    if match is None or match[2] not in DAYS:
        return None
    day, place, every = DAY_NAMES[DAYS.index(match[2])], int(match[1] or 0), parts.get("INTERVAL", "1")
    if parts["FREQ"] == "WEEKLY" and not place and every in ("1", "2"):
        return f"every week on {day}" if every == "1" else f"every two weeks on {day}"
    if parts["FREQ"] == "MONTHLY" and every == "1" and place in _ORDINALS:
        return f"every month on the {_ORDINALS[place]} {day}"
    return None
