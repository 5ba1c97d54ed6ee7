"""The languages of the notices: those that are asked for of ours, and each that the adopter gave a file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from dashboard.config import ROOT
from dashboard.rules.languages import ENGLISH, Language, language_of

OURS = ROOT / "languages"


def read(names: Iterable[str], instance: Path) -> tuple[tuple[Language, ...], tuple[str, ...]]:
    """The first is the one that staff write in; and a sentence for each that is left out, because it is wrong."""
    found, wrong = {}, []
    theirs = {path.stem: path for path in sorted((instance / "languages").glob("*.json"))}
    ours = {name: OURS / f"{name}.json" for name in names}
    for name, path in (ours | theirs).items():
        try:
            found[name] = _read(path, path.stat().st_mtime_ns)
        except FileNotFoundError:
            wrong.append(f"LANGUAGES names “{name}”, for which there is no {instance / 'languages' / path.name}.")
        except (OSError, ValueError, RecursionError) as error:
            wrong.append(f"{path} is left out: it {_reason(error)}.")
    return tuple(found.values()) or (ENGLISH,), tuple(wrong)


@lru_cache(maxsize=64)
def _read(path: Path, stamp: int) -> Language:
    """``stamp``: when it was written, so that it is read again after that."""
    return language_of(path.stem, json.loads(path.read_text(encoding="utf-8")))


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    if isinstance(error, OSError):
        return f"cannot be read ({error.strerror})"
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return f"is not JSON in UTF-8 ({error})"
    return str(error)
