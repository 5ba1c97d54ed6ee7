"""Two commands from a fresh clone: ``python3 bootstrap.py run`` and ``test``. Needs Python 3.11 and nothing else.

What is locked in requirements.txt goes into .venv, once for each lock; then the command asked for takes over.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "signpost-lock.txt"
LOCKS = {"run": ROOT / "requirements.txt", "dev": ROOT / "requirements-dev.txt"}
OLDEST = (3, 11)
USAGE = """Signpost: closes a part of a website, tells people until when, and opens it again.

  python3 bootstrap.py run      install what is needed and start everything
  python3 bootstrap.py demo     the same, with a fictional website
  python3 bootstrap.py test     every test, on SQLite and on PostgreSQL; words after it go to pytest
  python3 bootstrap.py check    ruff, formatting, types
  python3 bootstrap.py bench    how fast it is, beside nginx; words after it choose measurements
  python3 bootstrap.py install  only install what running it needs
  python3 bootstrap.py setup    only install, for working on it
"""
NO_INSTALLER = (
    "Neither uv nor pip is on this machine, so nothing can be installed. "
    "Get one of them: `apt install python3-pip`, or https://docs.astral.sh/uv/"
)
MAC_BROWSER = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


class Tool(NamedTuple):
    """A program that some tests need: any of its commands will do. Without it, so much is said aloud."""

    package: str
    commands: tuple[str, ...]
    without: str


NODE_FOLDERS = {"tests/contracts/openfeature": "OPENFEATURE'S JAVASCRIPT", "examples/react": "THE REACT EXAMPLE"}
NPM = ("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error")
SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
FAST_CHROMIUM = Tool("chromium-headless-shell", SHELLS, "")  # half the work of a whole browser, or less
CHROMIUM = Tool(
    "chromium", (*SHELLS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"), "BROWSER TESTS"
)
NGINX = Tool("nginx-light", ("nginx", "/usr/sbin/nginx"), "THE TEST OF THE NGINX CONFIGURATION")
TOOLS = (FAST_CHROMIUM, CHROMIUM, NGINX)
WORKERS = str((os.cpu_count() or 1) + 1)  # now and then a test waits
PARALLEL = ("-n", WORKERS, "--dist", "worksteal")
PLAIN = ("-m", "not (browser or faults)", *PARALLEL)
BROWSER = ("tests/browser", *PARALLEL)
# They mostly wait, and the longest come first. Whoever judges how long something takes has the machine to itself.
FAULTS = ("tests/faults", "-m", "not timed", "-n", "4", "--dist", "loadgroup", "--no-loadscope-reorder")
TIMED = ("tests/faults", "-m", "timed")


def main(words: Sequence[str]) -> int:
    require_python(words)
    commands = {
        "run": run,
        "demo": demo,
        "test": test,
        "check": check,
        "bench": bench,
        "install": ready,
        "setup": setup,
    }
    if not words or words[0] not in commands:
        print(USAGE)
        return 0 if words and words[0] in ("help", "-h", "--help") else 2
    return commands[words[0]](list(words[1:]))


def require_python(words: Sequence[str]) -> None:
    """An older Python hands over to a newer one, if there is one."""
    if sys.version_info[:2] >= OLDEST:
        return
    for minor in range(20, OLDEST[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, str(ROOT / "bootstrap.py"), *words])
    here = ".".join(str(number) for number in sys.version_info[:3])
    raise SystemExit(f"Signpost needs Python 3.11 or newer; this one is {here}. Get one from https://www.python.org/")


def run(words: list[str]) -> int:
    install("run")
    return become("serve", *words)


def demo(words: list[str]) -> int:
    install("run")
    return become("demo", *words)


def ready(words: list[str]) -> int:
    install("run")
    return 0


def setup(words: list[str]) -> int:
    install("dev")
    return 0


def check(words: list[str]) -> int:
    install("dev")
    return call([str(ROOT / "scripts" / "check"), *words])


def bench(words: list[str]) -> int:
    install("dev")
    return call([str(PYTHON), str(ROOT / "bench"), *words])


def test(words: list[str]) -> int:
    """Everything on SQLite; then again on PostgreSQL what has to do with a database. Words choose tests instead."""
    install("dev")
    find_tools()
    find_modules()
    if words:
        return pytest(words)
    results = [pytest(stage) for stage in (PLAIN, BROWSER, FAULTS, TIMED)]
    return int(any([*results, pytest(PLAIN, SIGNPOST_TEST_DATABASE="postgres")]))


def become(*words: str) -> int:
    os.execv(PYTHON, [str(PYTHON), "-P", "-m", "dashboard", *words])


def pytest(words: Sequence[str], **environ: str) -> int:
    print(f"\n=== pytest {' '.join(words)} {environ or ''}", flush=True)
    return call([str(PYTHON), "-m", "pytest", *words], **environ)


def call(command: list[str], **environ: str) -> int:
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environ}, check=False).returncode


def install(kind: str) -> None:
    """Into .venv, unless this very lock is there already. ``dev`` holds everything that ``run`` does."""
    with one_at_a_time():
        wanted = fingerprint()
        stamp = STAMP.read_text().split() if STAMP.is_file() and PYTHON.exists() else []
        if stamp in ([kind, wanted], ["dev", wanted]):
            return
        print("Installing into .venv; this happens once.", flush=True)
        uv = shutil.which("uv")
        make_environment(uv)
        installer = [uv, "pip", "install", "--python", str(PYTHON)] if uv else pip()
        must([*installer, "--quiet", "--require-hashes", "-r", str(LOCKS[kind])])
        must([*installer, "--quiet", "--no-deps", "--no-build-isolation", "-e", str(ROOT)])
        packages = [str(path) for path in (VENV / "lib").glob("python*/site-packages")]
        # Compiled now, Signpost starts in half the time.
        call([str(PYTHON), "-m", "compileall", "-q", "-j", "0", *packages, "dashboard", "jobs"])
        STAMP.write_text(f"{kind} {wanted}\n")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    with open(__file__) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def fingerprint() -> str:
    parts = [ROOT / "pyproject.toml", *LOCKS.values()]
    digest = hashlib.sha256(sys.version.encode() + str(ROOT).encode())
    for path in parts:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def make_environment(uv: str | None) -> None:
    if PYTHON.exists() and call([str(PYTHON), "-c", "import sys; sys.exit(sys.version_info[:2] < (3, 11))"]) == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if uv:
        must([uv, "venv", "--quiet", "--python", sys.executable, str(VENV)])
    else:
        must([sys.executable, "-m", "venv", "--without-pip", str(VENV)])


def pip() -> list[str]:
    """This machine's pip working on .venv, for many a Python refuses to install into itself; or pip's own bundle."""
    if importlib.util.find_spec("pip"):
        found = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    elif importlib.util.find_spec("ensurepip"):
        must([str(PYTHON), "-m", "ensurepip"])
        found = [str(PYTHON), "-m", "pip"]
    else:
        raise SystemExit(NO_INSTALLER)
    return [*found, "--disable-pip-version-check", "--no-input", "install", "--no-compile"]


def must(command: list[str]) -> None:
    """Raises SystemExit with the command that failed; what it said stands above."""
    code = call(command)
    if code:
        raise SystemExit(f"Installing failed ({code}): {' '.join(command)}")


def find_tools() -> None:
    """What some tests need beside Python; installed where that can be done without asking anybody."""
    has_browser = os.environ.get("CHROMIUM") or os.path.exists(MAC_BROWSER)
    wanted = [tool for tool in TOOLS if not (has_browser and tool in (FAST_CHROMIUM, CHROMIUM))]
    install_tools([tool for tool in wanted if not is_there(tool)])
    said = [tool for tool in wanted if tool.without and not is_there(tool)]
    for tool in said:
        print(f"{tool.without} WILL BE SKIPPED: there is no {tool.package}.", flush=True)
    if said:
        names = " ".join(tool.package for tool in said)
        print(f"Install it, on Debian by `sudo apt install {names}`; CHROMIUM may be the path of one.", flush=True)


def is_there(tool: Tool) -> bool:
    return any(map(shutil.which, tool.commands))


def install_tools(tools: list[Tool]) -> None:
    """By apt, where nobody need be asked for a password. What it says against it stands above."""
    sudo = [] if os.getuid() == 0 else ["sudo", "-n"]
    if not tools or not shutil.which("apt-get") or (sudo and (not shutil.which("sudo") or call([*sudo, "true"]))):
        return
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Acquire::http::Timeout=20"]
    if call([*apt, "update"]) == 0:
        for tool in tools:
            if not is_there(tool):
                call([*apt, "install", "-y", "--no-install-recommends", tool.package])


def find_modules() -> None:
    """What some tests need where there is a node to run it."""
    for folder, without in NODE_FOLDERS.items():
        if (ROOT / folder / "node_modules").is_dir():
            continue
        if not shutil.which("npm"):
            print(f"{without} WILL NOT BE TRIED: there is no npm.", flush=True)
        elif call([*NPM, "--prefix", str(ROOT / folder)]):
            print(f"{without} WILL NOT BE TRIED: npm says why, above.", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
