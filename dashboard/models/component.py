"""A system behind the sections, as its operators know it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Component(Base):
    __tablename__ = "components"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    group: Mapped[str] = mapped_column("group_name", default="")
    position: Mapped[int] = mapped_column(default=0)
    description: Mapped[str] = mapped_column(default="")  # for the public
    runbook_url: Mapped[str] = mapped_column(default="")  # for staff
    upstream_url: Mapped[str] = mapped_column(default="")  # the supplier's own status page
    only_if_degraded: Mapped[bool] = mapped_column(default=False)  # shown only while it is not operational
    start_date: Mapped[date | None]  # before it, nothing is known of its uptime
    status: Mapped[str] = mapped_column(default="operational")  # the baseline; what is shown is derived
    status_at: Mapped[datetime]  # since when the baseline is so
    status_until: Mapped[datetime | None]  # when the baseline is operational again by itself
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
