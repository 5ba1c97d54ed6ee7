"""The VA's list of services, ``maintenance.services``: which name stands for which PagerDuty services. YAML or JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.sources.pagerduty_records import is_id

LARGEST = 65_536  # characters
_NAME = re.compile(r"[A-Za-z0-9_]{1,100}")
_NOTHING = ("", "~", "null", "Null", "NULL")
_SHAPE = "Give a list like “payments_core: P0AAAA1”, a line for each service."

Services = dict[str, tuple[str, ...]]  # PagerDuty ids by the name


class NotAList(ValueError):
    """A sentence that says what is wrong, and where."""


def read(text: str) -> Services:
    """The names with their ids; one without an id is left out. What stands around ``maintenance.services`` may be there
    or not. Raises NotAList."""
    import yaml  # only here: no process that reads no list need hold it

    if len(text) > LARGEST:
        raise NotAList(f"The list is longer than {LARGEST:,} characters.")
    try:
        # Every word stays the word that was typed: no "no" becomes false and no id a number.
        found: Any = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = f" Look at line {error.problem_mark.line + 1}." if error.problem_mark else ""
        raise NotAList(f"This is neither YAML nor JSON.{line}") from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise NotAList("This is neither YAML nor JSON.") from None
    for key in ("maintenance", "services"):
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
    if not isinstance(found, dict) or not found:
        raise NotAList(_SHAPE)
    named = {_name(name): _ids(name, ids) for name, ids in found.items()}
    return {name: ids for name, ids in named.items() if ids}


def write(services: Mapping[str, Iterable[str]]) -> str:
    """The same as YAML. A name with several ids has a list of them, which the VA's own reader does not know."""
    lines = ["maintenance:", "  services:" + ("" if services else " {}")]
    lines += [f"    {name}: {_written(tuple(ids))}" for name, ids in services.items()]
    return "\n".join([*lines, ""])


def _written(ids: tuple[str, ...]) -> str:
    quoted = [f'"{id}"' for id in ids]
    return quoted[0] if len(quoted) == 1 else f"[{', '.join(quoted)}]"


def _name(name: Any) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise NotAList(f"“{_told(name)}” cannot be a name: letters, digits and underscores, at most 100.")
    return name


def _ids(name: str, ids: Any) -> tuple[str, ...]:
    several = ids if isinstance(ids, list) else [ids]
    given = [id for id in several if id not in _NOTHING]
    wrong = next((id for id in given if not isinstance(id, str) or not is_id(id)), None)
    if wrong is not None:
        raise NotAList(f"“{_told(wrong)}” beside {name} is no PagerDuty id. One looks like P0AAAA1.")
    return tuple(dict.fromkeys(given))


def _told(what: Any) -> str:
    return what[:40] if isinstance(what, str) else "…"
