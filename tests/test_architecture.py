"""The import law, and the few other laws of the tree that a machine can hold."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(
    path for folder in ("dashboard", "jobs") for path in (ROOT / folder).rglob("*.py") if "versions" not in path.parts
)
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in FILES}

# A module, or a folder of them -> what of ours it may import. What is not named here is bound only by the other laws.
MAY_IMPORT = {
    "dashboard.rules": {"rules"},
    "dashboard.clock": set(),
    "dashboard.db": set(),
    "dashboard.models": {"models", "db"},
    "dashboard.sources": {"sources", "rules"},
    "dashboard.incident_facts": {"rules"},
    "dashboard.facts": {"incident_facts", "rules"},
    "dashboard.rows": {"facts", "models"},
    "dashboard.reader": {"rows", "facts", "models", "rules"},
    "dashboard.months": {"facts"},
    "dashboard.archive": {"months", "rows", "files", "facts", "models"},
    "dashboard.history": {"months", "facts", "rules"},
    "dashboard.causes": {"facts", "rules"},
    "dashboard.settled": {"causes", "history", "facts", "rules"},
    "dashboard.snapshot": {"causes", "history", "facts", "rules"},
    "dashboard.documents": {"documents", "snapshot", "history", "months", "facts", "rules", "config"},
    "dashboard.answers": {"answers", "documents", "snapshot", "history", "facts", "rules"},
    "dashboard.asking": {"answers", "editions", "negotiation", "sightings"},
    "dashboard.sightings": {"rules"},
    "dashboard.noting": {"actions", "sightings", "clock"},
    "dashboard.negotiation": set(),
    "dashboard.editions": {"documents", "snapshot", "facts", "config"},
    "dashboard.hosting": {"editions", "documents", "facts"},
    "dashboard.files": {"editions", "hosting"},
    "dashboard.press": {"files", "editions", "facts", "config"},
    "dashboard.publish": {
        "archive",
        "languages",
        "rules",
        "reader",
        "press",
        "files",
        "editions",
        "facts",
        "heartbeat",
        "models",
        "db",
        "config",
        "clock",
    },
    "dashboard.messages": {"messages", "snapshot", "documents", "history", "facts", "rules", "channels.message"},
    "dashboard.telling": {
        *("messages", "actions", "publish", "snapshot", "facts", "rules", "models", "db"),
    },
    "dashboard.owed": {"telling", "messages", "actions", "snapshot", "rules", "models", "db"},
    "dashboard.outbox": {
        *("lanes", "telling", "actions", "channels", "links", "models", "db", "rules", "config"),
    },
    "dashboard.lanes": set(),
    "dashboard.due": {"models", "db"},
    "dashboard.languages": {"rules", "config"},
    "dashboard.refetch": {"snapshot", "facts"},
    "dashboard.streams": {"refetch", "config", "clock", "leash", "open_files"},
    "dashboard.front": {"press", "asking", "answers", "negotiation", "editions", "documents", "sightings", "clock"},
    "dashboard.registry": {"models", "rules"},
    "dashboard.channels": {"channels", "rules", "config"},
    "dashboard.heartbeat": set(),
    "dashboard.queue": set(),
    "dashboard.links": set(),
    "dashboard.actions": {
        *("actions", "models", "db", "rules", "sources", "publish", "heartbeat", "sightings"),
        *("audience", "channels.message", "links"),
    },
}
READ_THE_CLOCK = {
    *("dashboard.views", "dashboard.cli", "dashboard.front", "dashboard.streams", "dashboard.publish"),
    *("dashboard.noting", "dashboard.demo", "jobs"),
}
KNOW_NO_DATABASE = ("dashboard.rules", "dashboard.sources", "dashboard.channels")
DATABASE = {"sqlalchemy", "flask_sqlalchemy", "flask_migrate"}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imports(module: str) -> Iterator[str]:
    """Every module it imports, wherever in the file: "dashboard.rules.state", "sqlalchemy.orm"."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else str(node.module)


def folder_of(module: str) -> str:
    """The first two words: "dashboard.rules", "dashboard.publish", "jobs.poll"."""
    return ".".join(module.split(".")[:2])


def is_within(module: str, places: set[str]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


@pytest.mark.parametrize("module", [module for module in MODULES if folder_of(module) in MAY_IMPORT])
def test_import_law(module: str) -> None:
    allowed = {f"dashboard.{name}" for name in MAY_IMPORT[folder_of(module)]}
    ours = {found for found in imports(module) if found in MODULES}
    assert {found for found in ours if not is_within(found, allowed)} == set()


@pytest.mark.parametrize("module", [module for module in MODULES if folder_of(module) in KNOW_NO_DATABASE])
def test_rules_and_sources_know_no_database(module: str) -> None:
    assert {found for found in imports(module) if found.split(".")[0] in DATABASE} == set()


@pytest.mark.parametrize("module", [module for module in MODULES if folder_of(module) == "dashboard.rules"])
def test_rules_need_only_the_standard_library(module: str) -> None:
    assert {found.split(".")[0] for found in imports(module)} <= {"dashboard", *sys.stdlib_module_names}


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("dashboard")])
def test_nothing_here_imports_jobs(module: str) -> None:
    assert {found for found in imports(module) if found.split(".")[0] == "jobs"} == set()


@pytest.mark.parametrize("module", MODULES)
def test_only_those_who_ask_read_the_clock(module: str) -> None:
    if "dashboard.clock" in imports(module):
        assert is_within(module, READ_THE_CLOCK)


@pytest.mark.parametrize("module", [module for module in MODULES if module != "dashboard.clock"])
def test_the_clock_is_read_in_one_place(module: str) -> None:
    read = {
        f"{ast.unparse(node.value)}.{node.attr}" for node in ast.walk(tree(module)) if isinstance(node, ast.Attribute)
    }
    assert read & {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"} == set()


@pytest.mark.parametrize("module", [module for module in MODULES if module != "dashboard.db"])
def test_nothing_happens_behind_anybodys_back(module: str) -> None:
    """No listeners on rows or sessions: what happens can be read at the call."""
    named = {ast.unparse(node) for node in ast.walk(tree(module)) if isinstance(node, ast.Attribute)}
    assert [name for name in named if "event.listen" in name] == []
    assert [found for found in imports(module) if found.endswith((".event", ".events", "signals"))] == []


_WRITES = ("writing", "transaction", "begin_writing", "db.session.commit")


def transactions(module: str) -> set[str]:
    """The functions that are a transaction of their own."""
    return {
        function.name
        for function in ast.walk(tree(module))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _WRITES
    }


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("dashboard.actions.")])
def test_actions_do_not_call_actions(module: str) -> None:
    """They share what is done within a transaction, never a whole one."""
    others = {found for found in imports(module) if found.startswith("dashboard.actions.")} - {
        "dashboard.actions.writing"
    }
    named = {ast.unparse(node) for node in ast.walk(tree(module)) if isinstance(node, (ast.Name, ast.Attribute))}
    for other in others:
        short = other.rpartition(".")[2]
        whole = {f"{short}.{name}" for name in transactions(other)} | _imported(module, other) & transactions(other)
        assert named & whole == set()


def _imported(module: str, other: str) -> set[str]:
    found = [node for node in ast.walk(tree(module)) if isinstance(node, ast.ImportFrom) and node.module == other]
    return {alias.name for node in found for alias in node.names}


@pytest.mark.parametrize("module", MODULES)
def test_a_file_is_short(module: str) -> None:
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("module", MODULES)
def test_a_function_is_short(module: str) -> None:
    functions = [node for node in ast.walk(tree(module)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    assert [found.name for found in functions if (found.end_lineno or 0) - found.lineno + 1 > 50] == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_where_it_stands(module: str) -> None:
    if tree(module).body:
        assert ast.get_docstring(tree(module))
