"""A small load generator: keep-alive sockets in one thread, each answer checked whole."""

from __future__ import annotations

import hashlib
import os
import select
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to ask for, and the right answer: status, and the SHA-256 of its body. ``sent`` is what is posted."""

    path: str
    headers: tuple[tuple[str, str], ...]
    status: int
    body_hash: str
    sent: bytes = b""

    def request(self, port: int) -> bytes:
        how, length = ("POST", [("Content-Length", str(len(self.sent)))]) if self.sent else ("GET", [])
        told = [f"{a}: {b}" for a, b in (*self.headers, *length)]
        lines = [f"{how} {self.path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *told]
        return "\r\n".join([*lines, "", ""]).encode() + self.sent


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class WrongAnswer(AssertionError):
    pass


def ask(port: int, path: str, headers: Iterable[tuple[str, str]] = (), sent: bytes = b"") -> Answer:
    """One request on a socket of its own."""
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(Wanted(path, (*headers, ("Connection", "close")), 0, "", sent).request(port))
        data = b""
        while piece := line.recv(65536):
            data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    return Answer(int(first.split()[1]), {k.lower(): v for k, _, v in (line.partition(": ") for line in rest)}, body)


def load(port: int, wanted: Wanted, seconds: float, connections: int = 16) -> int:
    """How many right answers came in that time. Raises WrongAnswer at the first other one."""
    request = wanted.request(port)
    lines = {(line := socket.create_connection(("127.0.0.1", port), 5)).fileno(): line for _ in range(connections)}
    for line in lines.values():
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    poller = select.epoll()
    waiting = dict.fromkeys(lines, b"")
    for number, line in lines.items():
        poller.register(number, select.EPOLLIN)
        line.sendall(request)
    length = _first_answers(list(lines.values()), request, wanted)
    count, end = connections, time.perf_counter() + seconds
    while time.perf_counter() < end:
        for number, _ in poller.poll(0.1):
            data = waiting[number] + lines[number].recv(1 << 20)
            if len(data) < length:
                waiting[number] = data
                continue
            _check(data, wanted)
            waiting[number] = b""
            count += 1
            lines[number].send(request)
    for line in lines.values():
        line.close()
    return count


def paced(port: int, wanted: Wanted, seconds: float, rate: int) -> list[float]:
    """Seconds from when each request was due to when its answer was whole, at so many requests a second."""
    request, taken = wanted.request(port), []
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began = time.perf_counter()
        for number in range(int(seconds * rate)):
            due = began + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            line.sendall(request)
            data = b""
            while not _is_whole(data):
                data += line.recv(1 << 20)
            taken.append(time.perf_counter() - due)
            _check(data, wanted)
    return taken


def tabs(port: int, wanted: Sequence[Wanted], every: float, seconds: float) -> list[float]:
    """Seconds from when each request was due to when its answer was whole. One connection for each that is wanted, by
    which it is asked for again and again, all of them evenly apart."""
    lines = [socket.create_connection(("127.0.0.1", port), 5) for _ in wanted]
    requests, waiting, taken = [one.request(port) for one in wanted], [b""] * len(lines), []
    asked_at = [0.0] * len(lines)
    poller, places = select.epoll(), {line.fileno(): place for place, line in enumerate(lines)}
    for line in lines:
        poller.register(line.fileno(), select.EPOLLIN)
    began, number, apart = time.perf_counter(), 0, every / len(lines)
    while len(taken) < int(seconds / apart):
        due = began + number * apart
        if number < int(seconds / apart) and due <= time.perf_counter():
            place, number = number % len(lines), number + 1
            assert not waiting[place], "its last answer is not whole yet"
            asked_at[place] = due
            lines[place].sendall(requests[place])
            continue
        for found, _ in poller.poll(max(0.0, due - time.perf_counter()) if number < int(seconds / apart) else 1):
            place = places[found]
            waiting[place] += lines[place].recv(1 << 20)
            if _is_whole(waiting[place]):
                taken.append(time.perf_counter() - asked_at[place])
                _check(waiting[place], wanted[place])
                waiting[place] = b""
    for line in lines:
        line.close()
    return taken


def _first_answers(lines: list[socket.socket], request: bytes, wanted: Wanted) -> int:
    """Reads the first answer of each line, and asks again; how long a whole answer is."""
    length = 0
    for line in lines:
        data = b""
        while not _is_whole(data):
            data += line.recv(1 << 20)
        _check(data, wanted)
        length = len(data)
        line.send(request)
    return length


def _is_whole(data: bytes) -> bool:
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return False
    if b" 304 " in head[:16]:
        return True
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return len(body) >= int(length.partition(b":")[2])


def _check(data: bytes, wanted: Wanted) -> None:
    head, _, body = data.partition(b"\r\n\r\n")
    if int(head[9:12]) != wanted.status or hashlib.sha256(body).hexdigest() != wanted.body_hash:
        raise WrongAnswer(f"{wanted.path}: {data[:200]!r}")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all below it."""
    spent = 0.0
    for one in family(pid):
        words = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        spent += (int(words[11]) + int(words[12])) / _TICK
    return spent


def family(pid: int) -> list[int]:
    """A process and all below it."""
    children: dict[int, list[int]] = {}
    for found in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(found.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(found.parent.name))
    members = [pid]
    for member in members:
        members += children.get(member, [])
    return members
