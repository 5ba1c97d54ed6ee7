"""The event streams over real loopback sockets; the process around them is tests/faults/test_streams.py."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from dashboard import facts as facts_of
from dashboard import streams as module
from dashboard.files import write_at_once
from dashboard.refetch import Watch
from dashboard.streams import PATH, Line, Request, Streams, request_of
from tests import given
from tests.rules.given import at

QUIET, OFF = given.facts(revision=1), given.facts(given.outage("14:00-18:00"), revision=2)
TOO_LARGE = "x" * module.LARGEST_HEAD


@dataclass(frozen=True, slots=True)
class Served:
    streams: Streams
    port: int
    asked: list[Asked] = field(default_factory=list)

    async def ask(self, head: str) -> Asked:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(head.encode())
        self.asked.append(Asked(reader, writer))
        return self.asked[-1]

    async def listen(self, last_id: str = "", query: str = "") -> Asked:
        """An open stream, past its head."""
        more = f"Last-Event-ID: {last_id}\r\n" if last_id else ""
        asked = await self.ask(f"GET {PATH}{query} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n")
        assert (await asked.block()).startswith("HTTP/1.1 200 OK\n")
        return asked

    async def answer(self, method: str, path: str) -> tuple[int, dict[str, str], bytes]:
        return await (await self.ask(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")).whole()


@dataclass(frozen=True, slots=True)
class Asked:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def block(self) -> str:
        """Lines up to an empty one."""
        lines = []
        async with asyncio.timeout(5):
            while line := (await self.reader.readline()).decode().rstrip("\r\n"):
                lines.append(line)
        return "\n".join(lines)

    async def whole(self) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(5):
            head, _, body = (await self.reader.read()).partition(b"\r\n\r\n")
        self.writer.close()
        first, *fields = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (field.partition(": ") for field in fields)}
        return int(first.split()[1]), headers, body

    async def is_dropped(self) -> bool:
        try:
            async with asyncio.timeout(5):
                while await self.reader.read(65_536):
                    pass
        except ConnectionError:
            pass
        return True


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    """It knows that the section is on."""
    watch = Watch(tmp_path / "facts.json", b"ours")
    write_at_once(watch.path, facts_of.to_bytes(QUIET))
    watch.look(at("14:30"))
    return watch


def played(scene: Callable[[Served], Coroutine[Any, Any, None]], streams: Streams) -> None:
    async def play() -> None:
        async with serving(streams) as served:
            await scene(served)

    asyncio.run(play())


@asynccontextmanager
async def serving(streams: Streams) -> AsyncIterator[Served]:
    server = await asyncio.get_running_loop().create_server(lambda: Line(streams), "127.0.0.1", 0)
    served = Served(streams, server.sockets[0].getsockname()[1])
    try:
        yield served
    finally:
        server.close()
        streams.end()
        for asked in served.asked:
            asked.writer.close()
            with suppress(ConnectionError):
                await asked.writer.wait_closed()
        await until(lambda: not streams.lines)


async def until(what: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not what():
            await asyncio.sleep(0.005)


async def told(served: Served, facts: facts_of.Facts, t: str = "14:31") -> None:
    write_at_once(served.streams.watch.path, facts_of.to_bytes(facts))
    assert served.streams.watch.look(at(t))
    assert served.streams.watch.word is not None
    await served.streams.tell(served.streams.watch.word.event)


class TestListening:
    def test_who_begins_gets_the_id_but_no_event(self, watch: Watch) -> None:
        async def scene(served: Served) -> None:
            head, _, greeting = (await (await served.listen()).block()).partition("retry: ")
            assert head == ": Signpost\n"
            assert 2_000 <= int(greeting.partition("\n")[0]) < 6_000
            assert greeting.partition("\n")[2] == f"id: {watch.word.id}"  # type: ignore[union-attr]

        played(scene, Streams(watch, 5))

    def test_the_head_is_for_any_page_and_for_no_cache(self, watch: Watch) -> None:
        async def scene(served: Served) -> None:
            head = await (await served.ask(f"GET {PATH}/ HTTP/1.0\r\n\r\n")).block()
            for line in (
                "Content-Type: text/event-stream",
                "Cache-Control: no-store",
                "X-Accel-Buffering: no",
                "Access-Control-Allow-Origin: *",
                "Server: Signpost",
            ):
                assert line in head.split("\n")
            assert "cookie" not in head.lower()

        played(scene, Streams(watch, 5))

    def test_everybody_is_told_of_a_change(self, watch: Watch) -> None:
        async def scene(served: Served) -> None:
            listeners = [await served.listen() for _ in range(30)]
            for listener in listeners:
                await listener.block()
            await told(served, OFF)
            assert {await listener.block() for listener in listeners} == {watch.word.event.decode().strip()}  # type: ignore[union-attr]

        played(scene, Streams(watch, 50))

    def test_who_comes_again_is_told_what_was_missed_and_nothing_else(self, watch: Watch) -> None:
        async def scene(served: Served) -> None:
            before = watch.word.id  # type: ignore[union-attr]
            assert "refetchEvaluation" not in await (await served.listen(before)).block()
            await told(served, OFF)
            now = watch.word.id  # type: ignore[union-attr]
            assert "refetchEvaluation" in await (await served.listen(before)).block()
            assert "refetchEvaluation" in await (await served.listen("anything")).block()
            assert "refetchEvaluation" not in await (await served.listen(now)).block()
            assert "refetchEvaluation" not in await (await served.listen(now.replace("2-", "3-"))).block()

        played(scene, Streams(watch, 50))

    def test_who_begins_just_after_a_change_may_have_asked_before_it(self, watch: Watch) -> None:
        async def scene(served: Served) -> None:
            keeping = asyncio.create_task(served.streams.keep())
            await until(lambda: served.streams.watch.word)
            keeping.cancel()
            assert "refetchEvaluation" in await (await served.listen()).block()

        played(scene, Streams(Watch(watch.path, b"ours"), 5))

    def test_a_token_in_the_address_is_nobodys_business(self, watch: Watch, capfd: pytest.CaptureFixture[str]) -> None:
        async def scene(served: Served) -> None:
            await (await served.listen(query="?token=s3cret")).block()
            await served.answer("GET", f"/nothing{PATH}?token=s3cret")

        played(scene, Streams(watch, 5))
        assert "s3cret" not in "".join(capfd.readouterr())


class TestKeeping:
    """With the clock running; what a change is, tests/test_refetch.py says."""

    def test_signs_of_life(self, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "BEAT_EVERY", 0.01)

        async def scene(served: Served) -> None:
            listener = await served.listen()
            keeping = asyncio.create_task(served.streams.keep())
            said = [await listener.block() for _ in range(4)]
            assert said[-1] == ":"
            keeping.cancel()

        played(scene, Streams(watch, 5))

    def test_a_change_is_told_twice_for_those_who_asked_a_host_that_had_not_heard(
        self, watch: Watch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, seconds in (("SETTLES", 0.05), ("AGAIN_AFTER", 0.15), ("BEAT_EVERY", 0.5)):
            monkeypatch.setattr(module, name, seconds)

        async def scene(served: Served) -> None:
            listener, heard = await served.listen(), ""
            await listener.block()
            write_at_once(watch.path, facts_of.to_bytes(given.facts(given.section(name="Bank details"))))
            keeping = asyncio.create_task(served.streams.keep())
            while ":" not in heard.splitlines():
                heard += await listener.block() + "\n"
            assert heard.count("refetchEvaluation") == 2
            keeping.cancel()

        played(scene, Streams(watch, 5))

    def test_changes_that_do_not_end_are_told_all_the_same(self, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "SETTLES", 0.05)

        async def scene(served: Served) -> None:
            listener, revisions = await served.listen(), count(2)
            await listener.block()
            tasks = [asyncio.create_task(each) for each in (served.streams.keep(), listener.block())]
            while not tasks[1].done():
                revision = next(revisions)
                section = given.section(name=f"Bank details {revision}")
                write_at_once(watch.path, facts_of.to_bytes(given.facts(section, revision=revision)))
                await asyncio.sleep(0.01)
            assert "refetchEvaluation" in tasks[1].result()
            tasks[0].cancel()

        played(scene, Streams(watch, 5))


class TestLimits:
    def test_beyond_the_cap_clients_are_told_to_poll(self, watch: Watch) -> None:
        async def scene(served: Served) -> None:
            first = await served.listen()
            await served.listen()
            status, headers, body = await served.answer("GET", PATH)
            assert (status, headers["retry-after"], headers["access-control-allow-origin"]) == (503, "60", "*")
            assert json.loads(body)["errorCode"] == "GENERAL"
            assert json.loads(body)["errorDetails"].endswith("Poll instead.")
            first.writer.close()
            await until(lambda: len(served.streams.open) == 1)
            await served.listen()

        played(scene, Streams(watch, 2))

    def test_who_does_not_read_is_dropped_and_keeps_nobody_waiting(self, watch: Watch) -> None:
        async def scene(served: Served) -> None:
            with socket.socket() as deaf:
                deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
                deaf.connect(("127.0.0.1", served.port))
                deaf.sendall(f"GET {PATH} HTTP/1.1\r\n\r\n".encode())
                await until(lambda: served.streams.open)
                listener = await served.listen()
                while len(served.streams.open) == 2:
                    await served.streams.tell(b":" + b" " * 4_000 + b"\n\n")
                    await listener.block()
            assert len(served.streams.lines) == 1

        played(scene, Streams(watch, 5))

    def test_who_is_slow_to_ask_is_dropped(self, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "HEAD_WITHIN", 0.05)

        async def scene(served: Served) -> None:
            assert await (await served.ask(f"GET {PATH} HTTP/1.1\r\n")).is_dropped()

        played(scene, Streams(watch, 5))

    def test_who_goes_on_talking_is_dropped(self, watch: Watch) -> None:
        async def scene(served: Served) -> None:
            listener = await served.listen()
            listener.writer.write(b"GET / HTTP/1.1\r\n\r\n")
            assert await listener.is_dropped()

        played(scene, Streams(watch, 5))

    def test_connections_are_bounded(self, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "SPARE", 1)

        async def scene(served: Served) -> None:
            await served.listen()
            idle = await served.ask("")
            await until(lambda: len(served.streams.lines) == 2)
            assert await (await served.ask("")).is_dropped()
            idle.writer.close()
            await until(lambda: len(served.streams.lines) == 1)
            assert (await served.answer("GET", "/healthz"))[0] == 200

        played(scene, Streams(watch, 1))


class TestOtherRequests:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/healthz", 200),
            ("OPTIONS", PATH, 204),
            ("GET", "/", 404),
            ("GET", "/embed/v1/status.json", 404),
            ("POST", PATH, 405),
            ("HEAD", PATH, 405),
            ("GET", f"{PATH} HTTP/1.1\r\nX: {TOO_LARGE}", 431),
            ("get", PATH, 400),
            ("GET", "http://elsewhere.example/", 400),
            ("GET", f"{PATH} HTTP/2", 400),
            ("GET", f"{PATH} HTTP/1.1\r\nno field", 400),
        ],
    )
    def test_status(self, watch: Watch, method: str, path: str, status: int) -> None:
        async def scene(served: Served) -> None:
            found, headers, body = await served.answer(method, path)
            assert found == status
            assert (headers["access-control-allow-origin"], headers["server"]) == ("*", "Signpost")
            if status >= 400 and method != "HEAD":
                assert json.loads(body).keys() == {"errorCode", "errorDetails"}

        played(scene, Streams(watch, 5))

    def test_a_large_body_still_gets_its_answer(self, watch: Watch) -> None:
        async def scene(served: Served) -> None:
            head = f"POST {PATH} HTTP/1.1\r\nContent-Length: 500000\r\n\r\n"
            assert (await (await served.ask(head + "x" * 500_000)).whole())[0] == 405

        played(scene, Streams(watch, 5))

    def test_before_anything_was_published(self, tmp_path: Path) -> None:
        async def scene(served: Served) -> None:
            status, headers, _ = await served.answer("GET", PATH)
            assert (status, headers["retry-after"]) == (503, "2")

        played(scene, Streams(Watch(tmp_path / "facts.json", b"ours"), 5))


def test_a_head_in_pieces(watch: Watch) -> None:
    async def scene(served: Served) -> None:
        asked = await served.ask(f"GET {PATH}")
        await until(lambda: served.streams.lines)
        asked.writer.write(b" HTTP/1.1\r\n\r\n")
        assert (await asked.block()).startswith("HTTP/1.1 200 OK")

    played(scene, Streams(watch, 5))


def test_of_a_head_only_what_matters_is_kept() -> None:
    head = b"GET /ofrep/v1/events?token=x HTTP/1.1\r\nCookie: a=b\r\nlast-event-id:  3-ab \r\nX: \xc3\xa9"
    assert request_of(head) == Request("GET", PATH, "3-ab")


@pytest.mark.parametrize("head", [b"", b"GET / HTTP/1.1\r\n: x", b"GET / HTTP/1.1\r\n folded", b"GET /\x00 HTTP/1.1"])
def test_what_is_no_head(head: bytes) -> None:
    with pytest.raises(ValueError, match="no head"):
        request_of(head)


def test_where_there_are_to_be_none_the_process_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module.leash, "hold", lambda: None)
    monkeypatch.setattr(os, "environ", {"INSTANCE": str(tmp_path), "EVENTS_LISTEN": "off"})
    with pytest.raises(SystemExit, match="EVENTS_LISTEN is off"):
        module.main()


def test_a_head_full_of_spaces_holds_nobody_up() -> None:
    began = process_time()
    with pytest.raises(ValueError, match="no head"):
        request_of(b"GET / HTTP/1.1\r\nA:" + b" " * 8_000 + b"\x01")
    assert process_time() - began < 0.1
