"""The public pages: what they say in each state, that they are whole and light, and that no word in them runs."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from dashboard.editions import edition_at
from dashboard.facts import SourceFact
from tests.documents import scenes
from tests.documents.reading import Reading, assert_whole
from tests.documents.scenes import NOW, SCENES, at, body, edition, page

KILOBYTE = 1_000
PAGES = [(scene, path) for scene in SCENES for path in edition(scene).lines if path.endswith("/")]
# A frame is part of another page.
EVERY_PAGE = [(scene, path) for scene, path in PAGES if not path.startswith("/embed/")]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html.replace("<p", " <p")).split())


@pytest.mark.parametrize(
    ("scene", "headline"),
    [
        ("fine", "Every part of Larkfield is working"),
        ("off", "Direct deposit is unavailable until 18:00"),
        ("parent", "Money is unavailable until tomorrow 09:00"),
        ("planned", "Every part of Larkfield is working"),
        ("soon", "Prescriptions will be unavailable 15:00 to 16:30"),
        ("degraded", "Search is slow"),
        ("late", "Direct deposit is still unavailable"),
        ("hold", "Direct deposit is unavailable until 18:00"),
        ("unknown", "Direct deposit is unavailable"),
        ("stale", "Every part of Larkfield is working"),
        ("empty", "No part of Larkfield is listed yet"),
    ],
)
def test_headline_and_title_say_what_until_when(scene: str, headline: str) -> None:
    read = Reading(page(scene))
    assert read.text("h1") == headline
    assert read.text("title") == f"{headline} – Larkfield status"


@pytest.mark.parametrize(
    ("scene", "sentence"),
    [
        ("off", "Search is slow. The other 4 parts of Larkfield are working."),
        ("off", "Back by 18:00 today"),
        ("off", "Until 16:00 today"),
        ("off", "If it cannot wait: Call 0300 000 0000, open until 20:00."),
        ("off", "Unavailable until 18:00"),
        ("off", "Prescriptions will be unavailable Sunday 02:00 to 04:00"),
        ("off", "Orders made before Sunday 02:00 are safe."),
        ("off", "Partly working"),
        ("planned", "Working planned work Sunday 02:00"),
        ("soon", "Every part of Larkfield is working now."),
        ("hold", "Expected back by 18:00 today"),
        ("late", "We expected it back by 14:20. It is taking longer. We will say more by 15:20."),
        ("late", "Unavailable longer than expected"),
        ("unknown", "We do not know yet when it will be back. We will say more by 15:10."),
        ("stale", "Planned work may be out of date: we last heard of it from PagerDuty at 14:02."),
        ("stale", "This page may be out of date: it was last brought up to date at 14:21."),
        ("fine", "Times are in the time zone of the website, Europe/London."),
    ],
)
def test_page_says(scene: str, sentence: str) -> None:
    assert sentence in words(page(scene))


def test_source_that_never_answered_is_told() -> None:
    facts = replace(SCENES["fine"](), sources=(SourceFact("pagerduty", None, 60, "", None),))
    assert "We have not heard from PagerDuty yet" in words(body(edition_at(facts, NOW)).decode())


def test_part_does_not_repeat_what_the_whole_says() -> None:
    front = page("parent")
    assert front.count('class="card outage') == 1
    assert front.count("Unavailable until") == 3, "but each stands in the list as it is"


def test_section_page_leads_with_the_section_and_the_way_up() -> None:
    read = Reading(page("off", "/sections/direct_deposit/"))
    assert read.text("h1") == "Direct deposit is unavailable until 18:00"
    assert read.text("nav") == "All of Larkfield Money Direct deposit"
    assert "Ways to contact us" in read.text("main")


def test_section_page_tells_of_its_parts() -> None:
    said = words(page("off", "/sections/money/"))
    assert "The other part of Money is working." in said
    assert "Parts of Money Direct deposit Unavailable until 18:00" in said


def test_section_page_of_a_section_that_works() -> None:
    assert Reading(page("off", "/sections/sign_in/")).text("h1") == "Sign in is working"


def test_nothing_is_told_at_midnight() -> None:
    facts = scenes.facts(
        outages=(scenes.outage(scenes.DEPOSIT, at(0, day=21)),),
        windows=(scenes.window(scenes.PROVIDER, at(0, day=22), at(0, day=23)),),
    )
    said = words(body(edition_at(facts, NOW)).decode())
    assert "until 23:59" in said
    assert "Sunday 00:01 to 23:59" in said
    assert "24:00" not in said
    assert "00:00" not in said.replace("000 0000", "")


@pytest.mark.parametrize(("scene", "path"), EVERY_PAGE)
def test_page_is_whole(scene: str, path: str) -> None:
    read = Reading(page(scene, path))
    assert_whole(read)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", t) for t in read.values("datetime"))


@pytest.mark.parametrize(("scene", "path"), EVERY_PAGE)
def test_nothing_on_a_page_runs_but_its_own_script(scene: str, path: str) -> None:
    read = Reading(page(scene, path))
    scripts = [attributes for tag, attributes in read.elements if tag == "script"]
    of_today = not path.startswith(("/history/", "/announcements/"))
    assert [set(script) for script in scripts] == [{"src", "defer"}] * of_today
    assert read.count("style") == 0
    names = {name for _, attributes in read.elements for name in attributes}
    assert not [name for name in names if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("path", ["/embed/v1/sections/hostile.html", "/badge/hostile.svg", "/sections/hostile/", "/"])
def test_hostile_words_are_words(path: str) -> None:
    sent = page("hostile", path)
    assert "<script>alert" not in sent
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in sent


def test_link_that_would_run_is_not_offered() -> None:
    section = scenes.section(1, "Money", link_label="Pay", link_url="javascript:alert(1)")
    facts = scenes.facts(sections=(section,), outages=(replace(scenes.outage(scenes.MONEY, at(18)), section_id=1),))
    made = edition_at(facts, NOW)
    for path in ("/", "/sections/money/", "/embed/v1/sections/money.html"):
        assert "javascript:" not in body(made, path).decode()


@pytest.mark.parametrize(
    "secret", ["Northpay certificate", "Priya", "Ledger migration", "pager.example", "Payments team"]
)
def test_words_for_staff_never_leave(secret: str) -> None:
    made = edition("off")
    assert not [path for path in made.lines if secret in body(made, path).decode()]


def test_page_holds_no_time_of_its_making() -> None:
    assert page("off", t=NOW) == page("off", t=NOW + timedelta(minutes=2))


def test_first_view_is_light() -> None:
    made = edition("off")
    html = body(made).decode()
    needed = re.findall(r'<(?:link rel="(?:icon|stylesheet)"|script)[^>]+(?:href|src)="([^"]+)"', html)
    sizes = {path: len(body(made, path, "gzip")) for path in ("/", *(f"/{path}" for path in needed))}
    assert len(sizes) <= 4, sizes
    assert sum(sizes.values()) <= 15 * KILOBYTE, sizes
    assert next(size for path, size in sizes.items() if path.endswith(".css")) <= 6 * KILOBYTE


def test_an_end_is_told_as_the_second_by_which_it_has_come() -> None:
    facts = scenes.facts(outages=(scenes.outage(scenes.DEPOSIT, at(18) + timedelta(milliseconds=848)),))
    read = Reading(body(edition_at(facts, NOW)).decode())
    assert set(read.values("data-until")) == {"2026-11-20T18:00:01Z"}


def test_icons_are_only_those_that_are_used() -> None:
    front = page("fine")
    assert set(re.findall(r'<symbol id="(.+?)"', front)) == {"i-bell", "i-op", "i-degraded"}
    assert len(gzip.compress(front.encode())) < 2 * KILOBYTE


def test_fragment_is_plain_html_in_its_own_names() -> None:
    read = Reading(page("off", "/embed/v1/sections/direct_deposit.html"))
    assert all(name.startswith("signpost") for value in read.values("class") for name in value.split())
    assert read.count("script") == read.count("style") == len(read.values("style")) == 0
    assert "Direct deposit is unavailable until 18:00" in read.text("div")
    assert read.values("lang") == ["en-GB"]


def test_fragment_of_a_section_that_works_is_empty() -> None:
    read = Reading(page("off", "/embed/v1/sections/sign_in.html"))
    assert read.text("div") == ""
    assert read.count("div") == 1


@pytest.mark.parametrize(
    ("scene", "key", "title"),
    [
        ("off", "direct_deposit", "Direct deposit: unavailable until 18:00"),
        ("off", "sign_in", "Sign in: working"),
        ("degraded", "search", "Search: slow until 16:00"),
        ("soon", "prescriptions", "Prescriptions: off 15:00 to 16:30"),
        ("hostile", "rtl", "الإيداع المباشر: unavailable until 18:00"),
    ],
)
def test_badge_has_words_for_those_who_do_not_see_it(scene: str, key: str, title: str) -> None:
    svg = ElementTree.fromstring(body(edition(scene), f"/badge/{key}.svg"))
    assert svg.findtext("{*}title") == title


def test_badge_of_a_long_name_stays_a_badge() -> None:
    svg = ElementTree.fromstring(body(edition("hostile"), "/badge/hostile.svg"))
    assert int(svg.attrib["width"]) < 700
