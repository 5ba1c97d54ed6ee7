"""``signpost demo``: a newcomer sees the product alive."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from tests.faults.running import DEMO, Running, events_answer, wait_for


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("demo"), command=DEMO)
    try:
        yield running.until_up()
    finally:
        running.end()


def states(running: Running) -> dict[str, str]:
    with urlopen(f"{running.url}/embed/v1/status.json", timeout=5) as answer:
        return {section["key"]: section["state"] for section in json.load(answer)["sections"]}


def test_one_is_off_and_pagerduty_plans_others(demo: Running) -> None:
    assert states(demo)["direct_deposit"] == "down"
    assert wait_for(lambda: states(demo).keys() >= {"prescriptions", "documents", "search"})


def test_it_says_who_may_sign_in(demo: Running) -> None:
    said = demo.said()
    assert all(name in said for name in ("Ada Okafor", "Priya Shah", "Tom Reed", "Vera Lund"))
    assert "First account" not in said


def test_mail_is_shown_and_comes_to_nobody(demo: Running) -> None:
    found = re.search(r"shown at (http://127\.0\.0\.1:\d+)", demo.said())
    assert found
    form = {"by": "email", "scope": "everything", "problems": "y", "address": "lou@reader.example"}
    with urlopen(f"{demo.url}/follow/", data=urlencode(form).encode(), timeout=5) as answer:
        assert "Check your inbox" in answer.read().decode()
    page = wait_for(lambda: text if "/follow/confirm/" in (text := urlopen(found[1]).read().decode()) else "")
    assert "To lou@reader.example" in page


def test_it_offers_event_streams(demo: Running) -> None:
    assert f'"events_url":"http://127.0.0.1:{demo.events_port}"' in (demo.instance / "facts.json").read_text()
    assert events_answer(demo)


def test_nothing_of_it_is_left(demo: Running) -> None:
    """The last of this file: it ends what the others look at."""
    demo.kill(signal.SIGTERM)
    assert demo.members() == {}
