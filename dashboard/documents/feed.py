"""What is new, for feed readers: ``/history.atom`` and ``/history.rss`` say the same in two formats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring
from zoneinfo import ZoneInfo

from markupsafe import Markup

from dashboard.documents import entries
from dashboard.documents.data import moment
from dashboard.documents.entries import WORK_WORDS, Work, day_words
from dashboard.facts import IncidentFact, SiteFact, UpdateFact
from dashboard.rules.incident import Stage
from dashboard.rules.text import clean, clean_line, is_link
from dashboard.rules.window import Stage as WorkStage
from dashboard.snapshot import Snapshot

MOST = 50  # entries
_ATOM = "http://www.w3.org/2005/Atom"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_FACTS = (
    ("broken", "What is broken"),
    ("affected", "Who is affected"),
    ("instead", "What to do instead"),
    ("expected", "When to expect a fix"),
    ("third_party", "Where it comes from"),
)


@dataclass(frozen=True, slots=True)
class Feed:
    site: SiteFact
    incidents: tuple[IncidentFact, ...]
    works: tuple[Work, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """``content`` is HTML. ``id`` stays the same whatever becomes of it, and ``updated`` is when it was last new."""

    id: str
    title: str
    url: str
    kind: str
    published: datetime
    updated: datetime
    content: Markup


def atom(snapshot: Snapshot) -> Iterable[tuple[str, Feed]]:
    yield "/history.atom", Feed(snapshot.site, *entries.newest(snapshot.history, MOST))


def rss(snapshot: Snapshot) -> Iterable[tuple[str, Feed]]:
    yield "/history.rss", Feed(snapshot.site, *entries.newest(snapshot.history, MOST))


def render_atom(feed: Feed) -> bytes:
    return as_atom(feed.site, "history", _title(feed.site), "/", _entries(feed))


def as_atom(site: SiteFact, ref: str, title: str, page: str, told: Sequence[Entry]) -> bytes:
    """The feed at ``/{ref}.atom`` of what stands on a page of the site, in the order in which it is told."""
    root = Element("feed", {"xmlns": _ATOM, "xml:lang": "en-GB"})
    _add(root, "id", tag(site, ref))
    _add(root, "title", title)
    _add(root, "updated", moment(max((entry.updated for entry in told), default=_NEVER)))
    _add(root, "link", rel="self", type="application/atom+xml", href=f"{site.url}/{ref}.atom")
    _add(root, "link", rel="alternate", type="text/html", href=f"{site.url}{page}")
    _add(_add(root, "author"), "name", clean_line(site.name))
    for entry in told:
        item = _add(root, "entry")
        _add(item, "id", entry.id)
        _add(item, "title", entry.title)
        _add(item, "link", rel="alternate", type="text/html", href=entry.url)
        _add(item, "published", moment(entry.published))
        _add(item, "updated", moment(entry.updated))
        _add(item, "category", term=entry.kind)
        _add(item, "content", entry.content, type="html")
    return _written(root)


def render_rss(feed: Feed) -> bytes:
    told, site = _entries(feed), feed.site
    root = Element("rss", {"version": "2.0", "xmlns:atom": _ATOM})
    channel = _add(root, "channel")
    _add(channel, "title", _no_tags(_title(site)))
    _add(channel, "link", f"{site.url}/")
    _add(channel, "description", _no_tags(f"Problems and planned work of {clean_line(site.name)}"))
    _add(channel, "language", "en-gb")
    _add(channel, "atom:link", rel="self", type="application/rss+xml", href=f"{site.url}/history.rss")
    for entry in told:
        item = _add(channel, "item")
        _add(item, "title", _no_tags(entry.title))
        _add(item, "link", entry.url)
        _add(item, "guid", entry.id, isPermaLink="false")
        _add(item, "pubDate", format_datetime(entry.updated.replace(microsecond=0), usegmt=True))
        _add(item, "category", entry.kind)
        _add(item, "description", entry.content)
    return _written(root)


def _add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    element = SubElement(parent, tag, attributes)
    element.text = str(text) or None
    return element


def _written(root: Element) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'.encode()


def _no_tags(title: str) -> str:
    """Some readers take an RSS title for HTML: written like this, nothing in it can begin a tag there."""
    return title.replace("<", "&lt;")


def _title(site: SiteFact) -> str:
    return f"{clean_line(site.name)} status"


def tag(site: SiteFact, ref: str) -> str:
    """An absolute IRI that is no address (RFC 4151), so that nothing moves it."""
    return f"tag:{urlsplit(site.url).hostname},2026:{ref}"


def _entries(feed: Feed) -> list[Entry]:
    """What was last new comes first."""
    zone = ZoneInfo(feed.site.zone)
    incidents = [_of_incident(feed.site, incident, zone) for incident in feed.incidents]
    works = [_of_work(feed.site, work, zone) for work in feed.works]
    return sorted([*incidents, *works], key=lambda entry: (entry.updated, entry.id), reverse=True)


def _of_incident(site: SiteFact, incident: IncidentFact, zone: ZoneInfo) -> Entry:
    return Entry(
        id=tag(site, incident.ref),
        title=clean_line(incident.title),
        url=f"{site.url}/incidents/{incident.id}/",
        kind="incident",
        published=incident.published_at,
        updated=entries.told_at(incident),
        content=Markup().join([*_said(incident, zone), *_known(incident)]),
    )


def _said(incident: IncidentFact, zone: ZoneInfo) -> Iterator[Markup]:
    review = entries.review_of(incident)
    if review:
        yield _step("Review", review.published_at, entries.review_words(review), zone)
    for update in reversed(incident.updates):
        yield _step(stage_words(update.stage), update.at, _body(update, zone), zone)


def _body(update: UpdateFact, zone: ZoneInfo) -> str:
    return f"{update.body}\n\nEdited {day_words(update.edited_at, zone)}" if update.edited_at else update.body


def _known(incident: IncidentFact) -> Iterator[Markup]:
    for name, words in _FACTS:
        if said := clean(getattr(incident, name)):
            told = _link(said, incident.third_party_url) if name == "third_party" else said
            yield Markup("<p><strong>{}:</strong> {}</p>").format(words, told)


def _link(words: str, url: str) -> Markup | str:
    return Markup('<a href="{}">{}</a>').format(url, words) if is_link(url) else words


def _of_work(site: SiteFact, work: Work, zone: ZoneInfo) -> Entry:
    times = f"From {day_words(work.starts_at, zone)} to {day_words(work.ends_at, zone)}"
    steps = [_step(stage_words(stage), at, WORK_WORDS[stage], zone) for stage, at in reversed(work.reached)]
    if work.is_off:
        steps = [_step("Called off", work.changed_at, "This work will not be done at this time.", zone)]
    elif work.stage is WorkStage.SCHEDULED:
        steps = []
    return Entry(
        id=tag(site, work.ref),
        title=f"Called off: {clean_line(work.name)}" if work.is_off else clean_line(work.name),
        url=f"{site.url}/planned/#{work.ref}",
        kind="maintenance",
        published=work.created_at,
        updated=work.told_at,
        content=Markup().join([paragraphs(times), paragraphs(work.message), *steps]),
    )


def _step(words: str, at: datetime, body: str, zone: ZoneInfo) -> Markup:
    return Markup("<p><strong>{}</strong>, {}</p>").format(words, day_words(at, zone)) + paragraphs(body)


def paragraphs(text: str) -> Markup:
    """Blank lines part paragraphs; other line ends are kept."""
    parts = (part.strip("\n") for part in clean(text).split("\n\n"))
    return Markup().join(Markup("<p>{}</p>").format(_lines(part)) for part in parts if part)


def _lines(part: str) -> Markup:
    return Markup("<br>").join(part.split("\n"))


def stage_words(stage: Stage | WorkStage) -> str:
    return stage.replace("_", " ").capitalize()
