"""Asking PagerDuty: pages, ids that it refuses, windows that are missing, and how patient we are."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.sources import pagerduty
from dashboard.sources.pagerduty import CEILING, Fetch, Question, Trouble
from tests.conftest import NOW
from tests.doubles import pagerduty as faults
from tests.doubles.pagerduty import Faulty
from tests.sources.conftest import LEDGER, PAYMENTS, Asking

CONTRACTS = Path(__file__).parent.parent / "contracts"
HOUR = timedelta(hours=1)


def contract(name: str) -> bytes:
    return (CONTRACTS / name).read_bytes()


def add(double: Faulty, *ids: str, service: str = LEDGER) -> None:
    for id in ids:
        double.add_window(id, NOW, NOW + HOUR, service)


def ids(fetch: Fetch) -> list[str]:
    return sorted(window.external_id for window in fetch.windows)


def test_a_recorded_answer_is_read(double: Faulty, ask: Asking) -> None:
    double.script = [faults.body(contract("pd_windows_page1.json"), "application/vnd.pagerduty+json")]
    first, second = ask(LEDGER).windows
    assert (first.starts_at, first.ends_at) == (
        datetime(2026, 11, 21, 1, tzinfo=UTC),
        datetime(2026, 11, 21, 5, 30, tzinfo=UTC),
    )
    assert (first.title, first.message) == ("CHG-12", "We are moving the ledger to new hardware.")
    assert first.services == {LEDGER, "P0ZZZZ9"}
    assert (second.title, second.message) == ("", "")


def test_the_question_names_the_services_and_carries_the_key(double: Faulty, ask: Asking) -> None:
    ask()
    (asked,) = double.asked
    assert asked.query == {"filter": ["open"], "service_ids[]": [LEDGER, PAYMENTS], "limit": ["100"], "offset": ["0"]}
    assert asked.key == "Token token=test-key"


def test_without_services_nothing_is_asked(double: Faulty, ask: Asking) -> None:
    assert pagerduty.ask(ask.account, Question(NOW, frozenset())) == Fetch(NOW)
    assert double.asked == []


def test_without_services_open_windows_are_no_empty_list(double: Faulty, ask: Asking) -> None:
    with pytest.raises(Trouble, match="No PagerDuty service belongs to a component any more"):
        pagerduty.ask(ask.account, Question(NOW, frozenset(), ("PW1",)))
    assert double.asked == []


class TestPages:
    def test_the_next_begins_after_as_many_as_came(self, double: Faulty, ask: Asking) -> None:
        double.page_size = 2
        add(double, *(f"PW{number}" for number in range(5)))
        assert len(ask().windows) == 5
        assert [asked.query["offset"] for asked in double.asked] == [["0"], ["2"], ["4"]]

    def test_a_window_on_two_pages_is_one(self, double: Faulty, ask: Asking) -> None:
        double.page_size = 2
        add(double, "PW1", "PW2", "PW3")
        double.shuffle = lambda records, offset: records if offset == 0 else [records[2], records[2], records[0]]
        fetch = ask()
        assert ids(fetch) == ["PW1", "PW2"]
        assert fetch.complete

    def test_one_that_moved_to_an_earlier_page_is_asked_for_by_id(self, double: Faulty, ask: Asking) -> None:
        double.page_size = 2
        add(double, "PW1", "PW2", "PW3")
        double.shuffle = lambda records, offset: records if offset == 0 else [records[2], records[0], records[1]]
        fetch = ask(open_ids=("PW1", "PW2", "PW3"))
        assert ids(fetch) == ["PW1", "PW2", "PW3"]
        assert double.paths()[-1] == "/maintenance_windows/PW3"
        assert fetch.complete

    def test_more_than_can_be_counted_is_asked_in_halves(
        self, double: Faulty, ask: Asking, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pagerduty, "CEILING", 150)
        add(double, *(f"PA{number}" for number in range(90)))
        add(double, *(f"PB{number}" for number in range(90)), service=PAYMENTS)
        assert len(ask().windows) == 180

    def test_no_question_goes_beyond_the_ceiling(
        self, double: Faulty, ask: Asking, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pagerduty, "CEILING", 150)
        add(double, *(f"PA{number}" for number in range(200)))
        assert ask.trouble(LEDGER) == "too_many"
        assert all(int(a.query["offset"][0]) + int(a.query["limit"][0]) <= 150 for a in double.asked)
        assert CEILING == 10_000

    def test_many_services_are_asked_in_several_questions(self, double: Faulty, ask: Asking) -> None:
        names = [f"P0C{number:03}" for number in range(150)]
        for name in names:
            double.add_service(name, name)
        add(double, "PW1", service=names[0])
        add(double, "PW2", service=names[-1])
        assert ids(ask(*names)) == ["PW1", "PW2"]
        assert [len(asked.query["service_ids[]"]) for asked in double.asked] == [100, 50]

    def test_an_empty_page_with_more_is_trouble(self, double: Faulty, ask: Asking) -> None:
        double.script = [faults.body(contract("pd_windows_empty_more_true.json"))]
        assert ask.trouble() == "empty_page"

    def test_an_endless_list_ends(self, double: Faulty, ask: Asking) -> None:
        record = json.loads(contract("pd_windows_page1.json"))["maintenance_windows"][0]
        endless = json.dumps({"maintenance_windows": [record] * 100, "more": True}).encode()
        double.always["/"] = faults.body(endless)
        assert ask.trouble(LEDGER) in ("too_many", "slow_list")
        assert len(double.asked) <= 100


class TestRefusedServices:
    def test_one_that_is_named_is_left_out(self, double: Faulty, ask: Asking) -> None:
        add(double, "PW1")
        fetch = ask(LEDGER, "P0DEAD1")
        assert ids(fetch) == ["PW1"]
        assert fetch.unknown == (("P0DEAD1", "Service not found: P0DEAD1; Invalid Input Provided"),)
        assert double.paths() == ["/maintenance_windows"] * 2
        assert not fetch.complete

    def test_one_that_is_not_named_is_found_by_asking_for_each(self, double: Faulty, ask: Asking) -> None:
        add(double, "PW1")
        double.unnamed = {"P0DEAD1"}
        fetch = ask(LEDGER, "P0DEAD1")
        assert ids(fetch) == ["PW1"]
        assert fetch.unknown == (("P0DEAD1", "Not Found"),)

    def test_one_that_may_not_be_seen_is_left_out(self, double: Faulty, ask: Asking) -> None:
        double.unnamed = {PAYMENTS}
        double.always[f"/services/{PAYMENTS}"] = faults.status(403)
        assert ask().unknown == ((PAYMENTS, "PagerDuty does not let this API key see that."),)

    def test_one_after_the_other(self, double: Faulty, ask: Asking) -> None:
        add(double, "PW1")
        fetch = ask(LEDGER, "P0DEAD1", "P0DEAD2")
        assert [id for id, _ in fetch.unknown] == ["P0DEAD1", "P0DEAD2"]
        assert ids(fetch) == ["PW1"]

    def test_none_that_is_known_is_trouble(self, ask: Asking) -> None:
        assert ask.trouble("P0DEAD1") == "no_known_service"

    def test_a_refusal_without_a_culprit_is_trouble(self, double: Faulty, ask: Asking) -> None:
        double.always["/maintenance_windows"] = faults.status(400)
        assert ask.trouble() == "refused"
        assert double.paths() == ["/maintenance_windows", f"/services/{LEDGER}", f"/services/{PAYMENTS}"]

    def test_trouble_while_looking_for_the_culprit_blames_nobody(self, double: Faulty, ask: Asking) -> None:
        double.unnamed = {PAYMENTS}
        double.always["/services/"] = faults.status(500)
        assert ask.trouble() == "broken"


class TestMissingWindows:
    def test_one_that_pagerduty_does_not_have_is_gone(self, double: Faulty, ask: Asking) -> None:
        fetch = ask(open_ids=("PW1",))
        assert (fetch.gone, fetch.complete) == ({"PW1"}, True)

    def test_one_that_has_ended_is_told_with_its_end(self, double: Faulty, ask: Asking) -> None:
        double.add_window("PW1", NOW - HOUR, NOW - timedelta(minutes=1), LEDGER)
        fetch = ask(open_ids=("PW1",))
        assert fetch.windows[0].ends_at == NOW - timedelta(minutes=1)
        assert not fetch.gone

    def test_one_that_is_in_the_list_is_not_asked_for(self, double: Faulty, ask: Asking) -> None:
        add(double, "PW1")
        ask(open_ids=("PW1",))
        assert len(double.asked) == 1

    @pytest.mark.parametrize(
        "fault",
        [
            faults.status(500),
            faults.status(403),
            faults.status(400),
            faults.half,
            faults.bare(404),
            faults.status(404, Content_Type="text/html"),
        ],
    )
    def test_trouble_leaves_it_unconfirmed(self, double: Faulty, ask: Asking, fault: faults.Fault) -> None:
        add(double, "PW1")
        double.always["/maintenance_windows/"] = fault
        fetch = ask(open_ids=("PW1", "PW2"))
        assert (ids(fetch), fetch.gone, fetch.unconfirmed) == (["PW1"], frozenset(), {"PW2"})
        assert "could not be asked for yet" in fetch.warnings[0]

    def test_another_windows_answer_confirms_nothing(self, double: Faulty, ask: Asking) -> None:
        body = {"maintenance_window": json.loads(contract("pd_windows_page1.json"))["maintenance_windows"][0]}
        double.always["/maintenance_windows/"] = faults.body(json.dumps(body).encode())
        fetch = ask(open_ids=("PW9",))
        assert (fetch.gone, fetch.unconfirmed, fetch.windows) == (frozenset(), {"PW9"}, ())

    def test_only_so_many_are_asked_for_in_one_poll(
        self, double: Faulty, ask: Asking, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pagerduty, "CONFIRMED", 2)
        fetch = ask(open_ids=("PW1", "PW2", "PW3"))
        assert (fetch.gone, fetch.unconfirmed) == ({"PW1", "PW2"}, {"PW3"})


class TestPatience:
    def test_it_waits_as_long_as_pagerduty_says(self, double: Faulty, ask: Asking) -> None:
        double.script = [faults.status(429, ratelimit_reset="7")]
        assert ask().complete
        assert ask.slept == [7]

    @pytest.mark.parametrize(
        ("said", "waited"), [("3600", 20), ("soon", 5), ("-1", 5), ("0", 5), ("nan", 5), ("inf", 20), ("1e999", 20)]
    )
    def test_it_waits_no_longer_than_is_sensible(self, double: Faulty, ask: Asking, said: str, waited: float) -> None:
        double.script = [faults.status(429, ratelimit_reset=said)]
        ask()
        assert ask.slept == [waited]

    def test_it_waits_even_when_nothing_is_said(self, double: Faulty, ask: Asking) -> None:
        double.script = [faults.bare(429)]
        ask()
        assert ask.slept == [5]

    def test_it_waits_once_a_poll(self, double: Faulty, ask: Asking) -> None:
        double.page_size = 1
        add(double, "PW1", "PW2")
        double.script = [faults.status(429), None, faults.status(429)]
        assert ask.trouble() == "too_many_questions"
        assert len(double.asked) == 3

    @pytest.mark.parametrize("code", [408, 500, 502, 503, 504])
    def test_what_may_pass_is_tried_twice(self, double: Faulty, ask: Asking, code: int) -> None:
        double.script = [faults.status(code)]
        assert ask().complete
        assert len(double.asked) == 2

    @pytest.mark.parametrize("code", [400, 401, 402, 403, 404, 418, 301, 302, 307])
    def test_what_will_not_pass_is_tried_once(self, double: Faulty, ask: Asking, code: int) -> None:
        double.always["/maintenance_windows"] = faults.status(code)
        ask.trouble()
        assert double.paths().count("/maintenance_windows") == 1

    def test_a_whole_list_has_its_time_too(self, double: Faulty, ask: Asking) -> None:
        double.page_size = 1
        add(double, *(f"PW{number}" for number in range(500)))
        ask.limits = replace(ask.limits, list_seconds=0.2)
        assert ask.trouble() == "slow_list"

    def test_asking_for_missing_ones_has_its_time_and_the_list_stands(self, double: Faulty, ask: Asking) -> None:
        add(double, "PW1")
        double.always["/maintenance_windows/"] = faults.hang(double)
        ask.limits = replace(ask.limits, confirm_seconds=0.1)
        fetch = ask(open_ids=("PW2",))
        assert (ids(fetch), fetch.unconfirmed) == (["PW1"], {"PW2"})


class TestClocks:
    @pytest.mark.parametrize(("minutes", "skewed"), [(0, False), (0.9, False), (1.2, True), (-1.2, True), (600, True)])
    def test_a_skewed_clock_is_told_and_moves_nothing(
        self, double: Faulty, ask: Asking, minutes: float, skewed: bool
    ) -> None:
        add(double, "PW1")
        double.clock = lambda: NOW + timedelta(minutes=minutes)
        double.is_open = lambda window: True  # type: ignore[method-assign]
        fetch = ask()
        assert (fetch.skewed, fetch.windows[0].starts_at, fetch.complete) == (skewed, NOW, True)
        assert any("clock" in warning for warning in fetch.warnings) == skewed


def test_services_are_listed_by_name_over_all_pages(double: Faulty, ask: Asking) -> None:
    double.page_size = 2
    double.add_service("P0ZZZZ9", "External: Archive")
    double.add_service("P0INT01", "Internal: External: things")
    found = pagerduty.services(ask.account, "External: ", NOW, ask.limits)
    assert [service.name for service in found] == ["External: Archive", "External: Ledger", "External: Payments"]
    assert double.asked[0].query["query"] == ["External: "]


def test_without_a_prefix_every_service_is_listed(double: Faulty, ask: Asking) -> None:
    assert len(pagerduty.services(ask.account, "", NOW, ask.limits)) == 2


def test_trouble_with_services_is_not_an_empty_list(double: Faulty, ask: Asking) -> None:
    double.always["/services"] = faults.status(401)
    with pytest.raises(Trouble, match="PAGERDUTY_API_KEY"):
        pagerduty.services(ask.account, "", NOW, ask.limits)


def test_the_key_is_not_shown(ask: Asking) -> None:
    assert "test-key" not in repr(ask.account)
