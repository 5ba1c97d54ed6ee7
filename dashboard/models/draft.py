"""What somebody has typed and not sent yet: kept for them, and for others a sign that they are at it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Draft(Base):
    """One for each person and form. Nothing becomes true by it, so no Change is written."""

    __tablename__ = "drafts"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    form: Mapped[str] = mapped_column(primary_key=True)  # "incident-7", "incident-new"
    fields: Mapped[dict[str, list[str]]] = mapped_column(sa.JSON)
    saved_at: Mapped[datetime]
