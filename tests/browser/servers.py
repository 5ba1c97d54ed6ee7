"""Loopback servers for browser tests: the app as it is served, and websites that a test makes up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        pass

    def send_response(self, code: int, message: str | None = None) -> None:
        """Without a Date of its own, so that a website may live in another time."""
        self.send_response_only(code, message)


@contextmanager
def serving(wsgi: Any, port: int = 0) -> Iterator[str]:
    """Serve on a loopback port, each request in a thread, until the block ends."""
    server = make_server("127.0.0.1", port, wsgi, threaded=True, request_handler=_Silent)
    server.daemon_threads = True  # type: ignore[attr-defined]
    server.block_on_close = False  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


@dataclass(slots=True)
class Reply:
    """What is answered. ``hang`` holds the answer back until the server ends."""

    body: bytes | str = b""
    status: str = "200 OK"
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False


class Host:
    """A website of a test's own making: ``site.pages["/"] = "<h1>Pay</h1>"``. What was asked for is in ``asked``."""

    def __init__(self) -> None:
        self.pages: dict[str, Reply | str | Callable[[], Reply]] = {}
        self.asked: list[str] = []
        self.url = ""
        self._ending = threading.Event()
        self._served = serving(self._answer)

    def __enter__(self) -> Host:
        self.url = self._served.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._served.__exit__(None, None, None)

    def times(self, path: str) -> int:
        """How often a path was asked for."""
        return self.asked.count(path)

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        found = self.pages.get(path)
        reply = Reply(status="404 Not Found") if found is None else found() if callable(found) else found
        if isinstance(reply, str):
            reply = Reply(reply)
        if reply.hang:
            self._ending.wait(30)
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body)), **reply.headers}
        start(reply.status, list(headers.items()))
        return [body]
