"""The web process: granian in front of ``wsgi:app``, as the settings say. Any other WSGI server would do."""

from __future__ import annotations

import os

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from dashboard import config, leash, open_files

HEADERS_WITHIN = 10_000  # milliseconds a caller may take to send the headers
CONNECTIONS = 16_384  # open at a time, in each process; more wait to be accepted
LARGEST_HEAD = 65_536  # bytes of a request's first line and headers
STOPS_WITHIN = 2  # seconds that open requests are given when the server is told to stop


def main() -> None:
    leash.hold()
    open_files.allow(CONNECTIONS + 1_024)
    settings = config.from_environment(os.environ)
    host, port = settings.listen
    Server(
        "wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN, max_buffer_size=LARGEST_HEAD),
        websockets=False,
        workers=settings.web_workers,
        backlog=4_096,
        backpressure=CONNECTIONS,
        blocking_threads=settings.web_threads,
        respawn_failed_workers=True,
        workers_kill_timeout=STOPS_WITHIN,
        working_dir=config.ROOT,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main()
