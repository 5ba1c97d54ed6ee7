"""What a change altered, field by field, before and after, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dashboard.db import db
from dashboard.documents.html import STATUS_WORDS
from dashboard.models import Change, Component, Section
from dashboard.rules.roles import ROLE_NAMES

NOTHING = "nothing"
EFFECTS = {"down": "takes it off", "warn": "shows it as slow", "nothing": "changes nothing"}
_AT_END = {"restore": "it comes back by itself", "hold": "it stays off until somebody brings it back"}

# What people call each column; a column that is not here follows from another and is not told.
LABELS: dict[str, str] = {
    "actions": "What we will do",
    "affected": "Who is affected",
    "aliases": "Earlier names",
    "alternative": "What to do instead",
    "archived_at": "Archived",
    "at_end": "At the end",
    "body": "Words",
    "broken": "What is broken",
    "cause": "Cause",
    "channel": "Channel",
    "components": "Components",
    "default_minutes": "Usual time off",
    "depends": "Depends on",
    "description": "Description",
    "disabled_at": "Disabled",
    "discarded_at": "Discarded",
    "email": "E-mail address",
    "ended_at": "Ended",
    "ends_at": "Until",
    "everything": "Everything",
    "error": "Trouble",
    "expected": "When to expect a fix",
    "gone_at": "Gone",
    "group": "Group",
    "impact_override": "Impact",
    "happened": "What happened",
    "held_at": "Held",
    "impacts": "Components and their status",
    "incident": "Incident",
    "instead": "What to do instead",
    "is_private": "Private",
    "key": "Key",
    "left_at": "Left",
    "link_label": "Link, as it is shown",
    "link_url": "Address of the link",
    "message": "Words for the public",
    "name": "Name",
    "next_at": "Next update by",
    "next_minutes": "Next update after",
    "noun": "For",
    "only_if_degraded": "Shown only when something is wrong",
    "order": "Order",
    "owner": "Owner",
    "paused_at": "Paused",
    "paused_why": "Why",
    "planned": "Planned work",
    "problems": "Problems",
    "parent_id": "Part of",
    "path": "Where it is on your website",
    "planned_end": "Until",
    "public_parts": "Parts for the public",
    "published_at": "Published",
    "reason": "Reason",
    "reminds": "Reminds followers an hour before",
    "roles": "Roles",
    "runbook_url": "Runbook",
    "said_of": "It was so at",
    "sections": "Sections",
    "sentence": "What it does",
    "service": "PagerDuty service",
    "stage": "Stage",
    "start_date": "Known since",
    "starts_at": "From",
    "status": "Status",
    "statuses": "Components",
    "status_until": "Until",
    "tells": "Tells followers",
    "tells_end": "Tells followers at the end",
    "tells_start": "Tells followers at the start",
    "third_party": "Where it comes from",
    "third_party_url": "Their page",
    "title": "Title",
    "touches": "Sections",
    "upstream_url": "Supplier’s status page",
    "url": "Link",
    "warn_minutes": "Warned ahead",
    "warnings": "To look at",
    "while_down": "While down it reads",
    "why": "Why",
    "window": "Planned work",
}
UNTOLD = frozenset(
    {
        *("over_at", "revised_at", "said_at", "status_at", "typed_end", "typed_start", "update", "version", "zone"),
        *("bounces", "deliveries", "failing_since", "told"),
    }
)


@dataclass(frozen=True, slots=True)
class Difference:
    """``before`` is None for something that was made, or is only counted."""

    label: str
    before: str | None
    after: str


class Told:
    """Looks up the names behind the ids of changes once, and tells times as the page or the file wants them."""

    def __init__(self, time: Callable[[datetime], str], end: Callable[[datetime], str] | None = None) -> None:
        """``end`` tells when something ends, where that is told in another way."""
        self.time = time
        self.end = end or time
        self.sections = _names(Section)
        self.components = _names(Component)

    def differences(self, change: Change) -> list[Difference]:
        before, after = change.before, change.after or {}
        if before is None:
            made = ((name, self._words(name, value)) for name, value in after.items())
            return [
                Difference(_label(name), None, words) for name, words in made if _is_told(name) and words != NOTHING
            ]
        return self.between(before, after)

    def between(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
        return [
            Difference(_label(name), self._before(name, before), self._words(name, after.get(name)))
            for name in {**before, **after}
            if _is_told(name) and before.get(name) != after.get(name)
        ]

    def _before(self, name: str, before: Mapping[str, Any]) -> str | None:
        """Of what was only counted there is nothing before."""
        return None if name == "windows" else self._words(name, before.get(name))

    def _words(self, name: str, value: Any) -> str:
        if value is None or value in ("", [], {}):
            return "not known" if name == "planned_end" else NOTHING
        if isinstance(value, dict):
            return "; ".join(f"{key}: {_PAIRED.get(word, word)}" for key, word in value.items())
        tell = _TELLERS.get(name) or (Told._time if name.endswith("_at") else None)
        if tell:
            return tell(self, value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)

    def _time(self, value: Any) -> str:
        return self.time(datetime.fromisoformat(value))

    def _end(self, value: Any) -> str:
        return self.end(datetime.fromisoformat(value))

    def _section(self, value: Any) -> str:
        return self.sections.get(value, "a section")

    def _sections(self, value: Any) -> str:
        return ", ".join(self._section(one) for one in value)

    def _statuses(self, value: Any) -> str:
        return "; ".join(f"{self.components.get(id, 'a component')}: {STATUS_WORDS[status]}" for id, status in value)

    def _touches(self, value: Any) -> str:
        return "; ".join(f"{self._section(id)}: {EFFECTS[effect]}" for id, effect in value)

    def _components(self, value: Any) -> str:
        return ", ".join(self.components.get(one, "a component") for one in value)

    def _depends(self, value: Any) -> str:
        return "; ".join(
            f"{self.components.get(component_id, 'a component')}: planned work {EFFECTS[on_window]}, "
            f"a major outage {EFFECTS[on_major]}"
            for component_id, on_window, on_major in value
        )


_TELLS: Mapping[bool | str, str] = {
    True: "yes",
    False: "no",
    "yes": "yes",
    "no": "no",
    "length": "if it lasts 30 minutes or more",
}

_TELLERS: Mapping[str, Callable[[Told, Any], str]] = {
    "planned_end": Told._end,
    "ends_at": Told._end,
    "at_end": lambda _, value: _AT_END.get(value, value),
    "components": Told._components,
    "default_minutes": lambda _, value: f"{value} min",
    "depends": Told._depends,
    "next_minutes": lambda _, value: f"{value} min",
    "noun": lambda _, value: "planned work" if value == "window" else value,
    "parent_id": Told._section,
    "roles": lambda _, value: ", ".join(ROLE_NAMES.get(role, role) for role in value),
    "sections": Told._sections,
    "said_of": Told._time,
    "statuses": Told._statuses,
    "touches": Told._touches,
    "incident": lambda _, value: f"incident {value}",
    "status": lambda _, value: STATUS_WORDS.get(value, value),
    "status_until": Told._end,
    "tells": lambda _, value: _TELLS[value],
    "warn_minutes": lambda _, value: f"{value} min",
    "windows": lambda _, value: str(len(value) if isinstance(value, list) else value),
    "while_down": lambda _, value: "on" if value else "off",
}

# What becomes of a section or a component, by its key.
_PAIRED: dict[str, str] = {**EFFECTS, **{str(status): words for status, words in STATUS_WORDS.items()}}


def _names(model: type[Section] | type[Component]) -> dict[int, str]:
    return dict(db.session.execute(sa.select(model.id, model.name)).all())


def _label(name: str) -> str:
    return LABELS.get(name, name.replace("_", " ").capitalize())


def _is_told(name: str) -> bool:
    return name not in UNTOLD
