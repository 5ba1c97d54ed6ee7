"""The banner and the page against nginx on the same bytes, and how the banner grows. ``python bench/read_path.py``.

Requests per CPU-second of the server's processes, rounds interleaved, every answer checked.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import shutil
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).resolve().parent))

import serving
from budget import verdict, within
from load import Wanted, ask, cpu_seconds, load, paced

BANNER, PAGE = "/embed/v1/status.json", "/"


@dataclass(slots=True)
class Candidate:
    """One server answering one question, and what each round came to (requests per CPU-second)."""

    name: str
    port: int
    pid: int
    wanted: Wanted
    rounds: list[float] = field(default_factory=list)

    def run(self, seconds: float) -> float:
        before = cpu_seconds(self.pid)
        count = load(self.port, self.wanted, seconds)
        return count / max(0.01, cpu_seconds(self.pid) - before)


def wanted(port: int, path: str, unchanged: bool) -> Wanted:
    """The right answer, as the server itself gives it once."""
    headers = (("Accept-Encoding", serving.encoding()),)
    first = ask(port, path, headers)
    assert first.status == 200, first
    assert first.headers.get("content-encoding") == serving.encoding(), first.headers
    if not unchanged:
        return Wanted(path, headers, 200, hashlib.sha256(first.body).hexdigest())
    return Wanted(path, (*headers, ("If-None-Match", first.headers["etag"])), 304, hashlib.sha256(b"").hexdigest())


def interleave(candidates: list[Candidate], rounds: int, seconds: float) -> None:
    for candidate in candidates:
        candidate.run(min(1.0, seconds))  # to warm up
    for _ in range(rounds):
        for candidate in candidates:
            candidate.rounds.append(candidate.run(seconds))


def at_an_even_pace(ours: Candidate, theirs: Candidate, rounds: int, seconds: float) -> tuple[Candidate, Candidate]:
    """The same two servers at 200 requests a second; what each round came to: the p99 in milliseconds."""
    pair = replace(ours, rounds=[]), replace(theirs, rounds=[])
    for _ in range(rounds):
        for candidate in pair:
            taken = paced(candidate.port, candidate.wanted, seconds, rate=200)
            candidate.rounds.append(quantiles(taken, n=100, method="inclusive")[98] * 1000)
    return pair


def table(name: str, one: Candidate, other: Candidate, form: str = ",.0f", **budget: float) -> None:
    ratios = [a / b for a, b in zip(one.rounds, other.rounds, strict=True)]
    print(
        f"{name:<34}{median(one.rounds):>9{form}}{median(other.rounds):>10{form}}{median(ratios):>8.2f}"
        f"   {min(ratios):.2f}-{max(ratios):.2f}   {within(median(ratios), **budget)}",
        flush=True,
    )


def against_nginx(folder: Path, rounds: int, seconds: float) -> None:
    if not shutil.which("nginx"):
        print(serving.NO_NGINX)
        return
    serving.filled(folder / "instance", sections=10, ended=10)
    (folder / "nginx").mkdir()
    with (
        serving.signpost(folder / "instance") as (port, pid),
        serving.nginx(folder / "instance" / "published", folder / "nginx") as (nginx_port, nginx_pid),
    ):
        asked = [(path, unchanged) for path in (BANNER, PAGE) for unchanged in (False, True)]
        ours = [Candidate("signpost", port, pid, wanted(port, *question)) for question in asked]
        theirs = [Candidate("nginx", nginx_port, nginx_pid, wanted(nginx_port, *question)) for question in asked]
        for mine, other in zip(ours, theirs, strict=True):
            assert mine.wanted.body_hash == other.wanted.body_hash, "nginx does not serve the same bytes"
        interleave([one for pair in zip(ours, theirs, strict=True) for one in pair], rounds, seconds)
        slowest = at_an_even_pace(ours[0], theirs[0], rounds, seconds)
    print(f"requests per CPU-second{'':<11}{'signpost':>9}{'nginx':>10}{'ratio':>8}   range       budget")
    for (path, unchanged), mine, other in zip(asked, ours, theirs, strict=True):
        name = f"{'banner' if path == BANNER else 'page'}, {'304' if unchanged else 'full answer'}"
        table(name, mine, other, least=0.4 if unchanged else 0.5)
    print(f"\nmilliseconds, 200 requests/s{'':<6}{'signpost':>9}{'nginx':>10}{'ratio':>8}   range       budget")
    table("banner, p99", *slowest, ".2f", most=2)


def growth(folder: Path, rounds: int, seconds: float) -> None:
    sizes = [(10, 10, 0), (1_000, 10, 0), (10, 100_000, 0), (10, 10, 1_000), (10, 10, 10_000)]
    with contextlib.ExitStack() as servers:
        candidates = []
        for number, size in enumerate(sizes):
            serving.filled(folder / str(number), *size)
            port, pid = servers.enter_context(serving.signpost(folder / str(number)))
            candidates.append(Candidate("", port, pid, wanted(port, BANNER, False)))
        interleave(candidates, rounds, seconds)
    print(f"\nrequests per CPU-second{'':<11}{'larger':>9}{'smaller':>10}{'ratio':>8}   range       budget")
    small, sections, ended, windows, more = candidates
    table("banner, 1,000 sections and 10", sections, small, least=0.9)
    table("banner, 100,000 ended and 10", ended, small, least=0.9)
    table("banner, 10,000 windows and 1,000", more, windows, least=0.9)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--seconds", type=float, default=3.0)
    words.add_argument("--only", choices=["nginx", "growth"])
    given = words.parse_args()
    for name, deed in (("nginx", against_nginx), ("growth", growth)):
        if given.only in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                deed(Path(folder), given.rounds, given.seconds)
    return verdict()


if __name__ == "__main__":
    raise SystemExit(main())
