"""What is asked with arguments: the table beside DOCUMENTS, answered in memory from the same Snapshot."""

from __future__ import annotations

from dashboard.answers import vets_toggles
from dashboard.answers.question import Question

QUESTIONS: tuple[Question, ...] = (Question("/v0/feature_toggles", vets_toggles.read, vets_toggles.say, origins=True),)
PLACES = frozenset(question.path.split("/")[1] for question in QUESTIONS)  # below these an error is JSON

_BY_PATH = {question.path: question for question in QUESTIONS if "{key}" not in question.path}
_KEYED = tuple((question.path.partition("{key}")[0], question) for question in QUESTIONS if "{key}" in question.path)


def question_of(path: str) -> tuple[Question, str] | None:
    """The line of the table and its ``{key}``, which may hold slashes. A slash at the end of a path is as good as
    none."""
    found = _BY_PATH.get(path) or _BY_PATH.get(path.removesuffix("/"))
    if found is not None:
        return found, ""
    return next(((question, path.removeprefix(start)) for start, question in _KEYED if path.startswith(start)), None)
