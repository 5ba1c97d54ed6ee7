"""The docs know of every setting, command, role, public document, job and link."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, FileSystemLoader

from dashboard import queue
from dashboard.config import SETTINGS
from dashboard.documents import DOCUMENTS
from dashboard.rules.roles import ROLE_NAMES

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
DOCS = "\n".join(page.read_text() for page in PAGES)
TEMPLATES = sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.*"))


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_each_setting_has_a_row_with_its_default(setting: object) -> None:
    name, default = setting.name, setting.default  # type: ignore[attr-defined]
    row = re.search(rf"^\| `{name}` \|.*$", (ROOT / "docs" / "operators.md").read_text(), re.MULTILINE)
    assert row, f"docs/operators.md has no row for {name}"
    assert default in row.group(0), f"the row of {name} does not say its default, {default}"


def test_each_command_is_described(app: Flask) -> None:
    ours = [name for name, command in app.cli.commands.items() if not command.hidden]
    assert ours
    assert [name for name in ours if f"signpost {name}" not in DOCS] == []


@pytest.mark.parametrize("name", ROLE_NAMES.values())
def test_each_role_is_described(name: str) -> None:
    assert name.lower() in (ROOT / "docs" / "people.md").read_text().lower()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path)
def test_each_public_document_is_described(document: object) -> None:
    assert f"`{document.path}`" in DOCS  # type: ignore[attr-defined]


def test_each_job_is_described() -> None:
    jobs = [value for value in vars(queue).values() if isinstance(value, str) and value.startswith("jobs.")]
    assert jobs
    assert [job for job in jobs if f"`{job}`" not in DOCS] == []


@pytest.mark.parametrize("doc", PAGES, ids=lambda doc: doc.name)
def test_links_lead_somewhere(doc: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", doc.read_text()):
        assert (doc.parent / target).exists(), f"{doc.name} links to {target}, which is not there"


def test_decisions_are_short() -> None:
    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        assert len(page.read_text().splitlines()) <= 40, page.name


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_template_parses(template: str) -> None:
    environment = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True)
    source = environment.loader.get_source(environment, template)[0]  # type: ignore[union-attr]
    environment.parse(source)
    assert "|safe" not in source.replace(" ", ""), f"{template} trusts a text"
    assert not re.search(r"<[^>{]*\s(style|on\w+)=", source), f"{template} has an inline style or handler"
