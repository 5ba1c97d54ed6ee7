"""What is in use is counted in memory as it is asked for, by whom; nothing else of a request is remembered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from werkzeug.test import Client

from dashboard.config import Settings
from dashboard.front import Front
from dashboard.press import Press
from dashboard.sightings import ALL, EMBED, MOST, TOGGLE, Seen, Sightings
from tests import given
from tests.conftest import NOW
from tests.test_front import fail

BANNER, TOGGLES = "/embed/v1/status.json", "/v0/feature_toggles"
SITE = {"Origin": "https://www.example.org"}
HERE = "www.example.org"
TOKEN = "signpost_larkfield"
T = NOW.timestamp()
HIDE_IT = replace(given.toggle("hide_it", 1), aliases=("hide_old",))
SECRET = replace(given.toggle("secret", 1), is_private=True)


@pytest.fixture
def front(settings: Settings) -> Iterator[Front]:
    press = Press(settings)
    tokens = (hashlib.sha256(TOKEN.encode()).hexdigest(),)
    press.put(replace(given.facts(given.section(1), HIDE_IT, SECRET), tokens=tokens), NOW)
    with time_machine.travel(NOW, tick=False):
        yield Front(fail, press, 4, {"admin"})


@pytest.fixture
def client(front: Front) -> Client:
    return Client(front)


def seen(front: Front) -> dict[tuple[str, str, str], int]:
    return {key: found.times for key, found in front.seen.take().items()}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (BANNER, "script"),
        ("/embed/v1/sections/direct_deposit.json", "section"),
        ("/embed/v1/sections/direct_deposit.html", "fragment"),
        ("/embed/v1/frame/direct_deposit/", "frame"),
        ("/badge/direct_deposit.svg", "badge"),
        ("/v0/maintenance_windows", "windows"),
    ],
)
def test_each_form_of_the_embed_is_seen(client: Client, front: Front, path: str, form: str) -> None:
    answer = client.get(path, headers=SITE)
    client.get(path, headers={**SITE, "If-None-Match": answer.headers["ETag"]})
    assert seen(front) == {(EMBED, form, HERE): 2}


@pytest.mark.parametrize("path", ["/", "/embed/v1.js", "/embed/v1/sections/none.json", "/healthz", "/history.atom"])
def test_nothing_else_is(client: Client, front: Front, path: str) -> None:
    client.get(path, headers=SITE)
    client.post(BANNER, headers=SITE)
    client.options(BANNER, headers=SITE)
    assert seen(front) == {}


@pytest.mark.parametrize(
    ("path", "headers", "place"),
    [
        ("/badge/direct_deposit.svg", {"Referer": "https://wiki.example.org/a/page?of=Priya"}, "wiki.example.org"),
        (BANNER, {**SITE, "Referer": "https://other.example.org/"}, HERE),
        (
            "/embed/v1/sections/direct_deposit.html",
            {"Referer": "https://search.example/", "User-Agent": "nginx/1"},
            "nginx",
        ),
        ("/embed/v1/sections/direct_deposit.json", {"User-Agent": "python-httpx/0.28"}, "python-httpx"),
        (
            "/embed/v1/sections/direct_deposit.json",
            {"Source-App-Name": "profile", "User-Agent": "Mozilla/5.0"},
            "profile",
        ),
    ],
)
def test_where_it_is(client: Client, front: Front, path: str, headers: dict[str, str], place: str) -> None:
    client.get(path, headers=headers)
    assert [found for _, _, found in seen(front)] == [place]


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://status.example.org"}, {"Origin": "null"}, {"User-Agent": "Mozilla/5.0 (X11)"}, {}],
)
def test_nowhere_is_not_a_place_and_nor_are_we(client: Client, front: Front, headers: dict[str, str]) -> None:
    client.get(BANNER, headers={"User-Agent": "", **headers})
    assert seen(front) == {}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?features=hide_it", ["hide_it"]),
        ("?features=hideIt,HideIt,hide_it", ["hide_it"]),
        ("?features=hideOld", ["hide_old"]),
        ("?features=nothing,secret", []),
        ("?&cookie_id=7", [ALL]),
    ],
)
def test_a_toggle_is_seen_by_the_name_that_was_asked_for(
    client: Client, front: Front, query: str, names: list[str]
) -> None:
    client.get(f"{TOGGLES}{query}", headers=SITE)
    client.get(f"{TOGGLES}{query}", headers=SITE)
    assert seen(front) == {(TOGGLE, name, HERE): 2 for name in names}


FLAGS = "/ofrep/v1/evaluate/flags"


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (f"{FLAGS}/hide_it", ["hide_it"]),
        (f"{FLAGS}/hide_old", ["hide_old"]),
        (f"{FLAGS}/section.direct_deposit.down", []),
        (f"{FLAGS}/nothing", []),
        (f"{FLAGS}/secret", []),
        (FLAGS, [ALL]),
        ("/ofrep/v1/configuration", []),
    ],
)
def test_a_flag_is_seen_as_the_toggle_that_it_is(client: Client, front: Front, path: str, names: list[str]) -> None:
    client.open(path, method="GET" if path.endswith("configuration") else "POST", headers=SITE)
    assert seen(front) == {(TOGGLE, name, HERE): 1 for name in names}


def test_who_has_a_token_reads_private_ones_too(client: Client, front: Front) -> None:
    for path in (FLAGS, f"{FLAGS}/secret"):
        client.post(path, headers={**SITE, "Authorization": f"Bearer {TOKEN}"})
    assert seen(front) == {(TOGGLE, ALL, HERE): 1, (TOGGLE, "secret", HERE): 2}


def test_who_reads_a_toggle_without_saying_where_is_counted(client: Client, front: Front) -> None:
    client.get(f"{TOGGLES}?features=hide_it", headers={"User-Agent": "Mozilla/5.0"})
    assert seen(front) == {(TOGGLE, "hide_it", ""): 1}


def environ(place: object) -> dict[str, str]:
    return {"HTTP_ORIGIN": f"https://{place}.example"}


def test_ever_new_places_take_no_more_than_so_much(client: Client) -> None:
    counted = Sightings("http://status.example.org")
    for number in range(MOST + 50):
        counted.read(["hide_it"], environ(f"x{number}"), T)
    counted.read(["hide_it"], environ("x7"), T)
    taken = counted.take()
    assert len(taken) == MOST + 1
    assert taken[TOGGLE, "hide_it", ""].times == 50
    assert taken[TOGGLE, "hide_it", "x7.example"].times == 2


def test_what_could_not_be_written_is_counted_on() -> None:
    counted = Sightings("")
    counted.read(["hide_it"], environ("a"), T)
    taken = counted.take()
    counted.read(["hide_it"], environ("a"), T + 5)
    counted.put_back(taken)
    assert counted.take() == {(TOGGLE, "hide_it", "a.example"): Seen(2, T, T + 5)}
    assert counted.take() == {}


def test_only_what_was_never_seen_is_news() -> None:
    counted = Sightings("")
    assert not counted.has_news()
    counted.read(["hide_it"], environ("a"), T)
    assert counted.has_news()
    counted.written(counted.take())
    counted.read(["hide_it"], environ("a"), T)
    assert not counted.has_news()
    counted.read(["hide_it"], environ("b"), T)
    assert counted.has_news()
