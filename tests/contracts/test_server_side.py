"""The examples of ``examples/server-side`` as they are, each on its real server: the page is whole whatever happens to
the status host."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from dashboard.config import ROOT
from dashboard.documents import HTML, SHORT
from dashboard.editions import edition_at
from tests import given
from tests.browser.servers import Host, Reply
from tests.faults.running import free_port, wait_for
from tests.rules.given import at

EXAMPLES = ROOT / "examples" / "server-side"
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
PHP = shutil.which("php")
PATH = "/embed/v1/sections/direct_deposit.html"
DOWN = given.outage("14:10-18:00", message="You cannot <b>pay</b>.")
NOTICE, FORM, REST = "Direct deposit is unavailable", 'name="account"', "Everything else on the page."
AROUND = """pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    {site}
}}
"""


def told(*of: Any) -> Reply:
    """What Signpost says of some facts; to be kept for a second, not for ten."""
    answer = edition_at(given.facts(*of), at("14:30")).answer(PATH)
    assert answer is not None
    cache = SHORT.replace("max-age=10", "max-age=1")
    return Reply(answer.variants[""].body, headers={"Content-Type": HTML, "Cache-Control": cache})


@contextmanager
def running(words: list[str], port: int, environ: dict[str, str]) -> Iterator[str]:
    """A server on a loopback port, until the block ends."""
    process = subprocess.Popen(
        words, env={**os.environ, **environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: process.poll() is None and _answers(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Website:
    """One that follows an example. ``later`` lets so much time pass that its copy is no longer new."""

    def __init__(self, port: int, later: Callable[[], None]) -> None:
        self.port, self.later = port, later
        self.seconds = 0.0

    def page(self) -> str:
        """What a reader gets, which took ``seconds``."""
        begun = time.monotonic()
        line = HTTPConnection("127.0.0.1", self.port, timeout=10)
        line.request("GET", "/")
        answer = line.getresponse()
        found = answer.read().decode()
        line.close()
        self.seconds = time.monotonic() - begun
        assert answer.status == 200
        assert REST in found
        assert found.rstrip().endswith("</html>")
        return found


@contextmanager
def with_flask(status: str, folder: Path) -> Iterator[Website]:
    """FRESH is set to a second, so that nobody has to wait for fifteen."""
    shutil.copytree(EXAMPLES / "flask", folder / "flask")
    copied = folder / "flask" / "signpost.py"
    copied.write_text(copied.read_text().replace("FRESH, STALE = 15.0", "FRESH, STALE = 1.0"))
    port = free_port()
    words = [sys.executable, "-m", "flask", "--app", str(folder / "flask" / "app.py"), "run", "--port", str(port)]
    with running(words, port, {"SIGNPOST_URL": status}):
        yield Website(port, lambda: time.sleep(1.05))


@contextmanager
def with_php(status: str, folder: Path) -> Iterator[Website]:
    def later() -> None:
        for asked in folder.glob("*.asked"):
            os.utime(asked, (0, 0))

    port = free_port()
    words = [str(PHP), "-S", f"127.0.0.1:{port}", "-t", str(EXAMPLES / "php")]
    with running(words, port, {"SIGNPOST_URL": status, "SIGNPOST_KEPT": str(folder)}):
        yield Website(port, later)


@contextmanager
def with_nginx(status: str, folder: Path) -> Iterator[Website]:
    port, conf = free_port(), folder / "nginx.conf"
    site = (EXAMPLES / "nginx" / "site.conf").read_text()
    for here, there in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("/var/cache/nginx/signpost", str(folder / "kept")),
        ("root /srv/www;", f"root {EXAMPLES / 'nginx'};"),
        ("https://status.example.org", status),
    ):
        assert here in site
        site = site.replace(here, there)
    site = re.sub(r"\n *proxy_ssl_trusted_certificate .*", "", site.replace("proxy_ssl_verify on;", ""))
    conf.write_text(AROUND.format(folder=folder, site=site))
    (folder / "nginx").mkdir()
    words = [str(NGINX), "-p", str(folder), "-c", str(conf), "-g", "daemon off; master_process off;"]
    with running(words, port, {}):
        yield Website(port, lambda: time.sleep(2.05))


KINDS = [
    "flask",
    pytest.param("php", marks=pytest.mark.skipif(not PHP, reason="THERE IS NO PHP TO TRY ITS EXAMPLE ON")),
    pytest.param("nginx", marks=pytest.mark.skipif(not NGINX, reason="THERE IS NO NGINX TO TRY ITS EXAMPLE ON")),
]
Start = Callable[[str], Website]


@pytest.fixture
def status() -> Iterator[Host]:
    with Host() as site:
        site.pages[PATH] = told(DOWN)
        yield site


@pytest.fixture(params=KINDS)
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
    """Starts the website, with this address of the status host's."""
    begin = {"flask": with_flask, "php": with_php, "nginx": with_nginx}[request.param]
    with ExitStack() as stack:
        yield lambda url: stack.enter_context(begin(url, tmp_path))


def is_plain(page: str) -> bool:
    return FORM in page and "signpost" not in page and "error" not in page


def test_the_notice_stands_in_the_sections_place(start: Start, status: Host) -> None:
    page = start(status.url).page()
    assert NOTICE in page
    assert "You cannot &lt;b&gt;pay&lt;/b&gt;." in page
    assert FORM not in page


def test_what_works_is_there(start: Start, status: Host) -> None:
    status.pages[PATH] = told()
    page = start(status.url).page()
    assert FORM in page
    assert NOTICE not in page


def test_it_is_asked_once_for_many_readers_and_again_later(start: Start, status: Host) -> None:
    site = start(status.url)
    assert all(NOTICE in site.page() for _ in range(5))
    assert status.times(PATH) == 1
    status.pages[PATH] = told()
    site.later()
    wait_for(lambda: FORM in site.page())


@pytest.mark.parametrize("reply", [Reply(status="503 Service Unavailable"), Reply(hang=True)], ids=["503", "hangs"])
def test_a_copy_stands_in_for_a_host_that_died(start: Start, status: Host, reply: Reply) -> None:
    site = start(status.url)
    site.page()
    status.pages[PATH] = reply
    site.later()
    assert NOTICE in site.page()
    assert NOTICE in site.page()


NONSENSE = {
    "an error": Reply("<h1>Internal Server Error</h1>", status="500 Internal Server Error"),
    "no such section": Reply('{"error":"There is nothing here."}', status="404 Not Found"),
    "somewhere else": Reply(status="302 Found", headers={"Location": "/login"}),
    "hangs": Reply(hang=True),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_the_page_is_whole_without_the_host(start: Start, status: Host, name: str) -> None:
    status.pages[PATH] = NONSENSE[name]
    site = start(status.url)
    assert is_plain(site.page())
    assert site.seconds < 2


def test_the_page_is_whole_while_nobody_is_there(start: Start) -> None:
    site = start(f"http://127.0.0.1:{free_port()}")
    assert is_plain(site.page())


@contextmanager
def saying(data: bytes, pause: float = 0) -> Iterator[str]:
    """Something that speaks no HTTP, or so slowly that it never ends: a byte each ``pause``, for a while."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.1)
    ended = threading.Event()

    def talk() -> None:
        while not ended.is_set():
            try:
                line, _ = server.accept()
            except TimeoutError:
                continue
            try:
                line.recv(4096)
                for byte in data if pause else ():
                    line.sendall(bytes([byte]))
                    if ended.wait(pause):
                        break
                if not pause:
                    line.sendall(data)
                line.close()
            except OSError:
                pass  # who asked has gone

    thread = threading.Thread(target=talk)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}"
    ended.set()
    thread.join(5)
    server.close()


@pytest.mark.parametrize("data", [b"\0\1\2 what?\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"])
def test_the_page_is_whole_where_nobody_speaks_http(start: Start, data: bytes) -> None:
    with saying(data) as url:
        assert is_plain(start(url).page())


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("another page", b"<!doctype html><h1>Welcome to the network of the hotel</h1>"),
        ("half of it", b'<div class="signpost signpost--down"><p>Direct deposit is'),
        ("too much", b'<div class="signpost signpost--down">' + b"x" * 100_000 + b"</div>"),
        ("no text", b'<div class="signpost signpost--down">\xff\xfe'),
    ],
)
@pytest.mark.parametrize("start", KINDS[:2], indirect=True)
def test_what_is_no_notice_is_not_shown(start: Start, name: str, body: bytes) -> None:
    with saying(HEAD + body) as url:
        assert is_plain(start(url).page())


@pytest.mark.parametrize("start", KINDS[:2], indirect=True)
def test_one_that_never_ends_is_left(start: Start) -> None:
    with saying(HEAD + b"x" * 1_000, pause=0.2) as url:
        site = start(url)
        assert is_plain(site.page())
        assert site.seconds < 3
