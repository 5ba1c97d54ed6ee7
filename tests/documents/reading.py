"""Reads a page as a strict reader would: every tag closed, every id once, every reference to something."""

from __future__ import annotations

from html.parser import HTMLParser

_VOID = {"base", "meta", "link", "br", "input"}
_DRAWN = {"circle", "path", "use", "rect"}


class Reading(HTMLParser):
    """The elements of a page in order, as (tag, attributes), and the text of each tag's first appearance."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice on {tag}"
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _DRAWN, f"{tag} closes itself"
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"{tag} is closed, but nothing is open"
        assert self._open[-1] == tag, f"{tag} is closed while {self._open[-1]} is open"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag] = self.texts.get(tag, "") + data

    def text(self, tag: str) -> str:
        """All that is said within elements of this kind."""
        return " ".join(self.texts.get(tag, "").split())

    def count(self, tag: str) -> int:
        return sum(1 for found, _ in self.elements if found == tag)

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] or "" for _, attributes in self.elements if attribute in attributes]


def assert_whole(read: Reading) -> None:
    """What every page must hold: what it refers to is there, once; one heading, one title that begins with it."""
    ids = read.values("id")
    assert len(set(ids)) == len(ids)
    assert set(read.values("aria-labelledby")) <= set(ids)
    assert {href[1:] for href in read.values("href") if href.startswith("#")} <= set(ids)
    assert [read.count(tag) for tag in ("h1", "main", "header", "footer", "title")] == [1] * 5
    assert read.text("title").startswith(read.text("h1"))
