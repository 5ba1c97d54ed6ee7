"""How deep JSON from outside is nested, found before anything reads it."""

import re

DEEPEST = 32  # levels that anybody may send
# Of a string that never ends everything: what failed at its end would be tried again from each quote within it.
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = {byte: 1 if byte in b"[{" else -1 for byte in b"[]{}"}


def is_deep(body: bytes) -> bool:
    """Are the brackets outside of strings nested deeper than anybody may send?"""
    depth = 0
    for bracket in _STRINGS.sub(b"", body).translate(None, _NOT_BRACKETS):
        depth += _STEPS[bracket]
        if depth > DEEPEST:
            return True
    return False
