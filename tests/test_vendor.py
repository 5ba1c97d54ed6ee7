"""What is vendored is what its note says."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("folder", ["static/vendor", "tests/browser/react"])
def test_checksums(folder: str) -> None:
    noted = dict(re.findall(r"`([\w.-]+\.js)`.*`([0-9a-f]{64})`", (ROOT / folder / "README.md").read_text()))
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (ROOT / folder).glob("*.js")}
    assert found
    assert noted == found
