"""What a change says, as a sentence about its actor: "Priya Shah" + "took Documents off until 18:00"."""

from __future__ import annotations

from datetime import datetime

from dashboard.config import settings
from dashboard.models import Change
from dashboard.rules import wording

# Every kind that an action records; {name} is the subject's name then, {end} its planned end in words.
DEEDS: dict[str, str] = {
    "outage.start": "took {name} off{end}",
    "outage.extend": "set another end for {name}{end}",
    "outage.words": "changed the words for {name}",
    "outage.end": "brought {name} back",
    "outage.cancel": "called off a planned outage of {name}",
    "outage.undo": "undid a change to the outage of {name}",
    "overrule.start": "kept {name} open in spite of planned work",
    "overrule.end": "let planned work count for {name} again",
    "overrule.undo": "undid a change to an overrule for {name}",
    "section.create": "added the section {name}",
    "section.edit": "edited the section {name}",
    "section.depends": "changed what {name} depends on",
    "section.move": "moved {name} in the list",
    "section.archive": "archived the section {name}",
    "section.restore": "restored the section {name}",
    "section.undo": "undid a change to the section {name}",
    "toggle.create": "added the toggle {name}",
    "toggle.edit": "edited the toggle {name}",
    "toggle.sections": "changed the sections of the toggle {name}",
    "toggle.archive": "archived the toggle {name}",
    "toggle.restore": "restored the toggle {name}",
    "toggle.undo": "undid a change to the toggle {name}",
    "component.create": "added the component {name}",
    "component.edit": "edited the component {name}",
    "component.move": "moved the component {name} in the list",
    "component.archive": "archived the component {name}",
    "component.restore": "restored the component {name}",
    "component.undo": "undid a change to the component {name}",
}


def deed(change: Change) -> str:
    """The sentence without its subject. A kind that is not in the table reads as itself."""
    end = _end(change, "planned_end")
    return wording.filled(DEEDS.get(change.kind, f"{change.kind} {{name}}"), name=change.subject_name, end=end)


def _end(change: Change, column: str) -> str:
    after = change.after or {}
    if column not in after:
        return ""
    if after[column] is None:
        return ", end not known"
    zone = settings().time_zone
    until = datetime.fromisoformat(str(after[column]))
    return f" until {wording.time_words(until, change.at.astimezone(zone).date(), zone)}"
