"""A named feature toggle that front ends and back ends read, and the names that it had before."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Toggle(Base):
    __tablename__ = "toggles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    while_down: Mapped[bool]  # the value it takes while one of its sections is down
    owner: Mapped[str]
    sentence: Mapped[str]
    is_private: Mapped[bool] = mapped_column(default=False)  # told only to who sends a token
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ToggleSection(Base):
    """Which sections a toggle belongs to."""

    __tablename__ = "toggle_sections"

    toggle_id: Mapped[int] = mapped_column(sa.ForeignKey("toggles.id"), primary_key=True)
    section_id: Mapped[int] = mapped_column(sa.ForeignKey("sections.id"), primary_key=True, index=True)


class ToggleAlias(Base):
    """An earlier name of a toggle: code that still asks for it is told the same, until it is let go of. Never used for
    another."""

    __tablename__ = "toggle_aliases"

    name: Mapped[str] = mapped_column(primary_key=True)
    toggle_id: Mapped[int] = mapped_column(sa.ForeignKey("toggles.id"), index=True)
    created_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]  # when it was let go of: code that asks for it is told that it is not known
