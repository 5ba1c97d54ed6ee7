"""``signpost demo``: the whole product on an instance of its own, with a fictional website and its PagerDuty."""

from __future__ import annotations

import os
import socket
import sys

from dashboard import config, serve
from dashboard.tree import Part

PASSWORD = "larkfield-demo"  # everybody's, and no secret: this instance is for trying out


def main() -> None:
    """Settings of the environment stand; what is not set is chosen for the demonstration."""
    os.environ.setdefault("SITE_NAME", "Larkfield")
    os.environ.setdefault("INSTANCE", str(config.ROOT / "instance" / "demo"))
    os.environ.setdefault("PAGERDUTY_API_KEY", "demo-key")
    os.environ.setdefault("PAGERDUTY_URL", f"http://127.0.0.1:{_free_port()}")
    os.environ.setdefault("PAGERDUTY_PREFIX", "External: ")
    parts = [
        Part("pager", (sys.executable, "-P", "-m", "dashboard.demo.pagerduty")),
        Part("demo", (sys.executable, "-P", "-m", "dashboard", "demo-data"), once=True, after="init"),
    ]
    if not os.environ.get("SMTP_URL"):
        os.environ["SMTP_URL"] = f"smtp://127.0.0.1:{_free_port()}"
        os.environ["DEMO_MAIL"] = f"http://127.0.0.1:{_free_port()}"
        os.environ.setdefault("MAIL_FROM", "Larkfield status <status@larkfield.example>")
        parts.append(Part("mail", (sys.executable, "-P", "-m", "dashboard.demo.mail")))
    serve.main(parts)


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port
