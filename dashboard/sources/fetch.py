"""One bounded question to another server: a total deadline, a size limit, no redirect, and trouble as a named value."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.sources.parse import Reply, Trouble

if TYPE_CHECKING:
    import httpx2

Params = Sequence[tuple[str, str]]


def open_client(name: str, url: str, headers: dict[str, str], ca: Path | None) -> httpx2.AsyncClient:
    """Sends nothing yet. It follows no redirect and obeys no proxy or netrc of the environment."""
    import httpx2  # only here and below: a web process that never asks need not carry it

    unfit = Trouble("setting", f"The address or the key for {name} has characters that cannot be sent.")
    if not all(value.isascii() and value.isprintable() for value in headers.values()):
        raise unfit
    try:
        trusted = ssl.create_default_context(cafile=str(ca)) if ca else True
        return httpx2.AsyncClient(
            base_url=url,
            headers={"Accept-Encoding": "identity", "User-Agent": "signpost", **headers},
            verify=trusted,
            trust_env=False,
            follow_redirects=False,
            timeout=None,
            limits=httpx2.Limits(max_connections=1),
        )
    except OSError:
        raise Trouble("ca", f"The file with the certificates to trust for {name} cannot be used.") from None
    except httpx2.InvalidURL:
        raise unfit from None


async def get(client: httpx2.AsyncClient, name: str, path: str, params: Params, seconds: float, most: int) -> Reply:
    """``seconds`` bound all of it: connecting, headers and a body that drips. ``most`` bytes are read."""
    import httpx2

    try:
        async with (
            asyncio.timeout(seconds),
            client.stream("GET", path, params=httpx2.QueryParams(list(params))) as response,
        ):
            return Reply(response.status_code, dict(response.headers), await _body(response, name, most))
    except TimeoutError:
        raise Trouble("slow", f"{name} did not answer within {seconds:g} seconds.") from None
    except httpx2.TransportError as error:
        if _is_untrusted(error):
            raise Trouble("certificate", f"{name}’s certificate is not one that is trusted here.") from None
        if isinstance(error, httpx2.ProtocolError | httpx2.ReadError):
            raise Trouble("cut", f"{name}’s answer was cut off.") from None
        raise Trouble("unreachable", f"{name} could not be reached.") from None


async def _body(response: httpx2.Response, name: str, most: int) -> bytes:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise Trouble("encoding", f"{name} answered in an encoding that was not asked for.")
    parts, size = [], 0
    async for part in response.aiter_raw():
        size += len(part)
        if size > most:
            raise Trouble("oversized", f"{name}’s answer is larger than {most // 1_000_000} MB.")
        parts.append(part)
    return b"".join(parts)


def _is_untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
