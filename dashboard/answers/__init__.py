"""What is asked with arguments: the table beside DOCUMENTS, answered in memory from the same Snapshot."""

from __future__ import annotations

from functools import partial

from dashboard.answers import ofrep, vets, vets_banners, vets_statuses, vets_toggles, vets_windows
from dashboard.answers.question import Question, error

_FLAGS = "/ofrep/v1/evaluate/flags"
_STATUSES = "/v0/backend_statuses"
_BY_POST, _BY_TOKEN = ("POST",), ofrep.VARIES
_vets = partial(Question, varies=(vets.HEADER,), origins=True, error=vets.errors)

QUESTIONS: tuple[Question, ...] = (
    Question("/v0/feature_toggles", vets_toggles.read, vets_toggles.say, origins=True),
    _vets("/v0/maintenance_windows", vets_windows.read, vets_windows.say, form="windows"),
    _vets(_STATUSES, vets_statuses.read, vets_statuses.say),
    _vets(f"{_STATUSES}/{{key}}", vets_statuses.read_one, vets_statuses.say_one),
    _vets("/v0/banners", vets_banners.read, vets_banners.say, error=error),
    Question(_FLAGS, ofrep.read_all, ofrep.say_all, _BY_POST, _BY_TOKEN, error=ofrep.error),
    Question(f"{_FLAGS}/{{key}}", ofrep.read_one, ofrep.say_one, _BY_POST, _BY_TOKEN, error=ofrep.error),
    Question("/ofrep/v1/configuration", ofrep.read_configuration, ofrep.say_configuration, error=ofrep.error),
)
PLACES = frozenset(question.path.split("/")[1] for question in QUESTIONS)  # below these an error is JSON

_BY_PATH = {question.path: question for question in QUESTIONS if "{key}" not in question.path}
_KEYED = tuple((question.path.partition("{key}")[0], question) for question in QUESTIONS if "{key}" in question.path)


def question_of(path: str) -> tuple[Question, str] | None:
    """The line of the table and its ``{key}``, which may hold slashes. A slash at the end of a path is as good as
    none, and two at its beginning are as one: clients put it behind an address that ends in one."""
    path = path[1:] if path.startswith("//") else path
    found = _BY_PATH.get(path) or _BY_PATH.get(path.removesuffix("/"))
    if found is not None:
        return found, ""
    return next(((question, path.removeprefix(start)) for start, question in _KEYED if path.startswith(start)), None)
