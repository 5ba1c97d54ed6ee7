"""The embed's further forms: the page in a frame, the module and the hook, the attributes of a VA banner."""

from __future__ import annotations

import gzip
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest

from dashboard.documents import DOCUMENTS, va_banner
from dashboard.editions import Answer, edition_at
from dashboard.facts import Facts
from dashboard.hosting import headers_file, nginx_file
from tests import given
from tests.documents.test_banner import read
from tests.rules.given import at

FRAME = "/embed/v1/frame/direct_deposit/"
VA = "/embed/v1/sections/direct_deposit.va.json"
HOSTILE = "</div></script><script>alert(1)</script>\"'>&{until}"
DOWN = given.outage("14:10-18:00", message="You cannot pay.", alternative="Call us.")


def answer(facts: Facts, path: str, t: str = "14:30") -> Answer:
    found = edition_at(facts, at(t)).answer(path)
    assert found is not None
    return found


def text(facts: Facts, path: str, t: str = "14:30") -> str:
    return answer(facts, path, t).variants[""].body.decode()


class TestFrame:
    def test_it_is_whole_without_script(self) -> None:
        page = text(given.facts(DOWN), FRAME)
        assert text(given.facts(DOWN), "/embed/v1/sections/direct_deposit.html") in page
        assert '<body data-state="down">' in page

    def test_it_says_nothing_while_all_is_well(self) -> None:
        page = text(given.facts(), FRAME)
        body = re.sub(r"<script.*?</script>|<[^>]+>", "", page.partition("<body")[2].partition(">")[2], flags=re.DOTALL)
        assert body.strip() == ""

    def test_the_script_knows_from_the_start_what_it_would_fetch(self) -> None:
        printed = re.search(r'id="signpost-data">(.*?)</script>', text(given.facts(DOWN), FRAME))
        assert printed is not None
        assert json.loads(printed[1]) == read(given.facts(DOWN), "/embed/v1/sections/direct_deposit.json")

    def test_it_changes_with_its_section_alone(self) -> None:
        before = text(given.facts(DOWN, given.source("14:00")), FRAME)
        others = [given.section(1), given.section(2), given.outage("14:00-18:00", 2, id=2)]
        assert text(given.facts(others, DOWN, given.source("14:30"), revision=43), FRAME) == before

    def test_every_address_in_it_answers(self) -> None:
        edition, page = edition_at(given.facts(DOWN), at("14:30")), text(given.facts(DOWN), FRAME)
        found = [urljoin(FRAME, address) for address in re.findall(r'(?:href|src)="(\.\.[^"]+)"', page)]
        assert found == ["/embed/v1/frame.css", "/embed/v1/frame.js", "/embed/v1.js"]
        assert all(edition.answer(path) for path in found)
        (source,) = re.findall(r'data-src="([^"]+)"', page)
        assert edition.answer(urljoin("/embed/v1.js", source))

    def test_any_website_may_show_it_and_only_its_own_files_run(self) -> None:
        headers = dict(answer(given.facts(), FRAME).variants[""].headers)
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert policy["frame-ancestors"] == "*"
        assert (policy["script-src"], policy["connect-src"], policy["default-src"]) == ("'self'", "'self'", "'none'")
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "X-Frame-Options" not in headers

    def test_nothing_else_may_be_framed_so(self) -> None:
        assert [document.path for document in DOCUMENTS if document.is_framed] == ["/embed/v1/frame/{key}/"]

    def test_plain_files_say_the_same(self) -> None:
        for file in (headers_file(given.SITE), nginx_file(given.SITE)):
            _, _, rest = file.decode().partition("/embed/v1/frame/")
            assert "frame-ancestors *" in rest[:1_000]

    def test_each_path_has_one_line_where_lines_add_up(self) -> None:
        lines = [line for line in headers_file(given.SITE).decode().splitlines() if not line.startswith(" ")]
        means = [re.compile(re.escape(line).replace(r"\*", ".+")) for line in lines]
        for document in DOCUMENTS:
            path = document.path.replace("{key}", "some-key")
            assert sum(one.fullmatch(path) is not None for one in means) == 1, path

    def test_hostile_words_stay_words(self) -> None:
        page = text(given.facts(given.section(name=HOSTILE), given.outage("14:10-18:00", message=HOSTILE)), FRAME)
        assert "<script>alert" not in page
        assert page.count("<script") == page.count("</script>") == 3


SIZES = {"frame.js": 2_000, "frame.css": 1_000, "../v1.mjs": 1_000, "../v1.react.mjs": 500}


@pytest.mark.parametrize("name", SIZES)
def test_the_files_are_small(name: str) -> None:
    path = f"/embed/v1/{name}".replace("/v1/..", "")
    body = answer(given.facts(), path).variants[""].body
    assert len(gzip.compress(body, 9, mtime=0)) <= SIZES[name]
    assert body.isascii()


@pytest.mark.parametrize("path", ["/embed/v1.mjs", "/embed/v1.react.mjs"])
def test_any_website_may_run_a_module(path: str) -> None:
    headers = dict(answer(given.facts(), path).variants[""].headers)
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"  # or browsers refuse it
    assert headers["Access-Control-Allow-Origin"] == "*"


def attributes(*of: Any, t: str = "14:30") -> dict[str, str]:
    found: dict[str, str] = read(given.facts(*of), VA, t)["attributes"]
    return found


class TestVaBanner:
    def test_nothing_to_tell(self) -> None:
        assert read(given.facts(), VA) == {"attributes": {}, "slots": {}, "end_is_estimate": False}

    def test_down(self) -> None:
        found = read(given.facts(DOWN), VA)
        assert found["attributes"].pop("banner-id").startswith("direct_deposit-outage-1-")
        assert found == {
            "attributes": {
                "maintenance-start-date-time": "2026-11-21T14:10:00Z",
                "maintenance-end-date-time": "2026-11-21T18:00:00Z",
                "maintenance-title": "Direct deposit is unavailable until 18:00",
                "upcoming-warn-start-date-time": "2026-11-21T14:10:00Z",
                "upcoming-warn-title": "Direct deposit will be unavailable 14:10 to 18:00",
                "is-error": "true",
            },
            "slots": {"maintenance-content": "You cannot pay. Call us.", "warn-content": "You cannot pay. Call us."},
            "end_is_estimate": False,
        }

    def test_planned_is_told_before_and_warned_of_by_the_readers_clock(self) -> None:
        found = attributes(given.outage("17:00-18:00"))
        assert found["upcoming-warn-start-date-time"] == "2026-11-21T16:00:00Z"
        assert found["maintenance-title"] == "Direct deposit is unavailable until 18:00"
        assert found["is-error"] == "false"

    def test_whoever_hid_the_warning_sees_it_come(self) -> None:
        planned = given.outage("17:00-18:00")
        ids = [attributes(planned, t=t)["banner-id"] for t in ("14:30", "16:30", "16:59", "17:00", "17:59")]
        assert ids[0] == ids[1] == ids[2] != ids[3] == ids[4]
        assert (ids[0].rpartition("-")[2], ids[3].rpartition("-")[2]) == ("upcoming", "active")

    def test_other_words_are_another_banner(self) -> None:
        assert attributes(DOWN)["banner-id"] != attributes(given.outage("14:10-18:00"))["banner-id"]

    @pytest.mark.parametrize(
        ("name", "of", "t", "end"),
        [
            ("not known", given.outage("14:00"), "14:30", "2026-11-22T00:00:00Z"),
            ("late", given.outage("14:00-18:00 hold"), "18:30", "2026-11-22T00:00:00Z"),
            ("to come", given.outage("23:30"), "14:30", "2026-11-22T00:30:00Z"),
            ("in whole hours", given.outage("14:10"), "14:30", "2026-11-22T00:10:00Z"),
        ],
    )
    def test_an_end_that_nobody_knows_is_guessed_and_called_a_guess(self, name: str, of: Any, t: str, end: str) -> None:
        found = read(given.facts(of), VA, t)
        assert found["attributes"]["maintenance-end-date-time"] == end
        assert found["end_is_estimate"]
        assert va_banner.GUESSED in found["slots"]["maintenance-content"]

    def test_it_takes_whole_minutes_and_never_less(self) -> None:
        begun, ends = at("14:10") + timedelta(seconds=37.5), at("18:00") + timedelta(seconds=0.5)
        found = attributes(given.outage("14:10-18:00", starts_at=begun, planned_end=ends))
        times = [found[f"maintenance-{edge}-date-time"][11:] for edge in ("start", "end")]
        assert times == ["14:10:00Z", "18:01:00Z"]

    def test_planned_work_and_slow_sections_are_no_errors(self) -> None:
        for effect in ("down", "warn"):
            works = [given.component(), given.dependency(window=effect), given.window("14:00-18:00")]
            found = read(given.facts(*works), VA)
            assert found["attributes"]["is-error"] == "false"
            assert found["attributes"]["maintenance-end-date-time"] == "2026-11-21T18:00:00Z"
            assert not found["end_is_estimate"]

    def test_as_html_it_is_the_same(self) -> None:
        ((_, subject),) = va_banner.subjects(edition_at(given.facts(DOWN), at("14:30")).snapshot)
        made = va_banner.made(subject)
        element = ElementTree.fromstring(va_banner.element(made))
        assert (element.tag, element.attrib) == ("va-maintenance-banner", made.attributes)
        assert {slot.get("slot"): slot.text for slot in element} == made.slots

    def test_nothing_is_no_element(self) -> None:
        assert va_banner.element(va_banner.VaBanner({}, {})) == ""

    def test_hostile_words_stay_words(self) -> None:
        facts = given.facts(given.section(name=HOSTILE), given.outage("14:10-18:00", message=HOSTILE))
        ((_, subject),) = va_banner.subjects(edition_at(facts, at("14:30")).snapshot)
        element = ElementTree.fromstring(va_banner.element(va_banner.made(subject)))
        assert [child.tag for child in element.iter()] == ["va-maintenance-banner", "div", "div"]
        assert not set("<>&") & set(text(facts, VA))
