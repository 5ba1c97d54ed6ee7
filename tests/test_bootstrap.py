"""What bootstrap.py would have other programs do; they themselves are not run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap

Commands = list[list[str]]


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """An empty clone on which every command succeeds; the list of them."""
    asked: Commands = []

    def call(command: list[str], **environ: str) -> int:
        asked.append(command)
        if "venv" in command:
            (tmp_path / ".venv/bin").mkdir(parents=True)
            (tmp_path / ".venv/bin/python").touch()
        return 0

    for name, place in {"VENV": ".venv", "PYTHON": ".venv/bin/python", "STAMP": ".venv/stamp"}.items():
        monkeypatch.setattr(bootstrap, name, tmp_path / place)
    locks = {"run": tmp_path / "requirements.txt", "dev": tmp_path / "requirements-dev.txt"}
    for path in locks.values():
        path.write_text("flask==3.1\n")
    monkeypatch.setattr(bootstrap, "LOCKS", locks)
    monkeypatch.setattr(bootstrap, "call", call)
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if name == "uv" else None)
    return asked


def words(commands: Commands) -> str:
    return "\n".join(" ".join(command) for command in commands)


def test_an_older_python_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this one is 3\.9\.2"):
        bootstrap.main(["run"])


def test_an_older_python_hands_over_to_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/" + name if name == "python3.12" else None)
    monkeypatch.setattr(os, "execv", lambda path, argv: sys.exit(" ".join([path, *argv[-2:]])))
    with pytest.raises(SystemExit, match=r"^/bin/python3\.12 test -x$"):
        bootstrap.main(["test", "-x"])


def test_what_is_installed_is_locked_by_its_hashes(commands: Commands) -> None:
    bootstrap.install("run")
    assert "--require-hashes -r" in words(commands)
    assert "--no-deps --no-build-isolation -e" in words(commands)


def test_the_same_lock_is_installed_once(commands: Commands) -> None:
    bootstrap.install("run")
    commands.clear()
    bootstrap.install("run")
    assert commands == []


def test_what_tests_need_holds_what_running_needs(commands: Commands) -> None:
    bootstrap.install("dev")
    commands.clear()
    bootstrap.install("run")
    assert commands == []


def test_another_lock_is_installed_into_the_same_environment(commands: Commands) -> None:
    bootstrap.install("run")
    commands.clear()
    bootstrap.LOCKS["run"].write_text("flask==3.2\n")
    bootstrap.install("run")
    assert "pip install" in words(commands)
    assert "uv venv" not in words(commands)


def test_a_failed_install_is_tried_again(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "must", lambda command: sys.exit("Installing failed"))
    with pytest.raises(SystemExit):
        bootstrap.install("run")
    monkeypatch.undo()
    assert not (bootstrap.ROOT / ".venv" / "stamp").exists()


def test_without_uv_this_machines_pip_works_on_the_environment(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: name == "pip" or None)
    bootstrap.install("run")
    assert "-m venv --without-pip" in words(commands)
    assert f"-m pip --python {bootstrap.PYTHON}" in words(commands)


def test_without_any_installer_it_says_where_to_get_one(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="Neither uv nor pip"):
        bootstrap.install("run")


def test_missing_browsers_are_said_aloud(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(bootstrap, "MAC_BROWSER", "/nowhere")
    bootstrap.find_tools()
    assert "BROWSER TESTS WILL BE SKIPPED" in capsys.readouterr().out


@pytest.mark.parametrize("has_shell", [True, False])
def test_the_faster_browser_is_tried_first(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], has_shell: bool
) -> None:
    there = {"apt-get", "nginx"}

    def call(command: list[str]) -> int:
        commands.append(command)
        is_there = has_shell or command[-1] != "chromium-headless-shell"
        there.update([command[-1]] if is_there else [])
        return 0 if is_there else 100

    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(bootstrap, "MAC_BROWSER", "/nowhere")
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: name if name in there else None)
    monkeypatch.setattr(bootstrap, "call", call)
    bootstrap.find_tools()
    asked = [command[-1] for command in commands if "install" in command]
    assert [command[-1] for command in commands].count("update") == 1
    assert asked == ["chromium-headless-shell", *([] if has_shell else ["chromium"])]
    assert "SKIPPED" not in capsys.readouterr().out


def test_modules_of_node_are_installed_where_they_are_not(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    (tmp_path / "examples" / "react" / "node_modules").mkdir(parents=True)
    bootstrap.find_modules()
    assert [command[-1] for command in commands if command[0] == "npm"] == [
        str(tmp_path / "tests" / "contracts" / "openfeature")
    ]


def test_without_npm_it_says_what_is_not_tried(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    bootstrap.find_modules()
    assert "THE REACT EXAMPLE WILL NOT BE TRIED: there is no npm." in capsys.readouterr().out


def test_the_tests_run_on_both_databases(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[dict[str, str]] = []
    monkeypatch.setattr(bootstrap, "pytest", lambda words, **environ: runs.append(environ) or len(runs) % 2)
    assert bootstrap.test([]) == 1
    assert runs.count({"SIGNPOST_TEST_DATABASE": "postgres"}) == 1


def test_a_stage_that_was_killed_is_no_success(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    results = iter([0, -9, 0, 0, 0])
    monkeypatch.setattr(bootstrap, "pytest", lambda *_, **__: next(results))
    assert bootstrap.test([]) == 1


@pytest.mark.skipif(not shutil.which("make"), reason="make is not here")
@pytest.mark.parametrize("target", ["run", "demo", "test", "check"])
def test_make_only_wraps(target: str) -> None:
    command = ["env", "-u", "MAKEFLAGS", "-u", "MAKELEVEL", "make", "-n", target, "ARGS=-x"]
    asked = subprocess.run(command, cwd=bootstrap.ROOT, capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == f"python3 bootstrap.py {target} -x"
