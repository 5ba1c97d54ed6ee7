"""Components, incidents and planned work in the words and fields of Statuspage's API, version 2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from dashboard.documents import entries
from dashboard.documents.data import moment, moment_or_none, name_of
from dashboard.documents.entries import WORK_WORDS, Group, Part, Work
from dashboard.facts import IncidentFact, SiteFact, UpdateFact
from dashboard.rules.incident import Stage, first_at
from dashboard.rules.status import Status
from dashboard.rules.window import Stage as WorkStage

Object = dict[str, Any]
Parts = Mapping[int, Part]  # by the component's id

_WORKED_ON = (WorkStage.IN_PROGRESS, WorkStage.VERIFYING)


def page(site: SiteFact, updated_at: datetime) -> Object:
    return {
        "id": page_id(site),
        "name": site.name,
        "url": site.url,
        "time_zone": site.zone,
        "updated_at": moment(updated_at),
    }


def page_id(site: SiteFact) -> str:
    return name_of("page", site.url)


def components(site: SiteFact, board: Iterable[Group]) -> Iterator[Object]:
    """Each group before its members."""
    for group in board:
        if group.name:
            yield _group(site, group)
        for part in group.parts:
            yield component(site, part)


def component(site: SiteFact, part: Part) -> Object:
    return {
        "id": name_of("component", part.id),
        "name": part.name,
        "status": part.status,
        "created_at": moment(part.created_at),
        "updated_at": moment(part.changed_at),
        "position": part.position,
        "description": part.description or None,
        "showcase": True,
        "start_date": part.start_date,
        "group_id": name_of("group", part.group) if part.group else None,
        "page_id": page_id(site),
        "group": False,
        "only_show_if_degraded": part.only_if_degraded,
    }


def _group(site: SiteFact, group: Group) -> Object:
    worst = max((part.status for part in group.parts), key=lambda status: status.severity)
    return {
        "id": name_of("group", group.name),
        "name": group.name,
        "status": worst,
        "created_at": moment(min(part.created_at for part in group.parts)),
        "updated_at": moment(max(part.changed_at for part in group.parts)),
        "position": group.position,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": page_id(site),
        "group": True,
        "only_show_if_degraded": False,
        "components": [name_of("component", part.id) for part in group.parts],
    }


def incident(site: SiteFact, fact: IncidentFact, parts: Parts) -> Object:
    updates = [*_review(fact), *reversed(list(_updates(fact, parts)))]
    return {
        "id": name_of("incident", fact.id),
        "name": fact.title,
        "status": fact.stage,
        "created_at": moment(fact.published_at),
        "updated_at": moment(entries.told_at(fact)),
        "monitoring_at": moment_or_none(first_at(fact.entries, Stage.MONITORING)),
        "resolved_at": moment_or_none(fact.resolved_at),
        "impact": fact.impact,
        "shortlink": f"{site.url}/incidents/{fact.id}/",
        "started_at": moment(fact.started_at),
        "page_id": page_id(site),
        "incident_updates": updates,
        "components": _struck(site, fact.latest.impacts, parts),
    }


def _updates(fact: IncidentFact, parts: Parts) -> Iterator[Object]:
    """The oldest first; each with what it changed for every component that was touched by then."""
    before: Mapping[int, Status] = {}
    for update in fact.updates:
        yield {
            **_update(name_of("incident", fact.id), f"update-{update.id}", update.stage, update.body),
            **_times(update.visible_from, update.edited_at or update.visible_from, update.at),
            "affected_components": _affected(update, before, parts),
            "deliver_notifications": update.tells,
        }
        before = update.impacts


def _review(fact: IncidentFact) -> Iterator[Object]:
    """A published review is the last word, whenever it was written."""
    review = entries.review_of(fact)
    if review is not None:
        last, whose = max(review.published_at, fact.latest.at), name_of("incident", fact.id)
        yield {
            **_update(whose, f"review-{review.id}", Stage.POSTMORTEM, entries.review_words(review)),
            **_times(review.published_at, review.edited_at or review.published_at, last),
            "affected_components": [],
            "deliver_notifications": False,
        }


def maintenance(site: SiteFact, work: Work, parts: Parts) -> Object:
    ends = dict(work.reached).get(WorkStage.COMPLETED)
    return {
        "id": _name_of(work),
        "name": work.name,
        "status": work.stage,
        "created_at": moment(work.created_at),
        "updated_at": moment(work.told_at),
        "monitoring_at": None,
        "resolved_at": moment_or_none(ends),
        "impact": "maintenance",
        "shortlink": f"{site.url}/planned/#{work.ref}",
        "started_at": moment(work.starts_at),
        "page_id": page_id(site),
        "incident_updates": list(_steps(work, parts))[::-1],
        "components": _struck(site, work.component_ids, parts),
        "scheduled_for": moment(work.starts_at),
        "scheduled_until": moment(work.ends_at),
    }


def _steps(work: Work, parts: Parts) -> Iterator[Object]:
    """One for each stage that it has come to."""
    stages = [None, *(stage for stage, _ in work.reached)]
    for (before, stage), (_, at) in zip(pairwise(stages), work.reached, strict=True):
        assert stage is not None
        is_first = stage is WorkStage.SCHEDULED
        words = work.message if is_first and work.message else WORK_WORDS[stage]
        yield {
            **_update(_name_of(work), f"{work.ref}-{stage}", stage, words),
            **_times(at, work.changed_at if is_first else at, at),
            "affected_components": [
                _change(parts[id], _worked_on(before), _worked_on(stage)) for id in work.component_ids if id in parts
            ],
            "deliver_notifications": True,
        }


def _worked_on(stage: WorkStage | None) -> Status:
    return Status.UNDER_MAINTENANCE if stage in _WORKED_ON else Status.OPERATIONAL


def _name_of(work: Work) -> str:
    """Of an outage that was planned not that of a window with the same number."""
    return name_of(work.ref.partition("-")[0], work.id)


def _update(whose: str, ref: str, stage: str, body: str) -> Object:
    return {
        "id": name_of("update", ref),
        "status": stage,
        "body": body,
        "incident_id": whose,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _times(created_at: datetime, updated_at: datetime, display_at: datetime) -> Object:
    return {"created_at": moment(created_at), "updated_at": moment(updated_at), "display_at": moment(display_at)}


def _affected(update: UpdateFact, before: Mapping[int, Status], parts: Parts) -> list[Object]:
    return [
        _change(parts[id], before.get(id, Status.OPERATIONAL), update.impacts[id])
        for id in _in_order(update.impacts, parts)
    ]


def _change(part: Part, old: Status, new: Status) -> Object:
    return {"code": name_of("component", part.id), "name": part.name, "old_status": old, "new_status": new}


def _struck(site: SiteFact, ids: Iterable[int], parts: Parts) -> list[Object]:
    return [component(site, parts[id]) for id in _in_order(ids, parts)]


def _in_order(ids: Iterable[int], parts: Parts) -> Sequence[int]:
    """Those that are known, in the order of the list of all."""
    wanted = set(ids)
    return [id for id in parts if id in wanted]
