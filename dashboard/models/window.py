"""Planned work on components, read from PagerDuty."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Window(Base):
    __tablename__ = "windows"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    title: Mapped[str]  # for staff: PagerDuty's description without the public words
    message: Mapped[str]  # for the public: what follows USER_MESSAGE:
    url: Mapped[str]
    created_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]  # when PagerDuty no longer had it
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
    __table_args__ = (sa.UniqueConstraint("source", "external_id"),)


class WindowComponent(Base):
    """Which components a window is on."""

    __tablename__ = "window_components"

    window_id: Mapped[int] = mapped_column(sa.ForeignKey("windows.id"), primary_key=True)
    component_id: Mapped[int] = mapped_column(sa.ForeignKey("components.id"), primary_key=True, index=True)
