"""The published documents as plain files, for any web server: each whole or not at all, one writer at a time."""

from __future__ import annotations

import ctypes
import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from dashboard.editions import ENCODINGS, Answer, Edition, digest_of
from dashboard.hosting import headers_file, nginx_file

_AT_ONCE = 500  # documents that are written together
_MANY = 100  # files; synced one by one, so many would take minutes
_SIDE_BY_SIDE = 8
_MANIFEST = ".manifest"  # path -> digest of what lies there


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """One at a time on this host, threads and processes alike. On a disk that takes no lock, nobody waits."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open(path, "a")  # noqa: SIM115
    except OSError:
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_at_once(path: Path, data: bytes) -> None:
    """Whole, and not synced yet: for what others wait for and could be made again. Only its owner may read it."""
    beside = path.with_name(f".{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
        os.replace(beside, path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise


def write_whole(files: Mapping[Path, bytes]) -> None:
    """Beside their places first, then synced, then renamed into place, in the order given."""
    beside = {path: path.with_name(f".{path.name}.new") for path in files}
    try:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            beside[path].write_bytes(data)
        _sync(list(beside.values()))
        for path in files:
            os.replace(beside[path], path)
    except OSError:
        for path in beside.values():
            with suppress(OSError):
                path.unlink()
        raise


def write_documents(folder: Path, edition: Edition) -> int:
    """Bring the folder up to date, the banner first; how many documents were written. Raises OSError.

    A document that cannot be made keeps its file as it is, and is tried again with the next edition.
    """
    held = _read_manifest(folder)
    wanted = {path: digest_of(line) for path, line in edition.lines.items()}
    stale = [path for path, digest in wanted.items() if held.get(path) != digest or not _lies_there(folder, path)]
    gone = {path for path in held.keys() - wanted.keys() if not edition.keeps(path)}
    if not stale and not gone:
        return 0
    for path in gone:
        _remove(folder, path)
        del held[path]
    for first in range(0, len(stale), _AT_ONCE):
        made = {path: edition.answer(path) for path in stale[first : first + _AT_ONCE]}
        whole = {path: answer for path, answer in made.items() if answer and answer.digest == wanted[path]}
        held |= {path: answer.digest for path, answer in whole.items()}
        write_whole({file: data for path, answer in whole.items() for file, data in _files(folder, path, answer)})
    site = edition.snapshot.site
    beside = {folder / "_headers": headers_file(site), folder / "_nginx.conf": nginx_file(site)}
    changed = {path: data for path, data in beside.items() if not path.exists() or path.read_bytes() != data}
    write_whole({**changed, folder / _MANIFEST: msgspec.json.encode(held)})
    return len(stale)


def _lies_there(folder: Path, path: str) -> bool:
    """Asked of each of ten thousand documents at each change: the plain way, which is ten times as fast."""
    return os.path.exists(f"{folder}{path}{'index.html' if path.endswith('/') else ''}")


def file_of(folder: Path, path: str) -> Path:
    """Where a document lies: a path that ends in a slash is a folder's index."""
    return folder / (path.lstrip("/") + ("index.html" if path.endswith("/") else ""))


def _sync(paths: Sequence[Path]) -> None:
    """A few one by one, side by side, so that the disk can take them together; many with all that waits for it."""
    if len(paths) > _MANY and _sync_filesystem(paths[0]):
        return
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as threads:
        list(threads.map(sync, paths))


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_filesystem(path: Path) -> bool:
    """False where the system cannot (it is Linux's own)."""
    sync = getattr(ctypes.CDLL(None), "syncfs", None)
    if sync is None:
        return False
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return bool(sync(descriptor) == 0)
    finally:
        os.close(descriptor)


def _files(folder: Path, path: str, answer: Answer) -> Iterator[tuple[Path, bytes]]:
    target = file_of(folder, path)
    for encoding, variant in answer.variants.items():
        yield target.with_name(target.name + ENCODINGS[encoding]), variant.body


def _remove(folder: Path, path: str) -> None:
    target = file_of(folder, path)
    for suffix in ENCODINGS.values():
        target.with_name(target.name + suffix).unlink(missing_ok=True)


def _read_manifest(folder: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError):
        return {}
