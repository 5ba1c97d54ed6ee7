"""The canaries: of all that a user can type, nothing leads inside; and no receiver can keep us or fill us."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
import trustme
from httpcore2 import AsyncNetworkBackend

from dashboard.channels import fetch
from dashboard.channels.channel import Answer, Failed, Unfit
from dashboard.channels.fetch import Fetcher
from dashboard.channels.network import Gate, Names, Resolve
from tests.channels import receivers
from tests.channels.receivers import DEAD, PUBLIC, Behave, Diverted, Receiver, answering, receiver, says, says_ok

HOSTILE = [
    *("http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://017700000001/", "http://0x7f000001/"),
    *("http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://127.0.0.1./", "http://127.000.000.001/", "http://0/"),
    *("http://0.0.0.0/", "http://127.255.255.254/", "https://127.0.0.1/", "http://127.0.0.1:80/", "http://[::1]/"),
    *("http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[0:0:0:0:0:ffff:127.0.0.1]/"),
    *("http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b:1::7f00:1]/", "http://[2002:7f00:1::]/"),
    *("http://[2001:0:7f00:1::]/", "http://[fe80::1]/", "http://[fe80::1%25lo]/", "http://[fd00:ec2::254]/"),
    *("http://169.254.169.254/latest/meta-data/", "http://100.100.100.200/", "http://168.63.129.16/"),
    *("http://192.0.0.192/", "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://100.64.0.1/"),
    *("http://198.18.0.1/", "http://224.0.0.1/", "http://255.255.255.255/", "http://240.0.0.1/", "http://[ff02::1]/"),
    *("http://localhost/", "http://LOCALHOST/", "http://localhost./", "http://redis/", "http://１２７.０.０.１/"),
    *(
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http://ｌｏｃａｌｈｏｓｔ/",
        "http://127.0.0.1%2f@hooks.example.org/",
    ),
    *("http://user:secret@127.0.0.1/", "http://hooks.example.org@127.0.0.1/", "http://127.0.0.1@hooks.example.org/"),
    *("http://hooks.example.org\\@127.0.0.1/", "http:\\\\127.0.0.1\\", "http:/127.0.0.1/", "http:127.0.0.1"),
    *("//127.0.0.1/", "http://127.0.0.1#@hooks.example.org/", "http://127.0.0.1?@hooks.example.org/", "http:///x"),
    *("http://127.0.0.1:6379/", "http://hooks.example.org:22/", "http://hooks.example.org:0/", "http://a:99999/"),
    *("file:///etc/passwd", "gopher://127.0.0.1:6379/_x", "ftp://127.0.0.1/", "unix:///run/x", "javascript:alert(1)"),
    *("http://127.0.0.1\r\nHost: x/", "http://hooks.example.org /", "http://hooks.example.org\t/", "", "http://", "x"),
    *("http://[::1", "http://::1/", "http://[127.0.0.1]/", "http://[v1.a]/", "http://-/", "http://.../", "http://%31/"),
]
INSIDE = [
    *(
        "127.0.0.1",
        "::1",
        "0.0.0.0",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ),
    *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "fe80::1", "fc00::1", "fd20:ce::254", "fec0::1", "ff02::1", "100::1"),
    *("2001:db8::1", "3fff::1", "5f00::1", "2001:10::1", "2620:4f:8000::1", "10.1.2.3", "100.64.0.1", "169.254.1.1"),
    *("172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.19.0.1", "198.51.100.1"),
    *("203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.31.196.1", "192.175.48.1"),
]
LOOPBACK = ("127.0.0.1", "::1")
URL = "http://hooks.example.org/status"


class Ground:
    """A canary on this machine, a receiver that plays the public one, and the fetcher between them."""

    def __init__(self, canary: Receiver, public: Receiver) -> None:
        self.canary, self.public = canary, public
        self.network = Diverted(canary.port, public.port)

    async def ask(
        self,
        url: str = URL,
        resolve: Resolve | None = None,
        times: int = 1,
        allowed: Collection[tuple[str, int]] = (),
        network: AsyncNetworkBackend | None = None,
        trusted: ssl.SSLContext | None = None,
    ) -> list[Answer | str]:
        """What came of each: the answer, or the sentence of why there is none."""
        gate = Gate(resolve or answering((PUBLIC,)), allowed, network or self.network)
        fetcher, found = Fetcher(gate, trusted, total=0.6), []
        for _ in range(times):
            try:
                found.append(await fetcher.post(url, b"{}", {}))
            except (Unfit, Failed) as trouble:
                found.append(f"{type(trouble).__name__}: {trouble}")
        await fetcher.close()
        return found


def on_ground(
    play: Callable[[Ground], Awaitable[Any]], behave: Behave = says_ok, tls: ssl.SSLContext | None = None
) -> Any:
    async def run() -> Any:
        async with AsyncExitStack() as stack:
            canary = await stack.enter_async_context(receiver(says_ok, LOOPBACK))
            public = await stack.enter_async_context(receiver(behave, tls=tls))
            return await play(Ground(canary, public))

    return asyncio.run(run())


def test_a_canary_would_sing() -> None:
    async def play(ground: Ground) -> int:
        allowed = {("127.0.0.1", 80), ("::1", 80), ("redis", 6379)}
        for url in ("http://127.0.0.1/", "http://[::1]/", "http://redis:6379/"):
            await ground.ask(url, answering(("127.0.0.1",)), allowed=allowed)
        return ground.canary.connections

    assert on_ground(play) == 3


def test_no_address_that_can_be_typed_leads_inside() -> None:
    async def play(ground: Ground) -> tuple[list[str], int]:
        said = [(url, (await ground.ask(url, answering(LOOPBACK)))[0]) for url in HOSTILE]
        return [url for url, what in said if not str(what).startswith("Unfit")], ground.canary.connections

    assert on_ground(play) == ([], 0)


def test_no_name_that_leads_inside_is_connected_to() -> None:
    async def play(ground: Ground) -> tuple[list[str], int, list[str]]:
        answers = [(address,) for address in INSIDE] + [(PUBLIC, address) for address in INSIDE]
        said = [(await ground.ask(resolve=answering(found)))[0] for found in answers]
        return (
            [what for what in said if not str(what).startswith("Unfit")],
            ground.canary.connections,
            ground.network.wanted,
        )

    assert on_ground(play) == ([], 0, [])


def test_a_name_that_changes_its_mind_is_looked_at_each_time() -> None:
    """The kept connection goes where it went; a new one is looked at anew."""

    async def play(ground: Ground) -> tuple[list[Any], int]:
        return await ground.ask(resolve=answering((PUBLIC,), ("127.0.0.1",)), times=3), ground.canary.connections

    said, canary = on_ground(play, receivers.says_ok_and_closes)
    assert [getattr(what, "status", what) for what in said] == [
        200,
        *["Unfit: That host is not on the public internet."] * 2,
    ]
    assert canary == 0


def test_the_address_looked_at_is_the_address_connected_to() -> None:
    async def play(ground: Ground) -> list[str]:
        await ground.ask(resolve=answering((PUBLIC,), ("127.0.0.1",)))
        return ground.network.wanted

    assert on_ground(play) == [PUBLIC]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_redirects_are_not_followed(status: str) -> None:
    async def play(ground: Ground) -> tuple[int, int]:
        [found] = await ground.ask()
        return found.status, ground.canary.connections

    behave = says(f"{status}\r\nLocation: http://127.0.0.1/")
    assert on_ground(play, behave) == (int(status[:3]), 0)


@pytest.mark.parametrize(
    ("behave", "sentence"),
    [
        (receivers.hangs, "Failed: It did not answer within 1 seconds."),
        (receivers.drips, "Failed: It did not answer within 1 seconds."),
        (receivers.floods_heads, "Failed: Its answer had no end."),
        (receivers.says_garbage, "Failed: It did not answer as web servers do."),
        (receivers.closes, "Failed: It did not answer as web servers do."),
    ],
)
def test_who_does_not_answer_properly_costs_bounded_time(behave: Behave, sentence: str) -> None:
    assert on_ground(lambda ground: ground.ask(), behave) == [sentence]


def test_of_an_endless_answer_64_kb_are_read() -> None:
    async def play(ground: Ground) -> Answer:
        return (await ground.ask())[0]

    found = on_ground(play, receivers.floods)
    assert (found.status, len(found.body)) == (200, 65_536)


def test_a_connection_is_used_again() -> None:
    async def play(ground: Ground) -> tuple[int, int]:
        await ground.ask(times=5)
        return len(ground.public.asked), ground.public.connections

    assert on_ground(play) == (5, 1)


def test_a_kept_connection_that_was_closed_costs_no_letter() -> None:
    async def play(ground: Ground) -> list[int]:
        return [found.status for found in await ground.ask(times=4)]

    assert on_ground(play, receivers.says_ok_and_closes) == [200] * 4


def test_of_several_addresses_one_that_answers_is_enough() -> None:
    async def play(ground: Ground) -> tuple[Any, list[str]]:
        [found] = await ground.ask(resolve=answering((DEAD, PUBLIC)))
        return found.status, ground.network.wanted

    assert on_ground(play) == (200, [DEAD, PUBLIC])


async def _unknown(host: str, port: int) -> Sequence[str]:
    raise socket.gaierror


async def _asleep(host: str, port: int) -> Sequence[str]:
    await asyncio.sleep(30)
    return [PUBLIC]


@pytest.mark.parametrize(
    ("resolve", "sentence"),
    [
        (_unknown, "Failed: The name of its host was not found."),
        (answering(()), "Failed: The name of its host was not found."),
        (_asleep, "Failed: It did not answer within 1 seconds."),
    ],
)
def test_a_name_that_is_not_found_is_said_so_in_time(resolve: Resolve, sentence: str) -> None:
    assert on_ground(lambda ground: ground.ask(resolve=resolve)) == [sentence]


def test_names_are_looked_up_as_the_system_does() -> None:
    names = Names()
    assert set(asyncio.run(names("localhost", 80))) & set(LOOPBACK)
    names.close()


def test_so_many_connections_stay_open_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "KEPT", 2)

    async def play(ground: Ground) -> int:
        fetcher = Fetcher(Gate(answering((PUBLIC,)), (), ground.network))
        for name in ("a.example", "b.example", "c.example", "b.example", "c.example", "a.example"):
            await fetcher.post(f"http://{name}/", b"{}", {})
        await fetcher.close()
        return ground.public.connections

    assert on_ground(play) == 4  # a's is the one that was closed


def test_nothing_is_asked_of_proxies_or_netrc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    async def play(ground: Ground) -> bytes:
        await ground.ask()
        return ground.public.asked[0]

    head = on_ground(play).partition(b"\r\n\r\n")[0].decode().splitlines()
    assert head[0] == "POST /status HTTP/1.1"
    assert {"Host: hooks.example.org", "Accept-Encoding: identity"} <= set(head)
    assert not [line for line in head if line.lower().startswith(("authorization", "cookie", "proxy"))]


def _tls(authority: trustme.CA, *names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of a server with these names, and of somebody who believes the authority."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(server)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    return server, trusting


@pytest.mark.parametrize(
    ("named", "is_trusted", "want"),
    [
        ("hooks.example.org", True, 200),
        ("other.example.org", True, "Failed: Its certificate could not be verified."),
        (PUBLIC, True, "Failed: Its certificate could not be verified."),
        ("hooks.example.org", False, "Failed: Its certificate could not be verified."),
    ],
)
def test_a_certificate_is_verified_by_the_name(named: str, is_trusted: bool, want: int | str) -> None:
    server, trusting = _tls(trustme.CA(), named)

    async def play(ground: Ground) -> Sequence[Any]:
        return await ground.ask("https://hooks.example.org/status", trusted=trusting if is_trusted else None)

    [found] = on_ground(play, tls=server)
    assert getattr(found, "status", found) == want
