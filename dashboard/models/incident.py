"""An unplanned problem: its title, what readers need to know of it, and the sections it touches."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Incident(Base):
    """A draft has no ``published_at``; one that is to come is scheduled. ``over_at`` is when its updates resolve it
    for good, None while they do not. Each change to it or to any of its updates is another version."""

    __tablename__ = "incidents"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    is_private: Mapped[bool] = mapped_column(default=False)  # never reaches a public byte
    published_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]
    impact_override: Mapped[str] = mapped_column(default="")  # none, minor, major, critical; "" is computed
    broken: Mapped[str] = mapped_column(default="")  # what is broken
    affected: Mapped[str] = mapped_column(default="")  # who is affected
    instead: Mapped[str] = mapped_column(default="")  # what to do instead
    expected: Mapped[str] = mapped_column(default="")  # when to expect a fix
    third_party: Mapped[str] = mapped_column(default="")  # where it comes from
    third_party_url: Mapped[str] = mapped_column(default="")
    declared_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    declared_by: Mapped[str]
    created_at: Mapped[datetime]
    revised_at: Mapped[datetime]
    discarded_at: Mapped[datetime | None]  # a draft that was thrown away
    once: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
    __table_args__ = (sa.Index("ix_incidents_over_at", "over_at"),)


class IncidentSection(Base):
    """A section that an incident touches, and what it does to it. ``down`` is done by an outage of the section."""

    __tablename__ = "incident_sections"

    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incidents.id"), primary_key=True)
    section_id: Mapped[int] = mapped_column(sa.ForeignKey("sections.id"), primary_key=True, index=True)
    effect: Mapped[str]  # down, warn or nothing
