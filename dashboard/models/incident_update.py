"""What was said of an incident at a time, and what it did to components from then on."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class IncidentUpdate(Base):
    """``at`` is the time it stands for, which may lie before it was written; ``visible_from`` when readers get it."""

    __tablename__ = "incident_updates"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incidents.id"), index=True)
    stage: Mapped[str]
    body: Mapped[str]
    at: Mapped[datetime]
    visible_from: Mapped[datetime] = mapped_column(index=True)
    next_at: Mapped[datetime | None]  # when the next word is promised
    edited_at: Mapped[datetime | None]
    tells: Mapped[bool] = mapped_column(default=True)  # are followers told?
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    by: Mapped[str]
    created_at: Mapped[datetime]
    once: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class IncidentImpact(Base):
    """Every component that the incident has touched by this update, with its status from then on."""

    __tablename__ = "incident_impacts"

    update_id: Mapped[int] = mapped_column(sa.ForeignKey("incident_updates.id"), primary_key=True)
    component_id: Mapped[int] = mapped_column(sa.ForeignKey("components.id"), primary_key=True, index=True)
    status: Mapped[str]
