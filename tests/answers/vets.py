"""A question to one of the VA's endpoints, without HTTP."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import msgspec

from dashboard.answers.question import Asked
from tests import given
from tests.rules.given import at


def ask(module: ModuleType, *of: Any, t: str = "14:30", keys: str = "", **query: str) -> dict[str, Any]:
    snapshot = given.shown(*of, t=t)
    asked = Asked(at(t), query=query, headers={"x-key-inflection": keys} if keys else {})
    return msgspec.json.decode(module.say(snapshot, module.read(snapshot, asked)).body)
