"""Each component's page: its status and why, its 90 days, and the incidents that struck it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dashboard.documents import bars, frame, html, past
from dashboard.documents.bars import Bars
from dashboard.documents.frame import Frame
from dashboard.documents.past import Over
from dashboard.rules.status import Status
from dashboard.snapshot import Snapshot, Why


@dataclass(frozen=True, slots=True)
class Reason:
    """Why it is as it is. ``path``: of the page that says more, from the root; "" there is none."""

    status: Status
    words: str
    path: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ComponentPage:
    frame: Frame
    key: str
    name: str
    group: str
    description: str
    upstream_url: str
    status: Status
    reasons: tuple[Reason, ...]
    bars: Bars
    over: tuple[Over, ...]


def subjects(snapshot: Snapshot) -> Iterable[tuple[str, ComponentPage]]:
    around = frame.live(snapshot)
    titles = {incident.ref: incident.title for incident in snapshot.incidents}
    tell = past.teller(snapshot)
    for component in snapshot.components:
        struck = snapshot.history.struck(component.id)
        over = (tell(incident) for incident in struck if not incident.is_open)
        yield (
            f"/components/{component.key}/",
            ComponentPage(
                around,
                component.key,
                component.name,
                component.group,
                component.fact.description,
                component.fact.upstream_url,
                component.status,
                tuple(_reason(why, titles) for why in component.why),
                bars.bars_of(snapshot.history.past(component.fact)),
                tuple(sorted(filter(None, over), key=lambda one: one.start, reverse=True)),
            ),
        )


def _reason(why: Why, titles: dict[str, str]) -> Reason:
    kind, _, id = why.ref.partition("-")
    if kind == "incident":
        return Reason(why.status, titles[why.ref], f"incidents/{id}/", why.since, why.until)
    if kind == "window":
        return Reason(why.status, "Planned work", "planned/", why.since, why.until)
    return Reason(why.status, "", "", why.since, why.until)


def render(page: ComponentPage) -> bytes:
    assert page.frame.today is not None
    word = html.STATUS_WORDS[page.status]
    return html.render(
        "public/component.html",
        root="../../",
        page=page,
        frame=page.frame,
        tell=page.frame.telling,
        head=frame.plain(html.STATUS_LOOKS[page.status], f"{page.name}: {word[0].lower()}{word[1:]}"),
        bars=bars,
        today=page.frame.today,
        days=past.by_day(page.over, page.frame.telling.zone),
    )
