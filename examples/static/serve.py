"""Serves the page beside it: ``python3 examples/static/serve.py``. Any web server would do."""

from __future__ import annotations

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = (Path(__file__).parent / "index.html").read_text(encoding="utf-8")
DEMO = "http://127.0.0.1:8000"  # as the page has it
SIGNPOST, PORT = os.environ.get("SIGNPOST_URL", DEMO), int(os.environ.get("PORT", "5010"))


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = PAGE.replace(DEMO, SIGNPOST).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    print(f"http://127.0.0.1:{PORT}/  with Signpost at {SIGNPOST}", flush=True)
    ThreadingHTTPServer(("127.0.0.1", PORT), Page).serve_forever()
