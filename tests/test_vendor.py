"""What is vendored is what its note says."""

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "static" / "vendor"


def test_checksums() -> None:
    noted = dict(re.findall(r"`([\w.-]+\.js)`.*`([0-9a-f]{64})`", (VENDOR / "README.md").read_text()))
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in VENDOR.glob("*.js")}
    assert noted == found
