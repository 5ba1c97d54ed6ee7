"""A page of somebody's website that prints what Signpost says of one of its sections."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from flask import Flask, render_template
from markupsafe import Markup

sys.path.insert(0, str(Path(__file__).parent))
from signpost import Signpost

app = Flask(__name__)
signpost = Signpost(os.environ.get("SIGNPOST_URL", "http://127.0.0.1:8000"))


@app.template_global()
def signpost_notice(key: str) -> Markup:
    return Markup(signpost.notice(key))  # Signpost has escaped what people wrote


@app.get("/")
def payments() -> str:
    return render_template("payments.html")
