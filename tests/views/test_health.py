from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import publish
from dashboard.actions import sending
from dashboard.actions.writing import SIGNPOST
from dashboard.db import db
from dashboard.models import Ledger, Notification
from dashboard.views import health
from tests.conftest import NOW


def test_healthz_asks_nobody(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.wsgi_app, "inner", None)
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"ok": True})


def test_readyz_names_what_does_not_work(app: Flask) -> None:
    answer = app.test_client().get("/readyz")
    checks: dict[str, Any] = answer.json["checks"]  # type: ignore[index]
    assert answer.status_code == 503
    assert {name for name, figures in checks.items() if not figures["ok"]} == {"redis", "worker", "beat", "published"}
    assert checks["database"] == {"ok": True, "revision": 0}


def test_readyz_is_behind_when_what_is_shown_is_old(app: Flask) -> None:
    publish.publish(NOW)
    assert health.published(NOW) == {"ok": True, "revision": 0, "behind_seconds": 0, "failed": []}
    ledger = db.session.scalars(sa.select(Ledger)).one()
    ledger.revision, ledger.revised_at = 1, NOW - timedelta(seconds=30)
    assert health.published(NOW) == {"ok": False, "revision": 0, "behind_seconds": 30, "failed": []}


@pytest.mark.parametrize(("seconds", "ok"), [(0, True), (89, True), (90, False)])
def test_silence_has_a_limit(seconds: int, ok: bool) -> None:
    said: datetime = NOW - timedelta(seconds=seconds)
    assert health._aged(said, NOW, health.WORKER_SILENT) == {"ok": ok, "age_seconds": seconds}


def test_the_outbox_has_an_age_unless_it_is_held(app: Flask) -> None:
    assert health.outbox(NOW) == {"ok": True, "held": False, "age_seconds": 0}
    old = {"kind": "test", "thing": "incident-7", "audience": "public", "made_at": NOW, "due_at": NOW}
    db.session.add(Notification(key="key", **old))
    db.session.commit()
    late = NOW + health.UNSENT
    assert health.outbox(late) == {"ok": False, "held": False, "age_seconds": 900}
    sending.hold(SIGNPOST, late)
    assert health.outbox(late) == {"ok": True, "held": True, "age_seconds": 0}
