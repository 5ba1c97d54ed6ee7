"""The forms of outages: until when, from when, why, in which words, and whether followers are told."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectChoice
from wtforms.validators import AnyOf

from dashboard.rules import wording
from dashboard.rules.telling import LASTS, Tells
from dashboard.views import fields
from dashboard.views.times import Unclear

NO_REASON_YET = "Reason to follow"
_TIME = 40  # characters


class EndForm(FlaskForm):
    """Until when, and in which zone typed times are meant. ``…_exact`` answers a question about a clock change."""

    until = fields.line("Until", _TIME)
    until_at = fields.line("Day and time", _TIME)
    until_exact = fields.line("Which of the two", _TIME)
    zone = fields.line("Time zone", most=60)


class TimesForm(EndForm, fields.OnceForm):
    """The same for a form that makes something."""


class TellingForm(FlaskForm):
    """Are followers told of it?"""

    tells = RadioField(
        "Tell followers",
        choices=[
            SelectChoice(Tells.LENGTH, f"If it lasts {wording.length_words(LASTS)} or more"),
            SelectChoice(Tells.YES, "Yes"),
            SelectChoice(Tells.NO, "No"),
        ],
        default=Tells.LENGTH,
        validators=[AnyOf(list(Tells))],
    )

    def read_tells(self) -> Tells:
        """Raises Unclear."""
        if self.tells.data not in list(Tells):
            raise Unclear("tells", "Choose one of these.")
        return Tells(self.tells.data)


class OffForm(TimesForm, TellingForm):
    start = RadioField(
        "From",
        choices=[SelectChoice("now", "Now"), SelectChoice("at", "Later")],
        default="now",
        validators=[AnyOf(["now", "at"])],
    )
    start_at = fields.line("Day and time", _TIME)
    start_exact = fields.line("Which of the two", _TIME)
    hold = BooleanField("Keep it off after that, until somebody brings it back")
    reason = fields.line("Why?", required="Say why, for your colleagues.")
    message = fields.body("What the public will read")
    alternative = fields.line("What to do instead")


class WordsForm(fields.VersionForm):
    message = fields.body("What the public reads")
    alternative = fields.line("What to do instead")
    reason = fields.line("Why?", required="Say why, for your colleagues.")


class ExtendForm(EndForm, TellingForm, fields.VersionForm):
    """Another end for an outage as the person saw it."""
