"""The whole tree, as `signpost serve` starts it: how soon it answers, and its memory. ``python bench/tree.py``.

Memory is the proportional share (PSS), so that what processes share counts once.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent))

import serving
from budget import verdict, within
from load import ask, family

REST = 15  # seconds after which it is at rest


def start(instance: Path, port: int) -> subprocess.Popen[bytes]:
    environ = {**os.environ, "INSTANCE": str(instance), "LISTEN": f"127.0.0.1:{port}"}
    environ["EVENTS_LISTEN"] = f"127.0.0.1:{serving.free_port()}"
    environ["PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-P", "-m", "dashboard", "serve"]
    return subprocess.Popen(command, cwd=serving.ROOT, env=environ, stdout=subprocess.DEVNULL)


def until_up(port: int, seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        with contextlib.suppress(OSError, ValueError):
            if ask(port, "/").status == 200:
                return
        time.sleep(0.01)
    raise TimeoutError("it did not come up")


def shares(pid: int) -> dict[str, float]:
    """Megabytes of each process of the tree, by what it runs."""
    found: dict[str, float] = {}
    for member in family(pid):
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{member}/smaps_rollup").read_text()
            words = Path(f"/proc/{member}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            pss = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
            name = next(
                (name for name in ("valkey", "web", "streams", "worker", "schedule", "serve") if name in words),
                words[-20:],
            )
            found[name] = found.get(name, 0) + pss / 1024
    return found


def end(tree: subprocess.Popen[bytes]) -> None:
    tree.send_signal(signal.SIGTERM)
    tree.wait(15)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        times = []
        for number in range(4):
            port, begun = serving.free_port(), time.monotonic()
            tree = start(Path(folder) / "instance", port)
            try:
                until_up(port)
                times.append(time.monotonic() - begun)
                if number == 3:
                    time.sleep(REST)
                    found = shares(tree.pid)
            finally:
                end(tree)
        print(f"start to the first page, new instance:  {times[0]:.2f} s")
        again, memory = median(times[1:]), sum(found.values())
        print(f"start to the first page, again:         {again:.2f} s   budget {within(again, 1.5)}")
        each = ", ".join(f"{name} {size:.0f}" for name, size in sorted(found.items(), key=lambda pair: -pair[1]))
        print(f"memory of the tree at rest:             {memory:.0f} MB   budget {within(memory, 220)}   ({each})")
    return verdict()


if __name__ == "__main__":
    raise SystemExit(main())
