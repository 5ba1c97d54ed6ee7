"""One row: the revision that is true now, and the head of the chain of changes. Writers queue up on it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Ledger(Base):
    __tablename__ = "ledger"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(default=0)
    revised_at: Mapped[datetime]
    ticked_at: Mapped[datetime | None]  # what the clock did until then is recorded
    held_at: Mapped[datetime | None]  # since when nothing is sent to followers, by an admin's word
    head: Mapped[str] = mapped_column(default="")
    setup_hash: Mapped[str] = mapped_column(default="")  # SHA-256 of the one-time set-up token; marked once it is used
