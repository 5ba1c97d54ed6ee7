"""A short note that is no incident: something new, something changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Announcement(Base):
    """A draft has no ``published_at``; one that is to come is scheduled."""

    __tablename__ = "announcements"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    link_label: Mapped[str] = mapped_column(default="")
    link_url: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]  # since it was published
    by: Mapped[str]
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    once: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
