"""Where something of ours was last seen in use: a toggle that was read, a website that embeds the script.

No person is in it: a place is the host of a website or the name of a program.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from dashboard.db import Base


class Sighting(Base):
    __tablename__ = "sightings"

    kind: Mapped[str] = mapped_column(primary_key=True)  # "embed", "toggle"
    name: Mapped[str] = mapped_column(primary_key=True)  # of the toggle, "" of all; of the form that is embedded
    place: Mapped[str] = mapped_column(primary_key=True)  # "www.example.org"; "" of who does not say
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(sa.BigInteger)
