"""Somebody who asked to be told, or a team's own channel, and what of."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Follower(Base):
    """Told once ``confirmed_at`` is set, until ``left_at`` or while not ``paused_at``. Who has left has no address here
    any more. The links by which one manages it are derived from ``salt``, and are kept nowhere."""

    __tablename__ = "followers"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]  # a name in CHANNELS
    address: Mapped[str]  # of mail, or the URL to post to
    is_staff: Mapped[bool] = mapped_column(default=False)  # told by whom and why too
    name: Mapped[str] = mapped_column(default="")  # of a team's channel: "Payments team"
    everything: Mapped[bool] = mapped_column(default=False)  # and not only what its follows name
    problems: Mapped[bool] = mapped_column(default=True)  # told of what goes wrong
    planned: Mapped[bool] = mapped_column(default=True)  # and of what is planned
    zone: Mapped[str] = mapped_column(default="")  # in which times are told; "" is the page's
    contact: Mapped[str] = mapped_column(default="")  # an address of mail, told when a webhook is paused
    salt: Mapped[str]  # random; another one makes every earlier link void
    secret: Mapped[str] = mapped_column(default="")  # signs what is posted to a webhook
    old_secret: Mapped[str] = mapped_column(default="")  # one or several; they sign too, until then
    old_secret_until: Mapped[datetime | None]
    asked_at: Mapped[datetime]  # when a link to confirm was last sent
    confirmed_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    paused_why: Mapped[str] = mapped_column(default="")
    failing_since: Mapped[datetime | None]  # since when nothing arrived
    bounces: Mapped[int] = mapped_column(default=0)  # refusals for good, in a row
    left_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
    __table_args__ = (
        sa.Index("ix_followers_channel_address", "channel", "address"),
        sa.Index(
            "uq_followers_channel_address",
            "channel",
            "address",
            unique=True,
            sqlite_where=sa.text("confirmed_at IS NOT NULL AND left_at IS NULL"),
            postgresql_where=sa.text("confirmed_at IS NOT NULL AND left_at IS NULL"),
        ),
        sa.Index(  # all that counting takes, so that no row is looked up
            "ix_followers_live",
            *("channel", "is_staff", "problems", "planned", "everything", "paused_at", "left_at", "confirmed_at"),
            sqlite_where=sa.text("confirmed_at IS NOT NULL AND left_at IS NULL AND paused_at IS NULL"),
            postgresql_where=sa.text("confirmed_at IS NOT NULL AND left_at IS NULL AND paused_at IS NULL"),
        ),
    )


class Follow(Base):
    """One thing that a follower chose: a section, a component or an incident."""

    __tablename__ = "follows"

    id: Mapped[int] = mapped_column(primary_key=True)
    follower_id: Mapped[int] = mapped_column(sa.ForeignKey("followers.id"))
    section_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sections.id"), index=True)
    component_id: Mapped[int | None] = mapped_column(sa.ForeignKey("components.id"), index=True)
    incident_id: Mapped[int | None] = mapped_column(sa.ForeignKey("incidents.id"), index=True)
    let_go: Mapped[bool] = mapped_column(default=False)  # of an incident: told before or not, they want no more of it

    __table_args__ = (sa.UniqueConstraint("follower_id", "section_id", "component_id", "incident_id"),)
