"""Addresses to post to, as users give them: one form of each, and only http and https to ports that are for it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import quote

import idna

from dashboard.channels.channel import Unfit

LONGEST = 1_000  # characters
PORTS = {"http": 80, "https": 443}

NO_ADDRESS = "That is not a web address. Write all of it, from https:// on."
WITH_PASSWORD = "An address with a user name or a password in it cannot be used."
ODD_PORT = "Only the ports 80 and 443 can be posted to. Whoever runs this status page can allow others."
NOT_PUBLIC = "That host is not on the public internet."

_URL = re.compile(r"(https?)://([^/?#]*)([^#]*)(?:#.*)?", re.IGNORECASE)
_NEVER = re.compile(r"[\s\\\x00-\x20\x7f]")
_AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:%]+))(?::(\d{1,5}))?", re.IGNORECASE | re.ASCII)
_NAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")

_V4 = """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24
    203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32"""  # the last: metadata of a cloud, at a public address
# Public addresses are within 2000::/3, so none of ::1, mapped, NAT64, local, link-local, multicast; and of these not
# Teredo and its like, documentation, 6to4, which carry an address of the older kind inside.
_V6 = "::/3 4000::/2 8000::/1 2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20"
_DENIED_4 = tuple(IPv4Network(block) for block in _V4.split())
_DENIED_6 = tuple(IPv6Network(block) for block in _V6.split())

Places = Collection[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Target:
    """``host`` is a name in ASCII, or an address without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def target(url: str, allowed: Places = ()) -> Target:
    """Raises Unfit. ``allowed``: hosts and ports that the operator named, at any port and within our own network."""
    found = None if len(url) > LONGEST or _NEVER.search(url) else _URL.fullmatch(url)
    if found is None:
        raise Unfit(NO_ADDRESS)
    scheme, authority, path = found[1].lower(), found[2], found[3]
    if "@" in authority:
        raise Unfit(WITH_PASSWORD)
    host, port = _place(authority, PORTS[scheme])
    if (host, port) not in allowed:
        _refuse(host, port)
    return Target(scheme, host, port, quote(path if path.startswith("/") else f"/{path}", safe="%/?:@!$&'()*+,;=~[]"))


def _place(authority: str, usual: int) -> tuple[str, int]:
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        raise Unfit(NO_ADDRESS)
    port = int(found[3]) if found[3] else usual
    return (_literal(found[1]) if found[1] else name(found[2])), port


def name(given: str) -> str:
    """In ASCII, in lower case, without a dot at its end. What machines read as a number has to be an address."""
    try:
        found = given.lower() if given.isascii() else idna.encode(given, uts46=True).decode()
    except idna.IDNAError:
        raise Unfit(NO_ADDRESS) from None
    found = found.removesuffix(".")
    if not _NAME.fullmatch(found):
        raise Unfit(NO_ADDRESS)
    return _literal(found) if _NUMBER.fullmatch(found.rpartition(".")[2]) else found


def _literal(given: str) -> str:
    try:
        return str(ip_address(given))
    except ValueError:
        raise Unfit(NO_ADDRESS) from None


def _refuse(host: str, port: int) -> None:
    """What can be known without asking for the name's addresses, which is done at each connection."""
    if port not in PORTS.values():
        raise Unfit(ODD_PORT)
    is_name = ":" not in host and not host.replace(".", "").isdecimal()
    if not ("." in host if is_name else is_public(host)):
        raise Unfit(NOT_PUBLIC)


def is_public(address: str) -> bool:
    found = ip_address(address)
    return not any(found in block for block in (_DENIED_4 if found.version == 4 else _DENIED_6))
