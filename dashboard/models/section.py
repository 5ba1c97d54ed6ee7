"""A part of a website as its visitors know it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Section(Base):
    __tablename__ = "sections"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)  # never reused, archived or not
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sections.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(default="")  # ready words for the public
    alternative: Mapped[str] = mapped_column(default="")  # what to do instead
    link_label: Mapped[str] = mapped_column(default="")
    link_url: Mapped[str] = mapped_column(default="")  # contact: https, mailto or tel
    default_minutes: Mapped[int] = mapped_column(default=60)
    warn_minutes: Mapped[int] = mapped_column(default=60)
    owner: Mapped[str] = mapped_column(default="")
    path: Mapped[str] = mapped_column(default="")  # where it is on the website: "/account/payments"
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
