"""What other web servers must say with the published files: written beside them, for hosts that read ``_headers`` and
for nginx."""

from __future__ import annotations

import re

from dashboard.documents import DOCUMENTS, Document
from dashboard.editions import constant_headers
from dashboard.facts import SiteFact

_NGINX = """# Written by Signpost: its public documents, each with its headers. Include it in
# a server block of nginx whose root is the folder that this file lies in.
gzip_static on;
gzip_vary on;
location ~ ^/[._] { return 404; }
"""


def headers_file(site: SiteFact) -> bytes:
    """Of several lines that a path is meant by, hosts say each header as often: so it is meant by one."""
    lines = []
    for document in DOCUMENTS:
        if any(_means(other, document) for other in DOCUMENTS if other is not document):
            continue
        lines += [
            document.path.replace("{key}", "*"),
            *(f"  {name}: {value}" for name, value in constant_headers(document, site)),
        ]
    return "\n".join([*lines, ""]).encode()


def _means(one: Document, other: Document) -> bool:
    """Does its line speak for the other's paths too?"""
    pattern = re.escape(one.path).replace(r"\{key\}", ".+")
    return re.fullmatch(pattern, other.path) is not None


def nginx_file(site: SiteFact) -> bytes:
    """What is not there is a 404, which the server block may hand on to Signpost."""
    return "".join([_NGINX, *(_location(document, site) for document in DOCUMENTS)]).encode()


def _location(document: Document, site: SiteFact) -> str:
    pattern = re.escape(document.path).replace(r"\{key\}", "[^/]+")
    place = f'~ "^{pattern}$"' if "{key}" in document.path else f"= {document.path}"
    file = "${uri}index.html" if document.path.endswith("/") else "$uri"
    headers = [(name, value) for name, value in constant_headers(document, site) if name != "Content-Type"]
    lines = [
        f"location {place} {{",
        f'    types {{ }} default_type "{document.content_type}";',
        *(f'    add_header {name} "{value}";' for name, value in headers),
        f"    try_files {file} =404;",
        "}\n",
    ]
    return "\n".join(lines)
