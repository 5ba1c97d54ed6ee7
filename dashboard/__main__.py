"""The command ``signpost``. ``serve`` goes past Flask: what looks after the processes stays small."""

from __future__ import annotations

import sys


def main() -> None:
    if sys.argv[1:] == ["serve"]:
        from dashboard.serve import main as command
    elif sys.argv[1:] == ["demo"]:
        from dashboard.demo.serve import main as command
    else:
        from dashboard.cli import main as command
    command()


if __name__ == "__main__":
    main()
