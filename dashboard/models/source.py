"""How the last asking of a source went. Written when that changes, not at each asking."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Source(Base):
    __tablename__ = "sources"

    name: Mapped[str] = mapped_column(primary_key=True)  # "pagerduty"
    checked_at: Mapped[datetime | None]  # a complete, valid answer was had then, or later (see heartbeat.py)
    asked_at: Mapped[datetime | None]  # when the newest answer that was applied was asked for
    error: Mapped[str] = mapped_column(default="")  # in words for staff; "" when the last asking went well
    error_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    warnings: Mapped[list[str]] = mapped_column(sa.JSON, default=list)  # skipped records, unknown ids, a skewed clock
