"""The form that work is planned by, and what its fields come to. A clock change is asked about, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import request
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectChoice
from wtforms.validators import AnyOf, NumberRange, Optional

from dashboard.actions.window_rows import TELLING, Asked, Touches
from dashboard.actions.writing import Refused
from dashboard.config import settings
from dashboard.facts import Facts
from dashboard.models import Window
from dashboard.rules import recurrence, wording
from dashboard.rules.recurrence import NoRule, Repeat
from dashboard.rules.state import Effect
from dashboard.snapshot import in_tree_order
from dashboard.views import fields, prefill, times
from dashboard.views.times import Unclear

OTHER = "other"
EFFECT_WORDS = {Effect.DOWN: "goes off", Effect.WARN: "is slow", Effect.NOTHING: "is only named"}
REPEAT_WORDS = {
    Repeat.NEVER: "Once",
    Repeat.WEEKLY: "Every week",
    Repeat.FORTNIGHTLY: "Every two weeks",
    Repeat.MONTHLY: "Every month",
    Repeat.OWN: "By a rule",
}
_TOLD = {
    "tells": "when it is planned, moved or called off",
    "reminds": "60 minutes before it begins",
    "tells_start": "when it begins",
    "tells_end": "when it is over",
}
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])(?:[:.]?([0-5][0-9]))?")
_ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Sydney",
)
_CHECKS = "Give whole minutes, from 1 to 600, or leave it empty."
_COUNT = "Give a whole number, from 1 to 500."


class TellingForm(FlaskForm):
    """When followers are told of planned work."""

    tells = BooleanField(_TOLD["tells"].capitalize(), default=True)
    reminds = BooleanField(_TOLD["reminds"].capitalize(), default=True)
    tells_start = BooleanField(_TOLD["tells_start"].capitalize())
    tells_end = BooleanField(_TOLD["tells_end"].capitalize())

    @property
    def chosen(self) -> dict[str, bool]:
        return {name: bool(self[name].data) for name in TELLING}


class PlanForm(TellingForm, fields.OnceForm, fields.VersionForm):
    """``…_exact`` answers a question about a clock change; ``mine`` is the browser's own zone; ``suggested`` the words
    that were offered last, so that nobody's own are ever replaced."""

    components = fields.ticks("Components")
    sections = fields.ticks("Sections")
    title = fields.line("What is the work?")
    day = fields.line("Day", 10)
    other_day = fields.line("Another day", 10)
    from_time = fields.line("From", 8)
    to_time = fields.line("To", 8)
    end_day = fields.line("It ends on another day", 10)
    from_exact = fields.line("Which start", 40)
    to_exact = fields.line("Which end", 40)
    zone = fields.line("Time zone", 60)
    mine = fields.line("Your own time zone", 60)
    message = fields.body("What the public will read")
    suggested = fields.body("Words that were offered")
    filled = fields.line("The template that was used last", 12)
    checks = IntegerField("Of that, for checking at the end (minutes)", [Optional(), NumberRange(1, 600, _CHECKS)])
    repeat = RadioField(
        "How often",
        choices=[SelectChoice(repeat, words) for repeat, words in REPEAT_WORDS.items()],
        default=Repeat.NEVER,
        validators=[AnyOf(list(Repeat))],
    )
    rule = fields.line("Rule", recurrence.MOST)
    last_day = fields.line("Last day", 10)
    count = IntegerField("Or how many times", [Optional(), NumberRange(1, 500, _COUNT)])
    which = RadioField(
        "Change",
        choices=[SelectChoice("one", "Only this one"), SelectChoice("following", "This one and all that follow")],
        default="one",
        validators=[AnyOf(["one", "following"])],
    )

    stayed: Mapping[str, str] = {}  # a template's words, where a person's own stayed
    held: Mapping[int, str] = {}  # what was chosen for each section, not by what is sent

    def offer(self, facts: Facts) -> None:
        """Nothing but what there is may be chosen."""
        names = {section.id: section.name for section in facts.sections}
        behind: dict[int, list[str]] = {}
        for on in facts.dependencies:
            if on.on_window is not Effect.NOTHING and on.section_id in names:
                behind.setdefault(on.component_id, []).append(names[on.section_id])
        self.sections.choices = [
            SelectChoice(section.id, section.name, {"depth": depth}) for section, depth in in_tree_order(facts.sections)
        ]
        self.components.choices = [
            SelectChoice(one.id, one.name, {"hint": f"behind {', '.join(behind[one.id])}" if one.id in behind else ""})
            for one in facts.components
        ]

    def effect(self, section_id: int) -> str:
        """What was chosen for a section; down if nothing was."""
        word = self.held.get(section_id) or request.form.get(f"effect-{section_id}", Effect.DOWN)
        return word if word in list(Effect) else Effect.DOWN

    @property
    def touches(self) -> Touches:
        return tuple((id, str(self.effect(id))) for id in sorted(self.sections.data or ()))


class EndForm(fields.VersionForm):
    """Another end; ``until`` is a chip, or "at" for what is typed."""

    until = fields.line("Until", 40)
    until_at = fields.line("Day and time", 40)
    until_exact = fields.line("Which of the two", 40)
    zone = fields.line("Time zone", 60)


class WordsForm(fields.VersionForm):
    message = fields.body("What the public reads")


class TellForm(TellingForm, fields.VersionForm):
    """The same for work that is planned, PagerDuty's too."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A day to choose: its value, its name and its date."""

    value: str
    name: str
    means: str


def moments(window: Window) -> str:
    return moments_of({name: getattr(window, name) for name in TELLING})


def moments_of(chosen: Mapping[str, bool]) -> str:
    """ "when it is planned, moved or called off; when it begins"."""
    return "; ".join(words for name, words in _TOLD.items() if chosen[name]) or "nothing"


def days(at: datetime) -> list[Chip]:
    """Today, tomorrow, and the next Saturday and Sundays, in the page's zone."""
    today = at.astimezone(settings().time_zone).date()
    sunday = next_sunday(at)
    found = sorted({today, today + timedelta(days=1), sunday - timedelta(days=1), sunday, sunday + timedelta(days=7)})
    names = {today: "Today", today + timedelta(days=1): "Tomorrow"}
    return [
        *(Chip(day.isoformat(), names.get(day, f"{day:%A}"), f"{day.day} {day:%B}") for day in found if day >= today),
        Chip(OTHER, "Another day", "choose it"),
    ]


def next_sunday(at: datetime) -> date:
    today = at.astimezone(settings().time_zone).date()
    return today + timedelta(days=6 - today.weekday() or 7)


def zones(chosen: str) -> list[str]:
    """To choose from: the page's own first."""
    return list(dict.fromkeys([settings().time_zone.key, chosen, *_ZONES]))


def fill(form: PlanForm, asked: Asked, shown: Iterable[Chip]) -> None:
    """The form as it would have been sent for this."""
    start, end = datetime.fromisoformat(asked.typed_start), datetime.fromisoformat(asked.typed_end)
    day = start.date().isoformat()
    form.title.data, form.message.data = asked.title, asked.message
    for name in TELLING:
        form[name].data = getattr(asked, name)
    form.components.data, form.sections.data = sorted(asked.components), [id for id, _ in asked.sections]
    form.held = dict(asked.sections)
    form.day.data = day if day in {chip.value for chip in shown} else OTHER
    form.other_day.data = day
    form.from_time.data, form.to_time.data = f"{start:%H:%M}", f"{end:%H:%M}"
    form.end_day.data = end.date().isoformat() if end - start > timedelta(days=1) else ""
    form.from_exact.data, form.to_exact.data = asked.starts_at.isoformat(), asked.ends_at.isoformat()
    form.zone.data = asked.zone
    form.checks.data = round(asked.checks.total_seconds() / 60) or None


def typed_of(window: Window, asked: Asked) -> Asked:
    """With wall times for what has none: it was begun or extended by hand."""
    zone = ZoneInfo(window.zone)
    start = window.typed_start or f"{window.starts_at.astimezone(zone):%Y-%m-%dT%H:%M}"
    end = window.typed_end or f"{window.ends_at.astimezone(zone):%Y-%m-%dT%H:%M}"
    return replace(asked, typed_start=start, typed_end=end)


def fill_from(form: PlanForm, given: Mapping[str, str], earlier: Mapping[str, str], over: bool) -> bool:
    """What a template gives (`prefill.window`); of what is chosen already nothing is let go. Words that a person wrote
    stay, unless the template's are to stand ``over`` them; ``earlier`` is what another template gave. True if some
    stayed."""
    stays = False
    form.components.data = _with(form.components.data, _ids(given, "component-"))
    form.held = {id: given[f"section-{id}"] for id in _ids(given, "section-")}
    form.sections.data = _with(form.sections.data, form.held)
    for field in ("title", "message"):
        old = (form[field].data or "").replace("\r\n", "\n")
        offered_before = ("", earlier.get(field), form.suggested.data if field == "message" else "", given[field])
        if given[field] and (over or old in offered_before):
            form[field].data = given[field]
        else:
            stays = stays or bool(given[field])
    form.tells.data = bool(given["tells"])
    return stays


def _ids(given: Mapping[str, str], kind: str) -> list[int]:
    return [int(name.removeprefix(kind)) for name in given if name.startswith(kind)]


def _with(chosen: list[int] | None, more: Iterable[int]) -> list[int]:
    return list(dict.fromkeys([*(chosen or ()), *more]))


def listed(names: list[str]) -> str:
    """ "Documents, Search and Sign in"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def read(form: PlanForm, facts: Facts) -> Asked:
    """What the form asks for. Raises Unclear where a time does not mean one moment, Refused for a rule."""
    zone = times.zone_of(form.zone.data or settings().time_zone.key)
    day = _day("day", form.day.data or "") if form.day.data != OTHER else _day("other_day", form.other_day.data or "")
    start = datetime.combine(day, _clock("from_time", form.from_time.data or ""))
    end = datetime.combine(day, _clock("to_time", form.to_time.data or ""))
    if form.end_day.data:
        end = datetime.combine(_day("end_day", form.end_day.data), end.time())
    elif end <= start:
        end += timedelta(days=1)
    typed_start, typed_end = f"{start:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}"
    ends_at = times.moment("to_time", typed_end, form.to_exact.data or "", zone)
    return Asked(
        title=_filled(form, form.title.data or "", ends_at) or named(form, facts),
        message=_filled(form, form.message.data or "", ends_at),
        components=frozenset(form.components.data or ()),
        sections=form.touches,
        starts_at=times.moment("from_time", typed_start, form.from_exact.data or "", zone),
        ends_at=ends_at,
        zone=zone.key,
        typed_start=typed_start,
        typed_end=typed_end,
        checks=timedelta(minutes=form.checks.data or 0),
        **form.chosen,
        rule=_rule(form, day),
        once=form.once.data or "",
    )


def _filled(form: PlanForm, words: str, ends_at: datetime) -> str:
    """With what was chosen in the place of the placeholders that a template left. Of the end the time of day alone is
    told: its day stands beside, and it may come again."""
    until = wording.clock_words(ends_at, settings().time_zone)
    return prefill.worded(words, form.sections.data or (), form.components.data or (), until)


def named(form: PlanForm, facts: Facts) -> str:
    """What it is called where nobody said: "Planned work on Documents and Search"."""
    chosen = set(form.sections.data or ())
    names = [section.name for section in facts.sections if section.id in chosen]
    names = names or [one.name for one in facts.components if one.id in set(form.components.data or ())]
    few = names if len(names) < 4 else [*names[:2], f"{len(names) - 2} more"]
    return f"Planned work on {listed(few)}" if names else ""


def _day(field: str, typed: str) -> date:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = date.min
    if not 2000 <= day.year <= 2100:
        raise Unclear(field, "Choose a day.")
    return day


def _clock(field: str, typed: str) -> time:
    match = _CLOCK.fullmatch(typed.strip())
    if match is None:
        raise Unclear(field, "Write the time like 02:00, or 0200.")
    return time(int(match[1]), int(match[2] or 0))


def missing(form: PlanForm) -> list[Unclear]:
    """The times that are not given, or are none."""
    found = []
    for field in ("from_time", "to_time"):
        try:
            _clock(field, form[field].data or "")
        except Unclear as wrong:
            found.append(wrong)
    return found


def _rule(form: PlanForm, day: date) -> str:
    """Raises Refused."""
    repeat = Repeat(form.repeat.data) if form.repeat.data in list(Repeat) else Repeat.NEVER
    if repeat is Repeat.NEVER:
        return ""
    if repeat is Repeat.OWN:
        try:
            return recurrence.clean(form.rule.data or "")
        except NoRule as wrong:
            raise Refused("rule", str(wrong)) from None
    last = _day("last_day", form.last_day.data) if form.last_day.data else None
    if last is not None and last < day:
        raise Refused("last_day", "That is before the first time. Choose a later day, or leave it empty.")
    if last is not None and form.count.data is not None:
        raise Refused("count", "Give the last day or this, not both.")
    return recurrence.ending(recurrence.rule_for(repeat, day), last, form.count.data)
