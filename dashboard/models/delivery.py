"""One notification to one follower."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Delivery(Base):
    """``state``: waiting, sent, dead (given up, or its follower is paused) or skipped (who follows has left, or a later
    one says it). Whoever takes it to send it puts ``due_at`` off: when they die, it is due again by itself."""

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    notification_id: Mapped[int] = mapped_column(sa.ForeignKey("notifications.id"))
    follower_id: Mapped[int] = mapped_column(sa.ForeignKey("followers.id"))
    lane: Mapped[str]  # what a slow receiver may hold up: the channel, and the host of a URL
    state: Mapped[str] = mapped_column(default="waiting")
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str] = mapped_column(default="")  # what became of the last try, for staff
    first_tried_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]  # as the receiver said
    done_at: Mapped[datetime | None]

    __table_args__ = (
        sa.UniqueConstraint("notification_id", "follower_id"),
        sa.Index("ix_deliveries_follower_id_state", "follower_id", "state"),
        sa.Index("ix_deliveries_notification_id_state", "notification_id", "state"),
        sa.Index(  # what may be sent again
            "ix_deliveries_dead",
            "follower_id",
            sqlite_where=sa.text("state = 'dead'"),
            postgresql_where=sa.text("state = 'dead'"),
        ),
        sa.Index(
            "ix_deliveries_waiting",
            "due_at",
            "id",
            "lane",
            "follower_id",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
    )
