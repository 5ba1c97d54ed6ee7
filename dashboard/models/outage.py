"""A section is down for a span, by a person's decision."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Outage(Base):
    """``over_at`` is when it stops by itself or was stopped; None while nobody knows."""

    __tablename__ = "outages"

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(sa.ForeignKey("sections.id"))
    incident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("incidents.id"), index=True)
    starts_at: Mapped[datetime]
    planned_end: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]
    at_end: Mapped[str] = mapped_column(default="restore")  # or hold
    reason: Mapped[str] = mapped_column(default="")  # staff only
    message: Mapped[str] = mapped_column(default="")
    alternative: Mapped[str] = mapped_column(default="")
    tells: Mapped[str] = mapped_column(default="length")  # are followers told? yes, no, or if it is long enough
    zone: Mapped[str]  # the IANA zone in which its times were typed
    typed_start: Mapped[str] = mapped_column(default="")  # wall times as typed, "2026-11-21T18:00", or ""
    typed_end: Mapped[str] = mapped_column(default="")
    started_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    started_by: Mapped[str]
    created_at: Mapped[datetime]
    said_at: Mapped[datetime]  # when a person last said something about it: the next word is promised from here
    once: Mapped[str] = mapped_column(unique=True)  # a form's key: the same form twice makes one outage
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
    __table_args__ = (
        sa.Index("ix_outages_section_id_over_at", "section_id", "over_at"),
        sa.Index("ix_outages_over_at", "over_at"),
    )
