"""Where a request comes from, as far as it may be kept: the host of a website or the name of a program; and origins."""

import re
from urllib.parse import urlsplit

LONGEST = 100  # characters

_NAME = r"(?=[^:/]*[a-z])[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
_OWN_MACHINE = r"127\.0\.0\.1"  # where developers try things
_HOST = re.compile(rf"https?://({_NAME}|{_OWN_MACHINE})(:\d{{1,5}})?(?=[/?#]|$)", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"0x[0-9a-f.x]*", re.IGNORECASE)
_PROGRAM = re.compile(r"[a-z][\w.-]*", re.IGNORECASE | re.ASCII)
_BY_HAND = frozenset(("curl", "wget", "httpie", "postmanruntime", "insomnia", "powershell"))
_BROWSERS = ("Mozilla", "Opera")  # with these words every browser begins, whoever sits before it


def host_of(address: str) -> str:
    """Of an Origin or a Referer: its host and port, nothing after them. "" for what is no name but an address."""
    found = _HOST.match(address)
    if found is None or _HEXADECIMAL.fullmatch(found[1]):
        return ""
    host = found[0].partition("://")[2].lower()
    return host if len(host) <= LONGEST else ""


def program_of(agent: str) -> str:
    """The first word of a User-Agent, without its version: "python-httpx". "" for browsers, which all say the same."""
    found = _PROGRAM.match(agent)
    if found is None or found[0] in _BROWSERS:
        return ""
    return found[0][:LONGEST]


def app_of(name: str) -> str:
    """What a front end calls itself; "" for what is not one plain word."""
    return name if len(name) <= LONGEST and _PROGRAM.fullmatch(name) else ""


def is_host(place: str) -> bool:
    """Is it a website rather than a program?"""
    return "." in place or ":" in place or place == "localhost"


def is_by_hand(place: str) -> bool:
    """Is it a program with which people try an address, and nothing that shows a page?"""
    return place.lower() in _BY_HAND


def origin_of(url: str) -> str:
    """As browsers write it: in lower case, without a path, and without the port that goes without saying."""
    parts = urlsplit(url.lower())
    usual = {"http": ":80", "https": ":443"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual)}"
