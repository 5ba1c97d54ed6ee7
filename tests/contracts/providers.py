"""OpenFeature's providers for JavaScript, where this machine has them; and a website for them to read."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dashboard.press import Press
from tests import given

HERE = Path(__file__).parent / "openfeature"
MODULES = HERE / "node_modules"
NONE = "OPENFEATURE'S JAVASCRIPT NOT TRIED: in tests/contracts/openfeature, npm install --no-package-lock"
DOCS = (HERE.parents[2] / "docs" / "openfeature.md").read_text(encoding="utf-8")
ADDRESS = "https://status.example.org"  # as the docs write it

TOKEN = "signpost_larkfield"
TITLE = "Direct deposit is unavailable until 18:00"
WELL = replace(
    given.facts(
        given.section(1),
        given.toggle("hide_direct_deposit", 1),
        given.toggle("payments/cards", 1),
        replace(given.toggle("secret", 1), is_private=True),
    ),
    tokens=(hashlib.sha256(TOKEN.encode()).hexdigest(),),
)
DOWN = replace(
    WELL, revision=43, outages=(given.outage("14:00-18:00", message="You cannot pay.", alternative="Call us."),)
)

needs_modules = pytest.mark.skipif(not MODULES.is_dir(), reason=NONE)
needs_node = pytest.mark.skipif(shutil.which("node") is None or not MODULES.is_dir(), reason=NONE)


@dataclass(frozen=True)
class Site:
    press: Press
    url: str


def node(url: str, script: str, source: str = "") -> subprocess.Popen[str]:
    """A script of the folder, or with ``-`` the source itself."""
    words = ["--input-type=module", "-"] if script == "-" else [script]
    command = [shutil.which("node") or "node", *words, url, TOKEN]
    pipe = subprocess.PIPE
    started = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=HERE)
    assert started.stdin is not None
    started.stdin.write(source)
    started.stdin.close()
    started.stdin = None
    return started


def documented(language: str, holding: str, url: str) -> str:
    """The code of the docs that mentions something, for this address."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", DOCS, re.DOTALL | re.MULTILINE)
    (found,) = (block for block in blocks if holding in block)
    return found.replace(ADDRESS, url)
