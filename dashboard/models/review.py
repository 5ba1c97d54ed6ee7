"""What was learnt from an incident once it was over."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Review(Base):
    """Of its four parts the public gets those named in ``public_parts``, while it is published."""

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(sa.ForeignKey("incidents.id"), unique=True)
    happened: Mapped[str] = mapped_column(default="")
    affected: Mapped[str] = mapped_column(default="")
    cause: Mapped[str] = mapped_column(default="")
    actions: Mapped[str] = mapped_column(default="")  # what we will do
    public_parts: Mapped[frozenset[str]]  # of happened, affected, cause, actions
    published_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]  # since it was published
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
