"""A script as it is sent: no comment, no idle space, and one letter for each name that does not leave it.

It knows the JavaScript that static/embed/embed.js is written in and no other: arrow functions, `const` and `let`, a
semicolon after every statement, no template within a template, and no line break in a template that means anything.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise, product
from string import ascii_letters

_TOKEN = re.compile(
    r"/\*.*?\*/|\s+|'[^'\n]*'|`[^`]*`"
    r"|(?<=[\[(,=:?&|!])/(?:\\.|\[[^\]]*\]|[^/\\\n])+/\w*"  # a regular expression; a division has a space before it
    r"|\.\.\.|\?\.|=>|\d[\w.]*|[A-Za-z_$][\w$]*|.",
    re.DOTALL,
)
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_WORDS = re.compile(
    "async|await|break|catch|class|const|continue|delete|do|else|extends|false|for|if|in|instanceof|let|new|null|of|"
    "return|static|this|true|try|typeof|void|while"
)
_BEFORE_OBJECT = frozenset(("=", "(", ",", ":", "?", "[", "...", "return", "const", "let", "&", "|"))
_OPENS, _CLOSES = frozenset("([{"), frozenset(")]}")
# What is frequent in any script first: it packs best.
_LETTERS = [*dict.fromkeys("etnarioslcduhmpfgbvwy" + ascii_letters)]


@dataclass(slots=True)
class _Variable:
    """``scope``: the first and the last token of where it is known; ``places``: the tokens that name it."""

    scope: tuple[int, int]
    places: list[int] = field(default_factory=list)

    def is_seen_in(self, scope: tuple[int, int]) -> bool:
        return any(scope[0] <= place <= scope[1] for place in self.places)


class _Script:
    """Its tokens, which of them name a variable, and where its brackets and its scopes end."""

    def __init__(self, code: str) -> None:
        self.texts = [*_split(code), ""]
        self.ends: dict[int, int] = {}  # of each bracket that opens; and the other way round
        self.names: set[int] = set()
        self.short: set[int] = set()  # of the names, those that are a key as well: { this }
        self.objects: set[int] = set()  # braces that open no block
        self._read()
        self.scopes = sorted(self._scopes(), key=lambda scope: scope[1] - scope[0])  # the innermost first

    def _read(self) -> None:
        is_open = [-1]
        for place, text in enumerate(self.texts):
            before = self.texts[place - 1]
            if text in _OPENS:
                is_open.append(place)
                self.objects |= {place} if text == "{" and before in _BEFORE_OBJECT else set()
            elif text in _CLOSES:
                start = is_open.pop()
                self.ends |= {start: place, place: start}
            elif _NAME.fullmatch(text) and not _WORDS.fullmatch(text) and before not in (".", "?."):
                self._name(place, is_open[-1] in self.objects and before in ("{", ","))

    def _name(self, place: int, may_be_key: bool) -> None:
        after = self.texts[place + 1]
        if not (may_be_key and after == ":"):
            self.names.add(place)
        if may_be_key and after in (",", "}"):
            self.short.add(place)

    def _scopes(self) -> Iterator[tuple[int, int]]:
        for place, text in enumerate(self.texts):
            if text == "=>":
                yield self.ends.get(place - 1, place - 1), self._end(place + 1)
            elif text == "for":
                yield place, self._end(self.ends[place + 1] + 1)
            elif text == "{" and place not in self.objects and self.texts[place - 1] != "=>":
                yield place, self.ends[place]

    def _end(self, place: int) -> int:
        """Of a block, or of what stands in the place of one."""
        if self.texts[place] == "{":
            return self.ends[place]
        while self.texts[place] not in (",", ";", *_CLOSES):
            place = self.ends[place] + 1 if self.texts[place] in _OPENS else place + 1
        return place - 1

    def declared(self) -> Iterator[int]:
        """The places at which a variable is made. Those outside all functions are for other scripts too."""
        for place, text in enumerate(self.texts):
            if text in ("const", "let"):
                yield from self._listed(place + 1)
            elif text == "=>":
                yield from self._listed(self.ends.get(place - 1, place - 2) + 1)
            elif text == "class":
                yield place + 1

    def _listed(self, place: int) -> Iterator[int]:
        """Of "a = 1, { b, c } = d, e": all but d."""
        is_next = True
        while self.texts[place] not in (";", "of", "=>", *_CLOSES):
            text, last = self.texts[place], self.ends.get(place, place)
            if is_next:
                yield from (one for one in range(place, last + 1) if one in self.names)
            is_next = text == ","
            place = last + 1

    def variables(self) -> list[_Variable]:
        known: dict[tuple[tuple[int, int], str], _Variable] = {}
        for place in self.declared():
            scope = next(self._around(place), None)
            if scope and place in self.names:
                known[scope, self.texts[place]] = _Variable(scope)
        for place in self.names:
            keys = ((scope, self.texts[place]) for scope in self._around(place))
            if variable := next((known[key] for key in keys if key in known), None):
                variable.places.append(place)
        return sorted(known.values(), key=lambda one: (-len(one.places), one.scope, min(one.places)))

    def _around(self, place: int) -> Iterator[tuple[int, int]]:
        return (scope for scope in self.scopes if scope[0] <= place <= scope[1])


def shorten(code: str) -> str:
    script = _Script(code)
    new = _renamed(script.variables())
    texts = [
        f"{text}:{new[place]}" if place in new and place in script.short else new.get(place, text)
        for place, text in enumerate(script.texts)
    ]
    return _joined(_merged(texts)).replace(";}", "}") + "\n"


def _split(code: str) -> list[str]:
    """What stands in quotes is one piece; of a template, so is all between its expressions."""
    found: list[str] = []
    for text in _TOKEN.findall(code):
        if text.startswith("`"):
            found += _template(text.replace("\n", ""))
        elif not text.startswith("/*") and not text.isspace():
            found.append(text)
    return found


def _template(text: str) -> Iterator[str]:
    literal, *rest = re.split(r"\$\{([^}]*)\}", text)
    for expression, after in zip(rest[::2], rest[1::2], strict=True):
        yield literal + "${"
        yield from _split(expression)
        literal = "}" + after
    yield literal


def _renamed(variables: list[_Variable]) -> dict[int, str]:
    """By the place, new names: the most frequent first, and one for all that never meet."""
    new: dict[int, str] = {}
    called: defaultdict[str, list[_Variable]] = defaultdict(list)
    for one in variables:
        name = next(name for name in _candidates() if not any(_meet(one, other) for other in called[name]))
        called[name].append(one)
        new |= dict.fromkeys(one.places, name)
    return new


def _meet(one: _Variable, other: _Variable) -> bool:
    """Would one be taken for the other under the same name?"""
    if one.scope == other.scope:
        return True
    return any(a.is_seen_in(b.scope) and _holds(a, b) for a, b in ((one, other), (other, one)))


def _holds(outer: _Variable, inner: _Variable) -> bool:
    return outer.scope[0] <= inner.scope[0] and inner.scope[1] <= outer.scope[1]


def _candidates() -> Iterator[str]:
    yield from _LETTERS
    yield from (name for name in map("".join, product(_LETTERS, _LETTERS)) if not _WORDS.fullmatch(name))


def _merged(texts: list[str]) -> Iterator[str]:
    """With one `const` for those that follow each other."""
    began, is_next, is_merged = [""], True, False  # what each statement that is open began with
    for text, after in pairwise(texts):
        if is_next:
            began[-1] = text
        is_next = text in ("{", ";")
        if text in _OPENS:
            began.append("")
        elif text in _CLOSES:
            began.pop()
        elif text == ";" and began[-1] == after == "const":
            text, is_next, is_merged = ",", False, True
        elif is_merged and text == "const":
            is_merged = False
            continue
        yield text


def _joined(texts: Iterable[str]) -> str:
    """With a space only between two words."""
    done = ""
    for text in texts:
        done += " " * bool(re.match(r"[\w$]", text) and re.search(r"[\w$]$", done[-1:])) + text
    return done
