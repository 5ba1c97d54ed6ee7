"""A PagerDuty for demonstrations and tests: real HTTP on the loopback, polite, with windows and services to set."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Record = dict[str, Any]
Query = dict[str, list[str]]


@dataclass(slots=True)
class Answer:
    """What is sent. ``deliver`` sends it in another way than at once."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    deliver: Callable[[BaseHTTPRequestHandler, Answer], None] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came in."""

    path: str
    query: Query
    key: str


def said(body: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(body).encode())


def error(status: int, message: str, code: int, *errors: str) -> Answer:
    return said({"error": {"message": message, "code": code, "errors": list(errors)}}, status)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is no news; anything else is told as usual."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Double:
    """``with Double(clock) as double: double.add_service("P0AAAA1", "Ledger")``. ``asked`` keeps what was asked."""

    def __init__(self, clock: Callable[[], datetime], key: str = "demo-key", port: int = 0) -> None:
        self.clock = clock
        self.key = key
        self.services: dict[str, str] = {}
        self.windows: dict[str, Record] = {}
        self.asked: list[Asked] = []
        self.scheme = "http"
        self._server = _Server(("127.0.0.1", port), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def add_service(self, id: str, name: str) -> None:
        self.services[id] = name

    def add_window(self, id: str, start: datetime, end: datetime, *services: str, description: str | None = "") -> None:
        self.windows[id] = {
            "id": id,
            "type": "maintenance_window",
            "summary": description or "",
            "self": f"https://api.pagerduty.com/maintenance_windows/{id}",
            "html_url": f"https://larkfield.pagerduty.example/maintenance-windows/{id}",
            "start_time": start.isoformat(),
            "end_time": end.isoformat(),
            "description": description,
            "services": [self._reference(service) for service in services],
            "teams": [],
        }

    def answer(self, asked: Asked) -> Answer:
        """Everything that this PagerDuty knows how to say."""
        if asked.key != f"Token token={self.key}":
            return error(401, "Unauthorized", 2006)
        noun, _, id = asked.path.strip("/").partition("/")
        if noun == "services":
            return self._service(id) if id else self._services(asked.query)
        if noun == "maintenance_windows":
            return self._window(id) if id else self._windows(asked.query)
        return error(404, "Not Found", 2100)

    def is_open(self, window: Record) -> bool:
        """A window whose end is no time is never over."""
        try:
            return datetime.fromisoformat(window["end_time"]) > self.clock()
        except (KeyError, ValueError, TypeError):
            return True

    def _windows(self, query: Query) -> Answer:
        wanted = set(query.get("service_ids[]", self.services))
        unknown = sorted(wanted - self.services.keys())
        if unknown:
            return error(400, "Invalid Input Provided", 2001, *(f"Service not found: {id}" for id in unknown))
        windows = [w for w in self.windows.values() if wanted & {service["id"] for service in w["services"]}]
        if query.get("filter") == ["open"]:
            windows = [window for window in windows if self.is_open(window)]
        return self._page("maintenance_windows", windows, query)

    def _window(self, id: str) -> Answer:
        found = self.windows.get(id)
        return said({"maintenance_window": found}) if found else error(404, "Not Found", 2100)

    def _services(self, query: Query) -> Answer:
        part = query.get("query", [""])[0].lower()
        found = [self._reference(id) for id, name in self.services.items() if part in name.lower()]
        return self._page("services", found, query)

    def _service(self, id: str) -> Answer:
        return said({"service": self._reference(id)}) if id in self.services else error(404, "Not Found", 2100)

    def _page(self, name: str, records: list[Record], query: Query) -> Answer:
        limit, offset = int(query.get("limit", ["25"])[0]), int(query.get("offset", ["0"])[0])
        if offset + limit > 10_000 or limit > 100:
            return error(400, "Invalid Input Provided", 2001, "Offset plus limit may not exceed 10000")
        page = records[offset : offset + limit]
        more = offset + limit < len(records)
        return said({name: page, "limit": limit, "offset": offset, "more": more, "total": None})

    def _reference(self, id: str) -> Record:
        name = self.services.get(id, id)
        return {"id": id, "type": "service_reference", "summary": name, "name": name, "html_url": None}


def _handler_of(double: Double) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = Asked(parts.path, parse_qs(parts.query), self.headers.get("Authorization", ""))
            double.asked.append(asked)
            answer = double.answer(asked)
            (answer.deliver or send)(self, answer)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(double.clock(), usegmt=True)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    return Handler


def send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    send_head(handler, answer)
    handler.wfile.write(answer.body)


def send_head(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    handler.send_response(answer.status)
    for name, value in {
        "Content-Type": "application/json",
        "Content-Length": str(len(answer.body)),
        **answer.headers,
    }.items():
        handler.send_header(name, value)
    handler.end_headers()
