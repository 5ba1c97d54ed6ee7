"""The forms of incidents: what is typed, and what it means to an action."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice

from dashboard.actions.incident_parts import Details, Said
from dashboard.config import settings
from dashboard.rules import text, wording
from dashboard.rules.incident import OPEN, Impact, Stage
from dashboard.rules.status import Status
from dashboard.views import fields, times
from dashboard.views.times import Choice, Unclear

STAGES = {
    Stage.INVESTIGATING: ("Investigating", "looking into it"),
    Stage.IDENTIFIED: ("Identified", "we know the cause"),
    Stage.MONITORING: ("Monitoring", "fix is in"),
    Stage.RESOLVED: ("Resolved", "back to normal"),
    Stage.POSTMORTEM: ("Reviewed", "what we learned"),
}
IMPACTS = {
    Impact.NONE: ("No impact", "unknown"),
    Impact.MINOR: ("Minor impact", "degraded"),
    Impact.MAJOR: ("Major impact", "partial"),
    Impact.CRITICAL: ("Critical impact", "major"),
}
BODY = 5_000  # characters of an update
_FACT = 300
_TIME = 40
_FIRST_NEXT = "30"
_NEXT = (30, 60, 120)  # minutes
_STEP = 5  # minutes that a promise is rounded up to
_LONGEST = 43_200  # minutes: a month


def _stages() -> list[SelectChoice]:
    offered = (*OPEN, Stage.RESOLVED)
    return [SelectChoice(stage, STAGES[stage][0], render_kw={"hint": STAGES[stage][1]}) for stage in offered]


class DetailsForm(FlaskForm):
    """The title, the five things that a reader needs, and what is for staff to decide."""

    title = fields.line("Title", required="Say in a few words what is wrong.")
    broken = fields.line("What is broken", _FACT)
    affected = fields.line("Who is affected", _FACT)
    instead = fields.line("What to do instead", _FACT)
    expected = fields.line("When to expect a fix", _FACT)
    third_party = fields.line("Where it comes from, if not from you")
    third_party_url = fields.link("Their status page or news")
    is_private = BooleanField("Private: keep it from the public")
    impact_override = SelectField(
        "Impact",
        choices=[
            SelectChoice("", "As the components are"),
            *(SelectChoice(impact, words) for impact, (words, _) in IMPACTS.items()),
        ],
        invalid_choice_message="Choose one of these.",
    )

    def details(self) -> Details:
        """Whatever is typed, right or not."""
        given = {name: self[name].data or "" for name in Details.__slots__ if name not in ("title", "is_private")}
        impact = given["impact_override"]
        given["impact_override"] = impact if impact in [*Impact] else ""
        return Details(title=self.title.data or "", is_private=self.is_private.data, **given)


class EditForm(DetailsForm, fields.VersionForm):
    """The same for one that is out."""


class SaidForm(fields.OnceForm):
    """An update: where we are, what is said, since when, and when more is promised."""

    stage = RadioField(
        "Where are we?",
        choices=_stages(),
        default=Stage.INVESTIGATING,
        render_kw={"class": "steps"},
        validate_choice=True,
    )
    body = fields.body("Message to the public", most=BODY, rows=6)
    when = RadioField(
        "When", choices=[SelectChoice("now", "Now"), SelectChoice("earlier", "It was so earlier")], default="now"
    )
    when_at = fields.line("Day and time", _TIME)
    when_exact = fields.line("Which of the two", _TIME)
    zone = fields.line("Time zone", most=60)
    next = RadioField("Next update by", default=_FIRST_NEXT, validate_choice=False)
    next_at = fields.line("Day and time", _TIME)
    next_exact = fields.line("Which of the two", _TIME)
    tells = BooleanField("Tell the people who follow this", default=True)

    def read_zone(self) -> ZoneInfo:
        """Raises Unclear."""
        return times.zone_of(self.zone.data or settings().time_zone.key)

    def said(self, impacts: dict[int, Status], out_at: datetime) -> Said:
        """Raises Unclear where a time does not mean one moment."""
        at = None
        if self.when.data == "earlier":
            at = times.moment("when_at", self.when_at.data or "", self.when_exact.data or "", self.read_zone())
        stage = Stage(self.stage.data) if self.stage.data in [*Stage] else Stage.INVESTIGATING
        next_at = self._next(out_at) if stage.is_open else None
        return Said(stage, self.body.data or "", impacts, next_at, at, self.tells.data)

    def _next(self, out_at: datetime) -> datetime | None:
        chosen = self.next.data or "none"
        if chosen == "none":
            return None
        if chosen == "at":
            return times.moment("next_at", self.next_at.data or "", self.next_exact.data or "", self.read_zone())
        minutes = text.whole_number(chosen, _LONGEST)
        if not minutes:
            raise Unclear("next", "Choose when you will say more.")
        return promised(minutes, out_at)


class IncidentForm(DetailsForm, SaidForm):
    """A new incident, or one that is not out yet. With ``later`` the time is the one at which it comes out."""

    when = RadioField(
        "When",
        choices=[
            SelectChoice("now", "Now"),
            SelectChoice("earlier", "It began earlier"),
            SelectChoice("later", "Publish it later"),
        ],
        default="now",
    )

    def out_at(self, at: datetime) -> datetime:
        """Raises Unclear."""
        if self.when.data != "later":
            return at
        return times.moment("when_at", self.when_at.data or "", self.when_exact.data or "", self.read_zone())


class DraftForm(IncidentForm, fields.VersionForm):
    """One that is not out yet, as the person saw it."""


class UpdateForm(SaidForm, fields.VersionForm):
    """The next update of an incident as the person saw it."""

    restores = BooleanField("Bring back what it took off", default=True)


class WordsForm(fields.VersionForm):
    body = fields.body("Message to the public", most=BODY, rows=6, required="Say something, or leave it as it was.")


def promised(minutes: int, at: datetime) -> datetime:
    """So long from now, at a time that is easily said: 15:05, not 15:02."""
    later = at + timedelta(minutes=minutes)
    return later + timedelta(minutes=-later.minute % _STEP, seconds=-later.second, microseconds=-later.microsecond)


def next_choices(at: datetime) -> list[Choice]:
    zone = settings().time_zone
    today = at.astimezone(zone).date()
    chips = [
        Choice(str(minutes), wording.time_words(promised(minutes, at), today, zone), f"in {_length(minutes)}")
        for minutes in _NEXT
    ]
    return [*chips, Choice("at", "Other", "choose it"), Choice("none", "No promise", "say nothing")]


def _length(minutes: int) -> str:
    return wording.length_words(timedelta(minutes=minutes))


def prepare(form: Any, at: datetime) -> None:
    """What the fields for times start from."""
    form.zone.data = form.zone.data or settings().time_zone.key
    form.when_at.data = form.when_at.data or times.typed(at)
    form.next_at.data = form.next_at.data or times.typed(promised(60, at))
