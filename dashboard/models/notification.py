"""One thing to tell, once for all who follow it: the outbox. A Change that followers are told of leaves one behind, in
its own transaction."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Notification(Base):
    """``state``: pending until ``due_at``, when it is found out what to say; then sending until each follower has a
    delivery, and told; or stopped, and sent to nobody else. Or cancelled by somebody, folded into a later one of the
    same thing, or void: there was nothing to say any more."""

    __tablename__ = "notifications"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)  # random: begins the id by which receivers know a message again
    revision: Mapped[int | None] = mapped_column(index=True)  # of the Change; None for what is told to one follower
    kind: Mapped[str]  # of the Change, or "confirm", "test"
    thing: Mapped[str]  # what it is about: "section-12", "incident-7", "window-3"; of one there is one a minute
    audience: Mapped[str]  # public, staff or one
    is_planned: Mapped[bool] = mapped_column(default=False)
    by: Mapped[str] = mapped_column(default="")  # who did what it tells of
    made_at: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="pending")
    released_at: Mapped[datetime | None]
    message: Mapped[dict[str, object] | None] = mapped_column(sa.JSON)  # a channels.Message, as it was when released
    reach: Mapped[dict[str, object] | None] = mapped_column(sa.JSON)  # ids: {"sections": [], "components": [], ...}
    said: Mapped[dict[str, object] | None] = mapped_column(
        sa.JSON
    )  # what it says of the thing, for the next to compare
    replaces: Mapped[bool] = mapped_column(default=True)  # it says how all of its thing stands
    reached_id: Mapped[int] = mapped_column(default=0)  # every follower up to this id has its delivery

    __table_args__ = (
        sa.Index("ix_notifications_state_due_at", "state", "due_at"),
        sa.Index("ix_notifications_thing_released_at", "thing", "released_at"),
    )
