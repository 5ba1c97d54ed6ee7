"""What trouble with a component does to a section."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Dependency(Base):
    __tablename__ = "dependencies"

    section_id: Mapped[int] = mapped_column(sa.ForeignKey("sections.id"), primary_key=True)
    component_id: Mapped[int] = mapped_column(sa.ForeignKey("components.id"), primary_key=True, index=True)
    on_window: Mapped[str] = mapped_column(default="down")  # down, warn or nothing
    on_major: Mapped[str] = mapped_column(default="nothing")
