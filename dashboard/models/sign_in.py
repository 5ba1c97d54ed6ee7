"""One signed-in browser. Deleting the row ends it, wherever a copy of the cookie may be."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class SignIn(Base):
    __tablename__ = "sign_ins"

    token_hash: Mapped[str] = mapped_column(primary_key=True)  # SHA-256; the token itself is only in the cookie
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(default="")  # from where it was begun
    browser: Mapped[str] = mapped_column(default="")  # its User-Agent, shortened
