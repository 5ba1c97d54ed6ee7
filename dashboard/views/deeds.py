"""What a change says, as a sentence about its actor: "Priya Shah" + "took Documents off until 18:00"."""

from __future__ import annotations

from datetime import datetime

from dashboard.config import settings
from dashboard.documents.html import STATUS_WORDS
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
    "toggle.archive": "archived the toggle {name}",
    "toggle.restore": "restored the toggle {name}",
    "toggle.undo": "undid a change to the toggle {name}",
    "component.create": "added the component {name}",
    "component.edit": "edited the component {name}",
    "component.status": "said how {name} is: {status}{until}",
    "component.move": "moved the component {name} in the list",
    "component.archive": "archived the component {name}",
    "component.restore": "restored the component {name}",
    "component.undo": "undid a change to the component {name}",
    "template.create": "added the template {name}",
    "template.edit": "edited the template {name}",
    "template.move": "moved the template {name} in the list",
    "template.archive": "archived the template {name}",
    "template.restore": "restored the template {name}",
    "template.undo": "undid a change to the template {name}",
    "person.setup": "set Signpost up, as its first admin",
    "person.create": "made an account for {name}",
    "person.join": "made an account, as invited",
    "person.edit": "edited the account of {name}",
    "person.disable": "disabled the account of {name}",
    "person.enable": "enabled the account of {name}",
    "person.password": "has a new password",
    "invite.create": "invited {name}",
    "invite.renew": "made a link for a new password for {name}",
    "invite.withdraw": "withdrew the link for {name}",
    "component.map": "let a PagerDuty service stand for {name}",
    "component.unmap": "no longer lets a PagerDuty service stand for {name}",
    "window.add": "planned work {name}",
    "window.move": "moved the planned work {name}",
    "window.words": "changed the words of the planned work {name}",
    "window.components": "changed which components the planned work {name} is on",
    "window.end": "ended the planned work {name} early",
    "window.drop": "dropped the planned work {name}",
    "source.begin": "answered for the first time",
    "source.end": "is not asked any more",
    "source.fail": "stopped answering as it should; what was known stands",
    "source.error": "still does not answer as it should",
    "source.recover": "answers again",
    "source.clock": "was asked by a clock that ran ahead; the time is put right",
    "source.warn": "told of other things to look at",
}


def deed(change: Change) -> str:
    """The sentence without its subject. A kind that is not in the table reads as itself."""
    after = change.after or {}
    return wording.filled(
        DEEDS.get(change.kind, f"{change.kind} {{name}}"),
        name=change.subject_name,
        end=_end(change, "planned_end"),
        status=STATUS_WORDS.get(after.get("status"), "").lower(),  # type: ignore[call-overload]
        until=_end(change, "status_until") if after.get("status_until") else "",
    )


def _end(change: Change, column: str) -> str:
    after = change.after or {}
    if column not in after:
        return ""
    if after[column] is None:
        return ", end not known"
    zone = settings().time_zone
    until = datetime.fromisoformat(str(after[column]))
    return f" until {wording.time_words(until, change.at.astimezone(zone).date(), zone)}"
