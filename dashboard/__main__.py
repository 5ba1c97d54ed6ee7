"""The command ``signpost``. ``serve`` goes past Flask: what looks after the processes stays small."""

from __future__ import annotations

import sys


def main() -> None:
    if sys.argv[1:] == ["serve"]:
        from dashboard import serve

        serve.main()
    elif sys.argv[1:] == ["demo"]:
        from dashboard.demo import serve as demo

        demo.main()
    else:
        from dashboard import cli

        cli.main()


if __name__ == "__main__":
    main()
