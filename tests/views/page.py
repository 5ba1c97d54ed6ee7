"""A page as a browser would read it, and what every page of ours must hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Page = Callable[[TestResponse], "Node"]
Post = Callable[..., TestResponse]
Client = Callable[[str], FlaskClient]
HTMX = {"HX-Request": "true"}

_VOID = {"meta", "link", "input", "br", "hr", "img", "source", "wbr"}
_UNLABELLED = {"hidden", "submit", "button", "image"}


class Node:
    """An element with its attributes and children; ``text`` is all that is written in it."""

    def __init__(self, tag: str, attrs: dict[str, str]) -> None:
        self.tag = tag
        self.attrs = attrs
        self.children: list[Node | str] = []

    @property
    def text(self) -> str:
        parts = (child if isinstance(child, str) else child.text for child in self.children)
        return " ".join(" ".join(parts).split())

    def walk(self) -> Iterator[Node]:
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.walk()

    def all(self, tag: str = "", **attrs: str) -> list[Node]:
        """Elements with this tag and these attributes; Python's own words take a trailing _: ``class_="x"``."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
        return [
            node
            for node in self.walk()
            if tag in ("", node.tag) and all(node.attrs.get(name) == value for name, value in wanted.items())
        ]

    def one(self, tag: str = "", **attrs: str) -> Node:
        found = self.all(tag, **attrs)
        assert len(found) == 1, f"{len(found)} of <{tag} {attrs}>"
        return found[0]

    def form(self, action: str) -> dict[str, str]:
        """The fields of the form that posts to ``action``, as a browser would send them."""
        return self.one("form", action=action).fields()

    def fields(self) -> dict[str, str]:
        """Of a form, as a browser would send them."""
        fields = {}
        for node in self.walk():
            name, kind = node.attrs.get("name"), node.attrs.get("type", "")
            if not name or (kind in ("checkbox", "radio") and "checked" not in node.attrs) or kind == "submit":
                continue
            if node.tag == "select":
                chosen = [o for o in node.all("option") if "selected" in o.attrs] or node.all("option")[:1]
                fields[name] = chosen[0].attrs.get("value", chosen[0].text) if chosen else ""
            else:
                fields[name] = node.text if node.tag == "textarea" else node.attrs.get("value", "")
        return fields


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Node("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> says an attribute twice: {names}"
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}> at {self.getpos()}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def read(html: str) -> Node:
    """Raises AssertionError for elements that are not closed in order."""
    reader = _Reader()
    reader.feed(html.replace("<wbr>", ""))  # where a line may break is no text
    reader.close()
    assert reader._open == [reader.root], f"<{reader._open[-1].tag}> is never closed"
    return reader.root


def check(response: TestResponse) -> Node:
    """A whole page, read and checked."""
    root = read(response.text)
    html = root.one("html")
    assert html.attrs.get("lang"), "the page says no language"
    assert len(root.all("h1")) == 1, f"{len(root.all('h1'))} h1"
    assert root.one("title").text
    assert len(root.all("main")) == 1
    check_parts(root)
    _opening(root)
    policy = response.headers["Content-Security-Policy"]
    for script in root.all("script"):
        assert f"'nonce-{script.attrs.get('nonce')}'" in policy, "a script without the page's nonce"
    return root


def check_open(response: TestResponse) -> Node:
    """A public page with a form: nobody is signed in for it, so it sets no cookie and has no token."""
    assert "Set-Cookie" not in response.headers
    assert response.headers["Referrer-Policy"] == "strict-origin"
    root = read(response.text)
    assert len(root.all("h1")) == len(root.all("main")) == 1
    assert root.one("meta", name="robots").attrs["content"] == "noindex, nofollow"
    check_manners(root)
    return root


def check_parts(root: Node) -> None:
    """What holds for partials as well."""
    check_manners(root)
    for form in root.all("form"):
        if form.attrs.get("method", "get").lower() == "post":
            assert form.all("input", name="csrf_token"), f"no CSRF token in the form to {form.attrs.get('action')!r}"


def check_manners(root: Node) -> None:
    _no_inline(root)
    _unique_ids(root)
    _labelled(root)


def _no_inline(root: Node) -> None:
    for node in root.walk():
        bad = [name for name in node.attrs if name == "style" or (name.startswith("on") and name.isalpha())]
        assert not bad, f"<{node.tag}> has {bad}"
        assert node.tag != "style", "a style element"
        assert node.tag != "script" or "src" in node.attrs or node.attrs.get("type", "").endswith("json"), (
            "a script in the page"
        )


def _unique_ids(root: Node) -> None:
    ids = Counter(node.attrs["id"] for node in root.walk() if "id" in node.attrs)
    twice = [one for one, times in ids.items() if times > 1]
    assert not twice, f"ids used twice: {twice}"
    for node in root.walk():
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            missing = [one for one in node.attrs.get(name, "").split() if one not in ids]
            assert not missing, f"<{node.tag} {name}> points to nothing: {missing}"


def _opening(root: Node) -> None:
    ids = {node.attrs["id"] for node in root.walk() if "popover" in node.attrs}
    missing = {node.attrs["popovertarget"] for node in root.walk() if "popovertarget" in node.attrs} - ids
    assert not missing, f"buttons that open nothing: {missing}"


def _labelled(root: Node) -> None:
    labels = {label.attrs.get("for") for label in root.all("label") if label.text}
    within = {id(node) for label in root.all("label") if label.text for node in label.walk()}
    for node in root.walk():
        if node.tag not in ("input", "select", "textarea") or node.attrs.get("type") in _UNLABELLED:
            continue
        named = node.attrs.get("aria-label") or node.attrs.get("aria-labelledby")
        assert named or node.attrs.get("id") in labels or id(node) in within, f"no label: {node.attrs}"
