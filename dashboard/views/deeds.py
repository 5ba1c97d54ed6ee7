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
    "incident.declare": "declared the incident {name}",
    "incident.draft": "wrote a draft of the incident {name}",
    "incident.schedule": "set when the incident {name} is published",
    "incident.publish": "published the incident {name}",
    "incident.call_off": "made the incident {name} a draft again",
    "incident.discard": "discarded the draft {name}",
    "incident.update": "said more of the incident {name}",
    "incident.resolve": "resolved the incident {name}",
    "incident.reopen": "opened the incident {name} again",
    "incident.words": "changed what was said of the incident {name}",
    "incident.edit": "edited the incident {name}",
    "incident.undo": "undid a change to the incident {name}",
    "section.create": "added the section {name}",
    "section.edit": "edited the section {name}",
    "section.depends": "changed what {name} depends on",
    "section.move": "moved {name} in the list",
    "section.archive": "archived the section {name}",
    "section.restore": "restored the section {name}",
    "section.undo": "undid a change to the section {name}",
    "toggle.create": "added the toggle {name}",
    "toggle.edit": "edited the toggle {name}",
    "toggle.rename": "renamed a toggle: it is {name} now",
    "toggle.release": "let go of an earlier name of the toggle {name}",
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
    "review.create": "began the review of {name}",
    "review.edit": "edited the review of {name}",
    "review.publish": "published the review of {name}",
    "review.unpublish": "made the review of {name} a draft again",
    "review.undo": "undid a change to the review of {name}",
    "template.create": "added the template {name}",
    "template.edit": "edited the template {name}",
    "template.move": "moved the template {name} in the list",
    "template.archive": "archived the template {name}",
    "template.restore": "restored the template {name}",
    "template.undo": "undid a change to the template {name}",
    "announcement.create": "wrote the announcement {name}",
    "announcement.edit": "edited the announcement {name}",
    "announcement.publish": "published the announcement {name}",
    "announcement.archive": "archived the announcement {name}",
    "announcement.restore": "restored the announcement {name}",
    "announcement.undo": "undid a change to the announcement {name}",
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
    "token.create": "made the token {name}, which reads private toggles",
    "token.revoke": "revoked the token {name}",
    "follower.add": "added the team channel {name}",
    "follower.import": "imported followers: {name}",
    "follower.edit": "changed what the follower {name} is told of",
    "follower.suspend": "paused the follower {name}",
    "follower.pause": "paused the follower {name}, as nothing arrives there",
    "follower.resume": "let the follower {name} be told again",
    "follower.remove": "removed the follower {name}",
    "sending.hold": "held all sending to followers",
    "sending.go": "let sending to followers go on",
    "sending.stop": "stopped a message about {name} that was being sent",
    "delivery.replay": "had sent again what was given up: {name}",
    "component.map": "let a PagerDuty service stand for {name}",
    "component.unmap": "no longer lets a PagerDuty service stand for {name}",
    "window.add": "planned work {name}",
    "window.move": "moved the planned work {name}",
    "window.words": "changed the words of the planned work {name}",
    "window.components": "changed which components the planned work {name} is on",
    "window.end": "ended the planned work {name} early",
    "window.drop": "dropped the planned work {name}",
    "window.plan": "planned work: {name}",
    "window.edit": "changed the plan of {name}",
    "window.say": "wrote the public words for the planned work {name}",
    "window.tell": "chose when followers are told of the planned work {name}",
    "window.start": "began the planned work {name} early",
    "window.extend": "set another end for the planned work {name}",
    "window.check": "is checking whether the planned work {name} went well",
    "window.finish": "finished the planned work {name} early",
    "window.cancel": "called off the planned work {name}",
    "window.undo": "undid a change to the planned work {name}",
    "window.zone": "moved the planned work {name}, as its time zone’s rules changed",
    "window.begin": "noted that the planned work {name} began",
    "window.verify": "noted that the planned work {name} is being checked",
    "window.complete": "noted that the planned work {name} is over",
    "series.plan": "planned work that comes again: {name}",
    "series.grow": "added what comes next of {name}",
    "series.edit": "changed all that follow of {name}",
    "series.cancel": "called off all that follow of {name}",
    "series.undo": "took back that all that follow of {name} were called off",
    "outage.begin": "noted that {name} went off, as planned{end}",
    "outage.restore": "noted that {name} came back, as planned",
    "outage.late": "noted that {name} is past its end and still off",
    "window.remind": "noted that the planned work {name} begins in an hour",
    "incident.overdue": "noted that an update of the incident {name} is overdue",
    "notification.fail": "could not deliver a message to all: {name}",
    "notification.cancel": "let nobody be told of a change to {name}",
    "component.lapse": "noted that what was said of {name} held until now",
    "source.begin": "answered for the first time",
    "source.end": "is not asked any more",
    "source.fail": "stopped answering as it should; what was known stands",
    "source.error": "still does not answer as it should",
    "source.recover": "answers again",
    "source.clock": "was asked by a clock that ran ahead; the time is put right",
    "source.warn": "told of other things to look at",
}


_PLANNED = "planned to take {name} off{start}{end}"


def deed(change: Change) -> str:
    """The sentence without its subject. A kind that is not in the table reads as itself."""
    after = change.after or {}
    return wording.filled(
        _PLANNED if _is_planned(change) else DEEDS.get(change.kind, f"{change.kind} {{name}}"),
        name=change.subject_name,
        start=_time(change, "starts_at", "from", is_end=False),
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
    return _time(change, column, "until", is_end=True)


def _time(change: Change, column: str, word: str, is_end: bool) -> str:
    """ " until 18:00", as it was said on the day of the change."""
    at, zone = (change.after or {}).get(column), settings().time_zone
    if not at:
        return ""
    today = change.at.astimezone(zone).date()
    return f" {word} {wording.time_words(datetime.fromisoformat(str(at)), today, zone, is_end)}"


def _is_planned(change: Change) -> bool:
    """An outage that somebody planned ahead."""
    starts_at = (change.after or {}).get("starts_at") if change.kind == "outage.start" else None
    return starts_at is not None and datetime.fromisoformat(str(starts_at)) > change.at
