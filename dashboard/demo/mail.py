"""The demonstration's mail server: it takes every letter at the address in SMTP_URL, keeps the latest in memory, and
shows them on a page at the address in DEMO_MAIL. None leaves this machine."""

from __future__ import annotations

import os
import re
import threading
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

from dashboard import leash

KEPT = 100  # letters
LONGEST = 1_000_000  # bytes of one
_IDLE = 60  # seconds
_LINK = re.compile(r"https?://[^\s<>\"&]+")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_PAGE = """<!doctype html><html lang="en-GB"><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width"><title>Mail of the demonstration</title>
<style>:root{{color-scheme:light dark}}body{{max-width:44rem;margin:2rem auto;padding:0 1rem;font-family:system-ui}}
pre{{white-space:pre-wrap;overflow-wrap:anywhere}}article{{border-top:1px solid;margin-top:1rem}}</style>
<main><h1>Mail of the demonstration</h1>
<p>What would have been sent, the newest first. It comes to nobody.</p>{letters}</main></html>"""
_LETTER = "<article><h2>{subject}</h2><p>To {to}</p><pre>{text}</pre></article>"

Letters = deque[EmailMessage]


class Taker(StreamRequestHandler):
    """As much of SMTP as it takes to be sent a letter."""

    timeout = _IDLE
    letters: Letters

    def handle(self) -> None:
        self.answer("220 demonstration")
        while line := self.rfile.readline(2_000):
            match line.strip().upper().split()[:1]:
                case [b"EHLO" | b"HELO"]:
                    self.answer("250-demonstration", "250 8BITMIME")
                case [b"DATA"]:
                    self.answer("354 go on")
                    self.take()
                case [b"QUIT"]:
                    return self.answer("221 bye")
                case _:
                    self.answer("250 OK")

    def take(self) -> None:
        body = b""
        while (line := self.rfile.readline(LONGEST)) not in (b".\r\n", b""):
            body = (body + line.removeprefix(b"."))[:LONGEST]
        self.letters.appendleft(message_from_bytes(body, policy=policy.default))
        self.answer("250 OK")

    def answer(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


class Shower(BaseHTTPRequestHandler):
    letters: Letters

    def do_GET(self) -> None:
        body = _PAGE.format(letters="".join(map(shown, tuple(self.letters)))).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", _POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nobody need know who looked."""


def shown(letter: EmailMessage) -> str:
    plain = letter.get_body(("plain",))
    text = escape(plain.get_content() if plain else "", quote=False)
    linked = _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', text)
    return _LETTER.format(subject=escape(str(letter["Subject"])), to=escape(str(letter["To"])), text=linked)


def main() -> None:
    leash.hold()
    Taker.letters = Shower.letters = deque(maxlen=KEPT)
    mail, page = (urlsplit(os.environ[name]).port or 0 for name in ("SMTP_URL", "DEMO_MAIL"))
    office = ThreadingTCPServer(("127.0.0.1", mail), Taker)
    office.daemon_threads = True
    threading.Thread(target=office.serve_forever, daemon=True).start()
    ThreadingHTTPServer(("127.0.0.1", page), Shower).serve_forever()


if __name__ == "__main__":
    main()
