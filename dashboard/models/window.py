"""Planned work on components and sections, read from PagerDuty or planned here."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base

OURS = "signpost"


class Window(Base):
    __tablename__ = "windows"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str]  # pagerduty or signpost
    external_id: Mapped[str]  # of one planned here, the key of the form that planned it
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    title: Mapped[str]  # for staff: PagerDuty's description without the public words
    message: Mapped[str]  # for the public: what follows USER_MESSAGE:, or what was written here
    words: Mapped[str] = mapped_column(default="")  # for the public, instead of what PagerDuty says
    url: Mapped[str]
    verifying_at: Mapped[datetime | None]  # since when the work is done and being looked at
    gone_at: Mapped[datetime | None] = mapped_column(index=True)  # called off, or no longer in PagerDuty
    series_id: Mapped[int | None] = mapped_column(sa.ForeignKey("window_series.id"), index=True)
    zone: Mapped[str] = mapped_column(default="")  # the IANA zone in which its times were typed
    typed_start: Mapped[str] = mapped_column(default="")  # wall times as typed, "2026-11-29T02:00", or ""
    typed_end: Mapped[str] = mapped_column(default="")
    tells: Mapped[bool] = mapped_column(default=True)  # are followers told that it is planned, moved or cancelled?
    reminds: Mapped[bool] = mapped_column(default=True)  # an hour before it begins?
    tells_start: Mapped[bool] = mapped_column(default=False)  # when it begins?
    tells_end: Mapped[bool] = mapped_column(default=False)  # and when it is over?
    planned_by: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    revised_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
    __table_args__ = (sa.UniqueConstraint("source", "external_id"),)

    @property
    def is_ours(self) -> bool:
        return self.source == OURS

    @property
    def name(self) -> str:
        """What staff call it: PagerDuty's by its number."""
        return self.title if self.is_ours else self.external_id


class WindowComponent(Base):
    """Which components a window is on."""

    __tablename__ = "window_components"

    window_id: Mapped[int] = mapped_column(sa.ForeignKey("windows.id"), primary_key=True)
    component_id: Mapped[int] = mapped_column(sa.ForeignKey("components.id"), primary_key=True, index=True)


class WindowSection(Base):
    """Which sections a window is on itself, and what it does to them."""

    __tablename__ = "window_sections"

    window_id: Mapped[int] = mapped_column(sa.ForeignKey("windows.id"), primary_key=True)
    section_id: Mapped[int] = mapped_column(sa.ForeignKey("sections.id"), primary_key=True, index=True)
    effect: Mapped[str] = mapped_column(default="down")


class WindowSeries(Base):
    """Planned work that comes again. Its next windows are rows of their own; the rule makes more in time."""

    __tablename__ = "window_series"

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str]  # RFC 5545: "FREQ=WEEKLY;BYDAY=SU"
    zone: Mapped[str]
    typed_start: Mapped[str]  # of the first
    typed_end: Mapped[str]
    ended_at: Mapped[datetime | None]  # no more of it from then on
    created_at: Mapped[datetime]
