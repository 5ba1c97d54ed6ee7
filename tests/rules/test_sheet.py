"""A spreadsheet gets text, whatever the text looks like."""

from __future__ import annotations

import csv

import pytest

from dashboard.rules import sheet


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_nothing_is_a_formula(cell: str) -> None:
    assert next(csv.reader([sheet.line([cell])], strict=True))[0].startswith("'")


@pytest.mark.parametrize("cell", ['a "quoted" word, and more', "a = b", "", "two\nlines", "naïve"])
def test_the_rest_is_as_it_was(cell: str) -> None:
    assert list(csv.reader(sheet.line([cell, "x"]).splitlines(keepends=True))) == [[cell, "x"]]
