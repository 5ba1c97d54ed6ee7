"""One update to 100,000 followers, and 10,000 webhooks to a sink on this machine. ``python bench/fan_out.py [N] [N]``.

With DATABASE_URL it is measured on that PostgreSQL database, which is emptied.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles
from typing import ClassVar

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from budget import verdict, within  # noqa: E402

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
TOM = {"email": "tom@larkfield.example", "password": "a password for the bench"}
SPAWN = multiprocessing.get_context("spawn")


class Sink(asyncio.Protocol):
    """Answers at once, and remembers the ids."""

    ids: ClassVar[Counter[bytes]] = Counter()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.got = transport, b""

    def data_received(self, data: bytes) -> None:
        self.got += data
        head, found, body = self.got.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE) if found else None
        if length and len(body) >= int(length[1]):
            id = re.search(rb"webhook-id: (\S+)", head, re.IGNORECASE)
            self.ids[id[1] if id else b""] += 1
            self.got = body[int(length[1]) :]
            self.transport.write(self.answer)  # type: ignore[attr-defined]


def sink(line: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
        line.send(server.sockets[0].getsockname()[1])
        while (word := await asyncio.to_thread(line.recv)) != "end":
            line.send((len(Sink.ids), sum(Sink.ids.values())))
            if word == "forget":
                Sink.ids.clear()

    asyncio.run(serve())


def settings(folder: Path, port: int):  # type: ignore[no-untyped-def]
    from dashboard import config

    return config.from_environment(
        {
            "INSTANCE": str(folder),
            "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
            "WEBHOOK_ALLOWED": f"127.0.0.1:{port}",
        }
    )


@contextmanager
def app(folder: Path, port: int) -> Iterator[None]:
    from dashboard.app import bare

    with bare(settings(folder, port)).app_context():
        yield


def fill(folder: Path, port: int, count: int, channel: str) -> None:
    """So many followers of everything, and one update to tell them."""
    import msgspec
    import sqlalchemy as sa

    from dashboard.channels.message import Link, Message
    from dashboard.clock import now
    from dashboard.db import begin_writing, db
    from dashboard.models import Delivery, Follower, Notification

    with app(folder, port):
        at = now()
        begin_writing()
        for table in (Delivery, Notification, Follower):
            db.session.execute(sa.delete(table))
        url = f"http://127.0.0.1:{port}/hook/"
        given = {"channel": channel, "everything": True, "is_staff": False, "problems": True, "planned": True}
        given |= {"asked_at": at, "confirmed_at": at, "created_at": at, "salt": "salt", "secret": SECRET}
        where = f"{url}{{}}" if channel == "webhook" else "{}@larkfield.example"
        rows = ({**given, "address": where.format(number)} for number in range(count))
        for chunk in iter(lambda: list(islice(rows, 5_000)), []):
            db.session.execute(sa.insert(Follower), chunk)
        message = Message(
            kind="incident.update",
            thing="incident-1",
            look="partial",
            title="Payments are not going through",
            lines=("We found the cause.", "Until then pay by phone."),
            link=Link("More", "http://status.example.org/incidents/1"),
            at=at,
        )
        words = {"kind": message.kind, "thing": message.thing, "audience": "public", "made_at": at, "due_at": at}
        plain = msgspec.to_builtins(message)
        db.session.add(Notification(key="bench", state="sending", reach={}, message=plain, **words))
        db.session.commit()
        if db.engine.dialect.name == "postgresql":
            db.session.execute(sa.text("ANALYZE"))
            db.session.commit()


def expand(folder: Path, port: int, line: Connection) -> None:
    """In a process of its own, whose memory is looked at: everybody gets a delivery; some are taken, now and then."""
    from dashboard.actions import delivering
    from dashboard.clock import now

    with app(folder, port):
        delivering.expand(now(), lambda channel, address: channel)
        before, start = peak(), time.perf_counter()
        while delivering.expand(now(), lambda channel, address: channel):
            pass
        seconds, grown = time.perf_counter() - start, peak() - before
        times = []
        for without in ((), ("email",), (), ("email",)):
            start = time.perf_counter()
            delivering.claim(now(), 400, without)
            times.append(time.perf_counter() - start)
        line.send((seconds, grown, min(times[::2]), min(times[1::2])))


def send(folder: Path, port: int, line: Connection) -> None:
    """What a worker's job does, turn after turn."""
    from flask import current_app

    from dashboard import due, outbox
    from dashboard.channels import CHANNELS, open_lines
    from dashboard.clock import now

    with app(folder, port):
        post = outbox.Post(CHANNELS, open_lines, settings(folder, port), current_app.config["SECRET_KEY"])
        line.send("ready")
        line.recv()
        number, before = 0, peak()
        while due.anything(now()):
            number += outbox.turn(post, outbox.Around(now))
        line.send((number, time.process_time(), peak() - before))


def peak() -> float:
    """Of this program: what getrusage tells begins with that of the process it was forked from."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def apart(deed, *words):  # type: ignore[no-untyped-def]
    """Run it in a process of its own; the end of a pipe to it."""
    here, there = multiprocessing.Pipe()
    process = SPAWN.Process(target=deed, args=(*words, there), daemon=True)
    process.start()
    return process, here


def rows(folder: Path, port: int, count: int) -> None:
    fill(folder, port, count, "email")
    process, line = apart(expand, folder, port)
    seconds, grown, quick, blocked = line.recv()
    process.join()
    print(f"{count:,} followers: rows in {seconds:.1f} s {within(seconds, 10)}, +{grown:.0f} MB {within(grown, 100)}")
    process, line = apart(posts, folder, port)
    line.recv()
    line.send("go")
    slowest = line.recv()
    print(f"{'':18}the POST of an update: p95 {slowest:.0f} ms {within(slowest, 300)}")
    process.join()
    print(f"{'':18}of these 400 are taken in {quick * 1000:.0f} ms, none beside a full lane in {blocked * 1000:.0f} ms")


class Hidden(HTMLParser):
    """What the form of a page that posts to ``action`` holds already, by name."""

    def __init__(self, text: str, action: str) -> None:
        super().__init__()
        self.action, self.is_in, self.fields = action, False, dict[str, str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.is_in = given.get("action", "").endswith(self.action)
        elif tag == "input" and self.is_in and given.get("type") == "hidden":
            self.fields[given["name"]] = given.get("value", "")


def posts(folder: Path, port: int, line: Connection) -> None:
    """Tom says more of an incident, again and again; so many follow that it would take seconds to write it to all."""
    from dashboard import create_app

    client, times = create_app(settings(folder, port)).test_client(), []
    sign_in = Hidden(client.get("/admin/sign-in").text, "").fields
    assert client.post("/admin/sign-in", data={**sign_in, **TOM}).status_code == 303
    line.send("ready")
    line.recv()
    for number in range(40):
        held = Hidden(client.get("/admin/incidents/1").text, "/updates").fields
        form = {**held, "stage": "identified", "body": f"We found cause {number}. You cannot pay.", "tells": "y"}
        start = time.perf_counter()
        answer = client.post("/admin/incidents/1/updates", data=form)
        times.append(time.perf_counter() - start)
        assert answer.status_code == 303, answer.text
    line.send(1000 * quantiles(times, n=20)[-1])


def webhooks(folder: Path, port: int, count: int, workers: int, told: Connection) -> float:
    told.send("forget")
    told.recv()
    fill(folder, port, count, "webhook")
    made = [apart(send, folder, port) for _ in range(workers)]
    for _, line in made:
        line.recv()
    start = time.perf_counter()
    for _, line in made:
        line.send("go")
    ended = [line.recv() for _, line in made]
    seconds = time.perf_counter() - start
    told.send("count")
    different, all_of_them = told.recv()
    busy, grown = sum(one[1] for one in ended), max(one[2] for one in ended)
    lost = count - different
    twice = all_of_them - different
    said = f"{count / seconds:,.0f} a second, {busy:.1f} s of CPU, +{grown:.0f} MB {within(grown, 100)}"
    said = f"{said}; lost {lost} {within(lost, 0)}, twice {twice} {within(twice, 0)}"
    print(f"{count:,} webhooks, {workers} at work: {seconds:.1f} s {within(seconds, 15)}, {said}")
    return seconds


def meanwhile(folder: Path, port: int, count: int) -> None:
    """Who writes while others are told waits for nobody."""
    fill(folder, port, count, "webhook")
    made = [apart(send, folder, port), apart(posts, folder, port)]
    for _, line in made:
        line.recv()
    for _, line in made:
        line.send("go")
    (worker, sending), (writer, posting) = made
    slowest, was_sending = posting.recv(), not sending.poll()
    during = "while they leave" if was_sending else "THEY HAD LEFT BEFORE"
    print(f"{'':18}the POST of an update {during}: p95 {slowest:.0f} ms {within(slowest, 300)}")
    sending.recv()
    for process in (worker, writer):
        process.join()


def main() -> int:
    followers, hooks = [int(word) for word in sys.argv[1:]] or (100_000, 10_000)
    receiver, told = apart(sink)
    port = told.recv()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, port)
        rows(folder, port, followers)
        one, two = (webhooks(folder, port, hooks, workers, told) for workers in (1, 2))
        print(f"{'':18}two need {two / one:.2f} of the time of one {within(two / one, 1)}")
        meanwhile(folder, port, hooks)
    told.send("end")
    receiver.join(5)
    return verdict()


def make(folder: Path, port: int) -> None:
    """An empty database, Tom, and the incident of which he writes."""
    from dashboard import create_app, schema
    from dashboard.actions import incidents, people
    from dashboard.actions.incident_parts import Details, Said
    from dashboard.actions.writing import SIGNPOST
    from dashboard.clock import now
    from dashboard.passwords import hashed
    from dashboard.rules.incident import Stage

    with create_app(settings(folder, port)).app_context():
        schema.upgrade()
        at, roles = now(), frozenset({"delivery_manager"})
        people.add("Tom Reed", TOM["email"], hashed(TOM["password"]), roles, SIGNPOST, at)
        said = Said(Stage.INVESTIGATING, "You cannot pay.", {})
        incidents.declare(Details("Payments are not going through"), said, (), "bench", at, SIGNPOST, at)


if __name__ == "__main__":
    raise SystemExit(main())
