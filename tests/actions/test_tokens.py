"""Tokens are made once, opened by nobody but their holder, and revoked for good."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from dashboard import publish
from dashboard.actions import tokens
from dashboard.actions.sign_ins import token_hash
from dashboard.actions.writing import Refused
from dashboard.answers import ofrep
from dashboard.answers.question import Asked
from dashboard.db import db
from dashboard.models import Change, Token
from dashboard.snapshot import snapshot_at
from tests.actions.conftest import PRIYA, TOM
from tests.conftest import NOW

Kinds = Callable[[], list[str]]


def reader(token: str) -> ofrep.Reader:
    """As whom the holder of a token reads flags now."""
    snapshot = snapshot_at(publish.read_facts(NOW), NOW)
    return ofrep.read_all(snapshot, Asked(NOW, headers={"x-api-key": token}))


def test_a_token_opens_private_toggles_until_it_is_revoked(app: Flask, kinds: Kinds) -> None:
    token = tokens.add("Payments back end", PRIYA, NOW)
    row = db.session.scalars(sa.select(Token)).one()
    assert (row.name, row.created_by, row.created_at) == ("Payments back end", "Priya Shah", NOW)
    assert reader(token) is ofrep.Reader.HOLDER
    assert tokens.revoke(row.id, TOM, NOW)
    assert reader(token) is ofrep.Reader.STRANGER
    assert tokens.revoke(row.id, TOM, NOW) is None
    assert kinds() == ["token.create", "token.revoke"]


def test_each_is_another_long_and_told_by_how_it_begins(app: Flask) -> None:
    made = {tokens.add(f"Program {number}", PRIYA, NOW) for number in range(5)}
    assert len(made) == 5
    assert all(token.startswith("signpost_") and len(token) - len("signpost_") >= 32 for token in made)


def test_it_is_kept_nowhere(app: Flask) -> None:
    token = tokens.add("Payments back end", PRIYA, NOW)
    kept = [str(vars(row)) for row in (*db.session.scalars(sa.select(Token)), *db.session.scalars(sa.select(Change)))]
    assert not any(token in row for row in kept)
    assert not any(token_hash(token) in str(change.after) for change in db.session.scalars(sa.select(Change)))


def test_two_of_one_name_could_not_be_told_apart(app: Flask) -> None:
    tokens.add("Payments back end", PRIYA, NOW)
    with pytest.raises(Refused, match="There is a token called Payments back end"):
        tokens.add("Payments back end", TOM, NOW)
    found = tokens.live("Payments back end")
    assert found is not None
    tokens.revoke(found.id, TOM, NOW)
    assert tokens.add("Payments back end", TOM, NOW)


class TestByHand:
    @pytest.fixture
    def run(self, app: Flask) -> Callable[..., Result]:
        return lambda *words: app.test_cli_runner().invoke(args=["tokens", *words])

    def test_makes_and_revokes(self, run: Callable[..., Result]) -> None:
        token = run("add", "Payments back end").output.strip()
        assert reader(token) is ofrep.Reader.HOLDER
        assert run("revoke", "Payments back end").exit_code == 0
        assert reader(token) is ofrep.Reader.STRANGER

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("add", "Taken"), "There is a token called Taken"),
            (("add", " "), "Give a name"),
            (("add", "x" * 201), "Give a name"),
            (("revoke", "Nobody"), "There is no token of this name."),
        ],
    )
    def test_says_why_not(self, run: Callable[..., Result], words: tuple[str, str], said: str) -> None:
        run("add", "Taken")
        result = run(*words)
        assert (result.exit_code, said in result.output) == (1, True)
