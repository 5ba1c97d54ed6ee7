from __future__ import annotations

import sqlalchemy as sa

from dashboard.actions import people, sign_ins
from dashboard.actions.writing import SIGNPOST
from dashboard.db import db
from dashboard.models import Ledger
from tests.conftest import NOW


def setup_hash() -> str:
    return db.session.scalars(sa.select(Ledger.setup_hash)).one()


def test_set_up_is_opened_with_a_token_of_which_only_the_hash_is_kept(app):
    first = people.open_setup(SIGNPOST, NOW)
    second = people.open_setup(SIGNPOST, NOW)
    assert first != second
    assert setup_hash() == sign_ins.token_hash(second)
