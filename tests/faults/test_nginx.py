"""The configuration of nginx that the docs give, on a real nginx: what it serves is what Signpost would have said."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from dashboard.editions import edition_at
from dashboard.files import write_documents
from tests import given
from tests.faults.running import Running, free_port, wait_for
from tests.rules.given import at

DOCS = Path(__file__).parents[2] / "docs"
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
PATHS = ["/", "/embed/v1/status.json", "/embed/v1.js", "/embed/v1.0.0.js", "/embed/v1/preview.json", "/assets/*"]
PATHS += ["/embed/v1.mjs", "/embed/v1.react.mjs", "/embed/v1/frame.css", "/embed/v1/frame.js"]
PATHS += ["/api/v2/summary.json", "/api/v2/incidents/unresolved.json", "/history.atom", "/history.rss", "/history.ics"]
ITS_OWN = {"server", "date", "etag", "last-modified", "connection", "accept-ranges", "content-length"}
AROUND = """pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    {server}
}}
"""

pytestmark = pytest.mark.skipif(not NGINX, reason="THERE IS NO NGINX TO TRY THE DOCUMENTED CONFIGURATION ON")


def ask(port: int, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    line.request(method, path, headers={"Accept-Encoding": "gzip"})
    answer = line.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    line.close()
    return found


@contextmanager
def nginx(folder: Path, server: str) -> Iterator[None]:
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, server=server))
    words = [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off; master_process off;"]
    process = subprocess.Popen(words)
    try:
        wait_for(lambda: process.poll() is None and (folder / "nginx.pid").exists())
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def port(lasting: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """nginx as documented, in front of a Signpost that has been published."""
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    wait_for((lasting.instance / "published" / "_nginx.conf").exists)
    documented = re.search(r"```nginx\n(server .*?)```", (DOCS / "operators.md").read_text(), re.DOTALL)
    assert documented is not None
    server = (
        documented[1]
        .replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
        .replace("/srv/signpost/instance", str(lasting.instance))
        .replace("http://127.0.0.1:8000", lasting.url)
        .replace("http://127.0.0.1:8001", f"http://127.0.0.1:{lasting.events_port}")
    )
    with nginx(folder, server):
        yield port


@pytest.mark.parametrize("path", PATHS)
def test_a_document_is_what_signpost_says(lasting: Running, port: int, path: str) -> None:
    if "*" in path:  # whatever the page names
        path = "/" + re.findall(rb'"(assets/[^"]+)"', gzip.decompress(ask(port, "/")[2]))[0].decode()
    ours, its = ask(lasting.port, path), ask(port, path)
    assert (its[0], its[2]) == (200, ours[2])
    headers = [{name: value for name, value in one[1].items() if name not in ITS_OWN} for one in (ours, its)]
    assert headers[0] == headers[1]


def test_the_rest_comes_from_signpost(port: int) -> None:
    assert ask(port, "/admin/sections")[0] == 303
    assert ask(port, "/nothing/here")[0] == 404
    assert ask(port, "/embed/v1/sections/nothing.json")[1]["access-control-allow-origin"] == "*"
    assert ask(port, "/healthz")[0] == 200


@pytest.mark.parametrize("path", ["/.manifest", "/_headers", "/_nginx.conf"])
def test_what_lies_beside_the_documents_is_not_shown(port: int, path: str) -> None:
    assert ask(port, path)[0] == 404


def test_an_event_stream_comes_through_at_once(port: int) -> None:
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    line.request("GET", "/ofrep/v1/events?token=s3cret")
    answer = line.getresponse()
    assert (answer.status, answer.getheader("content-type")) == (200, "text/event-stream")
    assert answer.readline().startswith(b":")
    answer.close()
    line.close()


@pytest.mark.parametrize(
    "path",
    [
        "/embed/v1/frame/direct_deposit/",
        "/embed/v1/sections/direct_deposit.html",
        "/embed/v1/sections/direct_deposit.va.json",
        "/badge/direct_deposit.svg",
        "/sections/direct_deposit/",
    ],
)
def test_a_sections_documents_as_files_alone(tmp_path: Path, path: str) -> None:
    edition, port = edition_at(given.facts(given.outage("14:10-18:00")), at("14:30")), free_port()
    files = tmp_path / "files"
    write_documents(files, edition)
    answer = edition.answer(path)
    assert answer is not None
    with nginx(tmp_path, f"server {{ listen 127.0.0.1:{port}; root {files}; include {files}/_nginx.conf; }}"):
        status, said, body = ask(port, path)
    ours = {name.lower(): value for name, value in answer.variants["gzip"].headers if name.lower() not in ITS_OWN}
    assert (status, body) == (200, answer.variants["gzip"].body)
    assert {name: value for name, value in said.items() if name not in ITS_OWN} == ours
