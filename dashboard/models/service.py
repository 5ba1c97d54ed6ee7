"""A PagerDuty service, and the component that stands for it here."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Service(Base):
    __tablename__ = "services"

    external_id: Mapped[str] = mapped_column(primary_key=True)  # "P0AAAA1"
    component_id: Mapped[int] = mapped_column(sa.ForeignKey("components.id"), primary_key=True, index=True)
    name: Mapped[str]
    problem: Mapped[str] = mapped_column(default="")  # what PagerDuty said when it refused this id
    created_at: Mapped[datetime]
