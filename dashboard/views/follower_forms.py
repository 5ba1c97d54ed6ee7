"""The form of what somebody is told of, for a team's channel and for one of the public."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectChoice
from wtforms.validators import InputRequired, Regexp, ValidationError

from dashboard.actions import following
from dashboard.actions.follower_rows import Wants
from dashboard.facts import Facts
from dashboard.rules import walltime
from dashboard.snapshot import in_tree_order
from dashboard.views import fields

_WHAT = [
    SelectChoice("everything", "Everything"),
    SelectChoice("chosen", "Chosen sections and components"),
]


class WantsForm(FlaskForm):
    what = RadioField("What it is told of", [InputRequired("Choose what.")], choices=_WHAT, default="everything")
    sections = fields.ticks("Sections")
    components = fields.ticks("Components")
    problems = BooleanField("Problems", default=True)
    planned = BooleanField("Planned work", default=True)
    zone = fields.line("Time zone", 60)

    def offer(self, facts: Facts) -> None:
        """Nothing but what there is may be chosen."""
        tree = in_tree_order(facts.sections)
        self.sections.choices = [SelectChoice(section.id, section.name, {"depth": depth}) for section, depth in tree]
        self.components.choices = [SelectChoice(one.id, one.name) for one in facts.components]

    def fill(self, wants: Wants) -> None:
        """What is archived by now is left out: it can be chosen by nobody."""
        self.what.data = "everything" if wants.everything else "chosen"
        self.sections.data, self.components.data = sorted(wants.sections), sorted(wants.components)
        self.problems.data, self.planned.data, self.zone.data = wants.problems, wants.planned, wants.zone

    def validate_sections(self, field: Field) -> None:
        if self.what.data == "chosen" and not field.data and not self.components.data:
            raise ValidationError("Choose a section or a component, or everything.")

    def validate_problems(self, field: Field) -> None:
        if not field.data and not self.planned.data:
            raise ValidationError("Choose problems, planned work, or both.")

    def validate_zone(self, field: Field) -> None:
        field.data = walltime.zone_named(field.data or "")
        if field.data and not walltime.is_zone(field.data):
            raise ValidationError(f"“{field.data[:60]}” is not a time zone. Write it like Europe/London.")

    def wants(self) -> Wants:
        everything = self.what.data == "everything"
        return Wants(
            everything=everything,
            sections=frozenset(() if everything else self.sections.data or ()),
            components=frozenset(() if everything else self.components.data or ()),
            problems=self.problems.data,
            planned=self.planned.data,
            zone=self.zone.data or "",
        )


class EditForm(WantsForm, fields.VersionForm):
    """``name`` is a team's channel's; of one of the public there is none."""

    name = fields.line("Name", required="Give it a name, like Payments team.")


class NewForm(WantsForm):
    """``secret`` signs what is posted to a webhook; it stands in the form, so that its receiver can be told before the
    test is sent."""

    name = fields.line("Name", required="Give it a name, like Payments team.")
    channel = RadioField(
        "Channel", [InputRequired("Choose a channel.")], invalid_choice_message="Choose from this list."
    )
    address = fields.line("Address", 2_000, required="Give the address.")
    secret = HiddenField(default=following.new_secret, validators=[Regexp(r"whsec_[A-Za-z0-9+/]{43}=$")])
