"""The forms of the public pages by which one follows. What there is to follow is read from what is published, so that
they can be filled in while the database is away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectMultipleField, StringField
from wtforms.validators import Length, ValidationError

from dashboard.actions.follower_rows import Wants
from dashboard.rules import text
from dashboard.rules.walltime import is_zone, zone_named
from dashboard.snapshot import Snapshot
from dashboard.views.fields import VersionForm

EVERYTHING, CHOSEN, ABOUT = "everything", "chosen", "about"
CONTACT = "E-mail address, if you like"
ADDRESS = {
    "email": "E-mail address",
    "slack": "Incoming webhook of your Slack channel",
    "teams": "Webhook of your Teams channel",
    "webhook": "Address of your endpoint",
}
_GONE = "This is no longer there. Choose something else."
_RESOLVED = "This problem is resolved, so no more will be said of it. Choose something else."


@dataclass(frozen=True, slots=True)
class Thing:
    """What can be followed. ``kind``: section, component or incident; ``value`` is "section-direct_deposit"."""

    kind: str
    id: int
    key: str
    name: str
    depth: int = 0
    is_over: bool = False

    @property
    def value(self) -> str:
        return f"{self.kind}-{self.key}"


@dataclass(frozen=True, slots=True)
class Things:
    sections: tuple[Thing, ...]
    components: tuple[Thing, ...]
    incidents: tuple[Thing, ...]

    def about(self, value: str | None) -> Thing | None:
        every = (*self.sections, *self.components, *self.incidents)
        return next((thing for thing in every if thing.value == value), None)


def things_of(snapshot: Snapshot) -> Things:
    return Things(
        tuple(Thing("section", one.id, one.key, one.name, one.depth) for one in snapshot.sections),
        tuple(Thing("component", one.id, one.key, one.name) for one in snapshot.components),
        tuple(Thing("incident", one.id, str(one.id), one.title, is_over=not one.is_open) for one in snapshot.incidents),
    )


class OpenForm(FlaskForm):
    """For everybody, without a cookie; so it has no token either."""

    class Meta:
        csrf = False


class _Choices(OpenForm):
    """``scope`` says which of the others count."""

    scope = RadioField("What about?", validate_choice=False)
    section = SelectMultipleField("Parts of the website", validate_choice=False)
    component = SelectMultipleField("Systems behind it", validate_choice=False)
    problems = BooleanField("Problems")
    planned = BooleanField("Planned work")
    things: Things

    def validate_scope(self, field: Field) -> None:
        if field.data not in (EVERYTHING, CHOSEN):
            raise ValidationError("Choose what you want updates about.")
        if field.data == CHOSEN and not self.is_anything_chosen():
            raise ValidationError("Tick at least one part or system.")

    def validate_problems(self, field: Field) -> None:
        if not self.problems.data and not self.planned.data:
            raise ValidationError("Choose problems, planned work, or both.")

    def is_anything_chosen(self) -> bool:
        return bool(_ticked(self.things.sections, self.section) or _ticked(self.things.components, self.component))

    def wants(self) -> Wants:
        is_chosen = self.scope.data == CHOSEN
        sections = _ticked(self.things.sections, self.section) if is_chosen else []
        components = _ticked(self.things.components, self.component) if is_chosen else []
        return Wants(
            everything=self.scope.data == EVERYTHING,
            sections=frozenset(thing.id for thing in sections),
            components=frozenset(thing.id for thing in components),
            problems=bool(self.problems.data),
            planned=bool(self.planned.data),
            zone=_zone(self["zone"].data),
        )


class FollowForm(_Choices):
    """``about`` is what the page told of from which somebody comes here; ``website`` is for programs that fill in all
    that they find."""

    by = HiddenField()
    about = HiddenField()
    zone = HiddenField()
    address = StringField("E-mail address", filters=[lambda typed: text.clean_line(typed) if typed else ""])
    contact = StringField(CONTACT, filters=[lambda typed: text.clean_line(typed) if typed else ""])
    website = StringField("Leave this empty", validators=[Length(max=text.ADDRESS)])

    @property
    def thing(self) -> Thing | None:
        return self.things.about(self.about.data)

    def validate_scope(self, field: Field) -> None:
        if field.data != ABOUT:
            return super().validate_scope(field)
        if self.thing is None:
            raise ValidationError(_GONE)
        if self.thing.is_over:
            raise ValidationError(_RESOLVED)

    def validate_problems(self, field: Field) -> None:
        if not self._is_of_incident():
            super().validate_problems(field)

    def wants(self) -> Wants:
        wants, thing = super().wants(), self.thing if self.scope.data == ABOUT else None
        if thing is None:
            return wants
        only = frozenset((thing.id,))
        return Wants(
            sections=only if thing.kind == "section" else frozenset(),
            components=only if thing.kind == "component" else frozenset(),
            problems=wants.problems,
            planned=wants.planned,
            zone=wants.zone,
        )

    def incidents(self) -> frozenset[int]:
        return frozenset((self.thing.id,)) if self.thing and self._is_of_incident() else frozenset()

    def in_words(self) -> str:
        return in_words(self.things, self.wants(), self.incidents())

    def _is_of_incident(self) -> bool:
        return self.scope.data == ABOUT and self.thing is not None and self.thing.kind == "incident"


class ManageForm(_Choices, VersionForm):
    """``incident``: those that they follow and have not let go."""

    class Meta:
        csrf = False

    incident = SelectMultipleField("Single problems", validate_choice=False)
    zone = StringField(
        "Time zone", id="your-zone", filters=[lambda typed: zone_named(text.clean_line(typed)) if typed else ""]
    )
    contact = StringField(CONTACT, filters=[lambda typed: text.clean_line(typed) if typed else ""])

    def validate_zone(self, field: Field) -> None:
        if field.data and not is_zone(field.data):
            raise ValidationError("That is not a time zone. Write it like Europe/London, or leave it empty.")

    def is_anything_chosen(self) -> bool:
        return super().is_anything_chosen() or bool(self.incidents())

    def validate_problems(self, field: Field) -> None:
        """Of a single problem one is told in any case."""
        if self.scope.data == EVERYTHING or super().is_anything_chosen():
            super().validate_problems(field)

    def incidents(self) -> frozenset[int]:
        return frozenset(thing.id for thing in _ticked(self.things.incidents, self.incident))

    def let_go(self) -> frozenset[int]:
        """What was there to tick, and is not ticked."""
        return frozenset(thing.id for thing in self.things.incidents) - self.incidents()


def in_words(things: Things, wants: Wants, incidents: frozenset[int]) -> str:
    """ "Direct deposit and Payments (problems and planned work)"."""
    sections = [thing for thing in things.sections if thing.id in wants.sections]
    components = [thing for thing in things.components if thing.id in wants.components]
    single = listed(thing for thing in things.incidents if thing.id in incidents)
    if not wants.names_any:
        return single
    chosen = "everything" if wants.everything else listed([*sections, *components])
    kinds = ((wants.problems, "problems"), (wants.planned, "planned work"))
    by_kind = f"{chosen} ({' and '.join(name for is_on, name in kinds if is_on)})"
    return f"{by_kind} and {single}" if incidents else by_kind


def listed(things: Iterable[Thing]) -> str:
    """ "Direct deposit, Messages and 3 more"."""
    names = [thing.name for thing in things]
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "nothing"


def _ticked(things: Iterable[Thing], field: Field) -> list[Thing]:
    """What is ticked and still there."""
    given = frozenset(field.data or ())
    return [thing for thing in things if thing.key in given]


def _zone(name: str | None) -> str:
    """What no zone is called, as of a browser that knows others, is the page's."""
    return name if name and is_zone(name) else ""
