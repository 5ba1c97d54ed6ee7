"""Lines of a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

MARK = "\ufeff"  # at the beginning of a file: spreadsheets know UTF-8 by it
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_inert(cell) for cell in cells])
    return out.getvalue()


def typed(cell: str) -> str:
    """What was put into a cell, of one that `line` may have written."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _inert(cell: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula; a quote before it makes it text."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
