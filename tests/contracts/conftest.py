"""What could not be tried is said aloud at the end."""

from __future__ import annotations

from typing import Any

from tests.contracts.providers import NONE


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if any(NONE in str(report.longrepr) for report in terminalreporter.getreports("skipped")):
        terminalreporter.section(NONE, red=True, bold=True)
