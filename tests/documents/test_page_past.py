"""The pages of incidents, planned work, components and the past: what they say, and what is left alone."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urljoin

import pytest

from dashboard.editions import digest_of, edition_at
from dashboard.facts import IncidentFact, OverruleFact, Touch
from dashboard.rules.incident import Stage
from dashboard.rules.state import Effect
from tests.documents import scenes, scenes_past
from tests.documents.reading import Reading, assert_whole
from tests.documents.scenes import NOW, at, body
from tests.documents.scenes_past import SCENES, edition, page
from tests.documents.test_page import words

PAGES = [(scene, path) for scene in SCENES for path in edition(scene).lines if path.endswith("/")]
# A frame is part of another page.
EVERY_PAGE = [(scene, path) for scene, path in PAGES if not path.startswith("/embed/")]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/", "Problems we are working on Payments are not going through Critical impact"),
        ("/", "Latest at 14:10, next by 15:00"),
        ("/", "Systems behind it"),
        ("/", "Days with problems (1)"),
        ("/", "Thursday 19 November Confirmation e-mails were late Minor impact, resolved after 35 min"),
        ("/", "Direct deposit was unavailable 09:00 to 10:30"),
        ("/", "Planned work on Search index, 02:00 to 04:00"),
        ("/", "16 to 17 November, 13 to 14 November No problems reported."),
        ("/", "All planned work"),
        ("/incidents/7/", "Payments are not going through Identified, since 13:10"),
        ("/incidents/7/", "We will say more by 15:00 today"),
        ("/incidents/7/", "What is broken You cannot pay."),
        ("/incidents/7/", "Who is affected Everybody who pays by card."),
        ("/incidents/7/", "What to do instead Pay by bank transfer."),
        ("/incidents/7/", "When it should be fixed By 18:00 today."),
        ("/incidents/7/", "Where it comes from Northpay – what they say"),
        ("/incidents/7/", "What is affected Search Slow Payments provider Major outage"),
        ("/incidents/7/", "Identified 14:10 · Edited 14:20 Northpay, our payments provider, has a fault."),
        ("/incidents/5/", "Resolved: Confirmation e-mails were late Resolved 19 November 09:40, after 35 min"),
        ("/incidents/5/", "What we learned What happened A queue was full."),
        ("/incidents/5/", "What was affected Health E-mail delivery Degraded performance"),
        ("/components/payments/", "Payments provider: major outage"),
        ("/components/payments/", "Payments are not going through: major outage since 14:10"),
        ("/components/mail/", "Problems with it Thursday 19 November Confirmation e-mails were late"),
        ("/sections/search/", "Problems we are working on Payments are not going through"),
        ("/sections/health/", "The last 90 days Thursday 19 November Confirmation e-mails were late"),
        ("/sections/direct_deposit/", "Direct deposit was unavailable 09:00 to 10:30"),
        ("/planned/", "Sunday 22 November 2026 Planned work on Payments provider 02:00 to 04:00"),
        ("/planned/", "Unavailable meanwhile: Prescriptions"),
        ("/planned/", "01:00 to 03:00 Comes again May be slow: Prescriptions Nothing is sent from 01:00 to 03:00."),
        ("/history/", "What was in November 2026"),
        ("/history/2026-10/", "Saturday 3 October 2026 Sign-in was slow Critical impact, resolved after 2 h"),
        ("/history/2026-11/", "Planned work on Search index, 02:00 to 04:00"),
    ],
)
def test_page_says(path: str, sentence: str) -> None:
    assert sentence in words(page("busy", path))


def test_what_takes_a_section_off_is_not_said_to_be_without_impact() -> None:
    said = replace(scenes_past.PAYMENTS.updates[0], impacts={})
    only = replace(scenes_past.PAYMENTS, updates=(said,), touches=(Touch(scenes.SEARCH, Effect.DOWN),))
    for path in ("/", "/incidents/7/", "/sections/search/", "/history/2026-11/"):
        assert "No impact" not in words(_told_of(only, path))
    over = replace(only, updates=(said, replace(said, id=72, stage=Stage.RESOLVED, at=at(13, 40))))
    assert "Payments are not going through Resolved after 30 min" in words(_told_of(over))
    assert "Payments are not going through No impact, resolved" in words(_told_of(replace(over, touches=())))


def _told_of(incident: IncidentFact, path: str = "/") -> str:
    return body(edition_at(scenes_past.facts(incidents=(incident,)), NOW), path).decode()


def test_a_missed_promise_is_told_to_nobody() -> None:
    assert "We will say more" not in page("busy", "/incidents/7/", at(15))
    assert "next by" not in page("busy", "/", at(15))


def test_a_day_on_which_something_went_on_is_not_called_quiet() -> None:
    long = replace(scenes_past.PAYMENTS, updates=(replace(scenes_past.PAYMENTS.updates[0], at=at(9, day=14)),))
    said = words(body(edition_at(scenes_past.facts(incidents=(long,)), NOW)).decode())
    assert "13 November No problems reported." in said


def test_internal_titles_are_nowhere() -> None:
    made = edition("busy")
    assert not [path for path in made.lines if "Ledger migration" in body(made, path).decode()]


@pytest.mark.parametrize(("scene", "path"), EVERY_PAGE)
def test_page_is_whole_and_light(scene: str, path: str) -> None:
    html = page(scene, path)
    read = Reading(html)
    assert_whole(read)
    assert read.count("style") == 0
    assert len(gzip.compress(html.encode())) < 6_000


@pytest.mark.parametrize(("scene", "path"), EVERY_PAGE)
def test_every_link_leads_somewhere(scene: str, path: str) -> None:
    made = edition(scene)
    for href in Reading(page(scene, path)).values("href"):
        if not re.match(r"https?:|#|tel:", href):
            where = urljoin(path, href.partition("#")[0])
            assert where in made.lines or where.partition("?")[0] == "/follow/", href


@pytest.mark.parametrize("path", [path for scene, path in EVERY_PAGE if scene == "hostile"])
def test_hostile_words_are_words(path: str) -> None:
    sent = page("hostile", path)
    assert "<script>alert" not in sent
    assert 'href="javascript:' not in sent


def test_tomorrow_what_is_over_is_not_made_again() -> None:
    known = scenes_past.facts(incidents=(scenes_past.OCTOBER, scenes_past.EMAILS), sources=())
    today, tomorrow = edition_at(known, NOW), edition_at(known, NOW + timedelta(days=1))
    same = {path for path, line in today.lines.items() if digest_of(line) == digest_of(tomorrow.lines[path])}
    assert {"/history/2026-10/", "/history/2026-11/", "/history/", "/planned/"} <= same


def test_another_incident_leaves_an_incidents_page_alone() -> None:
    before, after = edition("resolved"), edition("busy")
    assert digest_of(before.lines["/incidents/5/"]) == digest_of(after.lines["/incidents/5/"])


def test_planned_work_is_paged() -> None:
    windows = tuple(
        scenes.window(
            scenes.PROVIDER, at(2, day=22) + n * timedelta(hours=3), at(4, day=22) + n * timedelta(hours=3), id=n
        )
        for n in range(1, 121)
    )
    made = edition_at(scenes.facts(windows=windows), NOW)
    counts = [
        body(made, path).decode().count('class="notice is-maint"')
        for path in ("/planned/", "/planned/2/", "/planned/3/")
    ]
    assert counts == [50, 50, 20]
    assert made.line("/planned/4/") is None


def test_an_overrule_spares_a_section_while_it_lasts() -> None:
    sunday = scenes.window(scenes.PROVIDER, at(9), at(18))
    over = OverruleFact(1, sunday.id, scenes.PRESCRIPTIONS, at(9), at(11), "", "Priya Shah", 1)
    known = scenes.facts(windows=(sunday,), overrules=(over,))
    during, after = (words(body(edition_at(known, t), "/planned/").decode()) for t in (at(10), at(12)))
    assert "Unavailable meanwhile: Prescriptions" not in during
    assert "Unavailable meanwhile: Prescriptions" in after


def test_what_comes_again_stands_once_on_the_front_page() -> None:
    again = tuple(
        scenes.window(
            scenes.PROVIDER, at(2, day=22) + n * timedelta(days=7), at(4, day=22) + n * timedelta(days=7), id=n
        )
        for n in range(3)
    )
    made = edition_at(scenes.facts(windows=again), NOW)
    assert body(made, "/").decode().count('class="notice is-maint"') == 1
    assert body(made, "/planned/").decode().count('class="notice is-maint"') == 3  # nobody said that they are one
    assert "Comes again" in words(body(made, "/").decode())


def test_a_series_stands_once_with_its_other_times_behind_it() -> None:
    week = timedelta(days=7)
    series = tuple(
        scenes.window(scenes.PROVIDER, at(2, day=22) + n * week, at(4, day=22) + n * week, id=n, series_id=1)
        for n in range(1, 11)
    )
    moved = replace(series[1], starts_at=series[1].starts_at + timedelta(hours=1))
    made = edition_at(scenes.facts(windows=(series[0], moved, *series[2:])), NOW)
    page = body(made, "/planned/").decode()
    assert page.count('class="notice is-maint"') == 2
    assert "8 more times, the last on Sunday 31 January 2027" in words(page)
    assert page.count('id="window-') == 10
    assert "13 December 2026 02:00 to 04:00" in words(page)


@pytest.mark.parametrize("path", ["/history/", "/history/2026-11/"])
def test_what_goes_on_stands_in_the_history(path: str) -> None:
    said = words(page("busy", path))
    assert "Going on now Payments are not going through Critical impact, not resolved yet" in said
    assert "Going on now" not in words(page("busy", "/history/2026-10/"))


def test_days_of_which_nothing_is_known_are_drawn() -> None:
    known = scenes_past.facts()
    young = tuple(replace(one, start_date=date(2026, 11, 20)) for one in known.components)
    drawn = body(edition_at(replace(known, components=young), NOW), "/").decode()
    assert 'class="unknown" d="M.14 9H89"' in drawn
    assert 'class="base" d="M89.14 7H90"' in drawn


def test_a_month_is_paged_and_its_calendar_leads_to_the_page() -> None:
    outages = tuple(
        replace(scenes_past.OFF, id=n, ended_at=at(1, day=1) + n * timedelta(hours=2), incident_id=None)
        for n in range(150)
    )
    made = edition_at(scenes_past.facts(ended_outages=outages, incidents=(), ended_windows=()), NOW)
    first, second = (body(made, path).decode() for path in ("/history/2026-11/", "/history/2026-11/2/"))
    assert (first.count("was unavailable"), second.count("was unavailable")) == (100, 50)
    assert 'href="../../history/2026-11/2/#day-2026-11-01"' in first
    assert 'id="day-2026-11-01"' in second
