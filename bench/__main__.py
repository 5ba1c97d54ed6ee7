"""Every measurement, one after another: ``python bench``, or some of them by name: ``python bench publish tree``.

Ends with 1 if any misses its budget.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ALL = ("read_path", "publish", "history", "delays", "streams", "flags", "tree", "poll", "fan_out")


def main() -> int:
    chosen = sys.argv[1:] or ALL
    ended = []
    for name in chosen:
        if name not in ALL:
            print(f"There is no measurement called {name}; there are {', '.join(ALL)}.")
            return 2
        print(f"\n=== {name}, {time.strftime('%H:%M')}", flush=True)
        ended.append(subprocess.run([sys.executable, str(HERE / f"{name}.py")], check=False).returncode)
    return int(any(ended))


if __name__ == "__main__":
    raise SystemExit(main())
