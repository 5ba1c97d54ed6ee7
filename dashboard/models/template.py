"""Ready words and defaults for an incident or for planned work."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Template(Base):
    """Its words may hold {section}, {component}, {until} and {next}, filled in by plain replacement."""

    __tablename__ = "templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    noun: Mapped[str]  # incident or window
    name: Mapped[str]
    stage: Mapped[str] = mapped_column(default="")  # of an incident's update
    title: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(default="")
    impacts: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)  # a component's key -> its status
    sections: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)  # a section's key -> the effect on it
    next_minutes: Mapped[int | None]
    tells: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    once: Mapped[str] = mapped_column(unique=True)  # the form's key, or the name of one that came with the product
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
