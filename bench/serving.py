"""The two servers that are compared: Signpost's web process, and nginx on the files that it published."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

NO_NGINX = """
##############################################################
#  THERE IS NO NGINX HERE, SO NOTHING CAN BE COMPARED WITH   #
#  IT. Install nginx-light and libnginx-mod-http-brotli-     #
#  static (Debian) and run this again.                       #
##############################################################
"""
_MODULES = Path("/usr/lib/nginx/modules")
_BROTLI = _MODULES / "ngx_http_brotli_static_module.so"
_NGINX = """{load}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 512; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 65;
    keepalive_requests 100000000;
    server_tokens off;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    types {{ application/json json; text/html html; }}
    charset utf-8;
    charset_types application/json;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        gzip_static on;
        {brotli}
        add_header Cache-Control "public, max-age=10, stale-while-revalidate=60, stale-if-error=86400";
        add_header Access-Control-Allow-Origin *;
        add_header X-Content-Type-Options nosniff;
    }}
}}
"""


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def encoding() -> str:
    """What nginx can serve from a prepared file."""
    return "br" if _BROTLI.exists() else "gzip"


@contextlib.contextmanager
def nginx(root: Path, folder: Path) -> Iterator[tuple[int, int]]:
    """Its port and its process, serving a folder."""
    port = free_port()
    brotli = _BROTLI.exists()
    (folder / "nginx.conf").write_text(
        _NGINX.format(
            load=f"load_module {_BROTLI};" if brotli else "",
            user="user root;" if os.getuid() == 0 else "",
            brotli="brotli_static on;" if brotli else "",
            folder=folder,
            root=root,
            port=port,
        )
    )
    command = [
        shutil.which("nginx") or "nginx",
        "-p",
        str(folder),
        "-c",
        str(folder / "nginx.conf"),
        "-g",
        "daemon off;",
    ]
    with running(command, port) as pid:
        yield port, pid


@contextlib.contextmanager
def signpost(instance: Path, more: dict[str, str] | None = None) -> Iterator[tuple[int, int]]:
    """Its port and its process: the web process as `signpost serve` starts it."""
    port = free_port()
    environ = {"INSTANCE": str(instance), "LISTEN": f"127.0.0.1:{port}", "MALLOC_ARENA_MAX": "2", **(more or {})}
    with running([sys.executable, "-P", "-m", "dashboard.web"], port, environ) as pid:
        yield port, pid


@contextlib.contextmanager
def running(command: list[str], port: int, environ: dict[str, str] | None = None) -> Iterator[int]:
    """With a service's short environment, not a shell's long one: WSGI servers copy it into every request."""
    process = subprocess.Popen(command, cwd=ROOT, env={"PATH": os.environ["PATH"], **(environ or {})})
    try:
        wait_for(port, process)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes], seconds: float = 20) -> None:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        time.sleep(0.02)
    raise RuntimeError(f"no answer on port {port} after {seconds} s")


def filled(instance: Path, sections: int, ended: int, windows: int = 0, off: int = 1) -> None:
    """A published instance with so many sections, ended outages, planned windows, and sections that are off."""
    import publish as publishing

    from dashboard import config, create_app, publish, schema
    from dashboard.clock import now

    with create_app(config.from_environment({"INSTANCE": str(instance)})).app_context():
        schema.upgrade()
        publishing.fill(sections, ended, windows)
        for number in range(off):
            publishing.change(number + 1)
        publish.publish(now())
