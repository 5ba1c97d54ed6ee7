"""A page of somebody's website. Its first view says what holds without a jump, because the server prints it; and its
back end refuses by the same flag that the front end goes by.

``.venv/bin/flask --app examples/flask/app.py run --port 5012``
"""

from __future__ import annotations

import os
from http.client import HTTPException
from urllib.request import Request, urlopen

from flask import Flask, json, render_template, request

SIGNPOST = os.environ.get("SIGNPOST_URL", "http://127.0.0.1:8000")
WAIT = 1.0  # seconds; a page that waits for a status host would be one more outage

app = Flask(__name__)


@app.route("/", methods=["GET", "POST"])
def account() -> tuple[str, int]:
    flag = flag_of("direct_deposit") if request.method == "POST" else {}
    is_down = bool(flag.get("value"))
    words = {
        "signpost": SIGNPOST,
        "known": asked("/embed/v1/status.json"),
        "account": request.form.get("account", ""),
        "refused": (flag.get("metadata") or {}).get("title", "") if is_down else "",
        "is_saved": request.method == "POST" and not is_down,
    }
    return render_template("account.html", **words), 503 if is_down else 200


def flag_of(section: str) -> dict:
    """Whether it is down, with what to say, by OFREP: any provider of OpenFeature asks the same. {} if nobody knows."""
    return asked(f"/ofrep/v1/evaluate/flags/section.{section}.down", b"{}")


def asked(path: str, body: bytes | None = None) -> dict:
    """What Signpost says; {} when it says nothing, or nonsense, and then everything is as if all were well."""
    try:
        with urlopen(Request(SIGNPOST + path, body, {"Content-Type": "application/json"}), timeout=WAIT) as answer:
            said = json.loads(answer.read(1_000_000))
    except (OSError, ValueError, HTTPException):
        return {}
    return said if isinstance(said, dict) else {}
