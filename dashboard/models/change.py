"""One row for each thing that became true: the audit trail, and what followers, feeds and uptime are read from."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Change(Base):
    """Written once, never edited, never deleted. ``hash`` chains it to the change before it."""

    __tablename__ = "changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    revision: Mapped[int] = mapped_column(unique=True)
    kind: Mapped[str]  # "outage.start": the subject's noun and what was done to it
    subject: Mapped[str] = mapped_column(index=True)  # "outage-31"
    subject_name: Mapped[str]
    section_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sections.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"), index=True)
    actor: Mapped[str]  # the person's name then, or "PagerDuty", "Signpost"
    address: Mapped[str]  # the caller's network address, "" for the clock
    before: Mapped[dict[str, object] | None] = mapped_column(sa.JSON)
    after: Mapped[dict[str, object] | None] = mapped_column(sa.JSON)
    hash: Mapped[str]
    once: Mapped[str | None] = mapped_column(unique=True)  # of what the clock did: there is one of it, whoever notices

    __table_args__ = (sa.Index("ix_changes_kind_at", "kind", "at"),)
