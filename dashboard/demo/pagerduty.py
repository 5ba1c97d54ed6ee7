"""The demonstration's PagerDuty: real HTTP at the address in PAGERDUTY_URL, with windows around the time it starts."""

from __future__ import annotations

import os
import threading
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from dashboard import leash
from dashboard.clock import now
from dashboard.demo.pagerduty_double import Double

SERVICES = {
    "P0PAY01": "External: Northpay payments",
    "P0DOC01": "External: Document store",
    "P0PHA01": "External: Pharmacy link",
    "P0IDX01": "External: Search index",
    "P0IDP01": "External: Identity provider",
    "P0INT09": "Internal: Build farm",
}


def add_windows(double: Double, at: datetime) -> None:
    """One soon, one that is shown as slow now, one next Sunday; only one of them has words for the public."""
    whole = at.replace(minute=0, second=0, microsecond=0)
    soon, sunday = at + timedelta(minutes=40), whole + timedelta(days=(6 - at.weekday()) % 7 or 7)
    double.add_window(
        "PX4T9",
        soon.replace(second=0, microsecond=0),
        soon.replace(second=0, microsecond=0) + timedelta(hours=2),
        "P0PHA01",
        description="CHG-1204 DB patching, rota B USER_MESSAGE: You cannot order repeat prescriptions. Orders made "
        "before it starts are safe.",
    )
    double.add_window("PX5A1", whole - timedelta(hours=1), whole + timedelta(hours=5), "P0IDX01", description="Reindex")
    double.add_window(
        "PX6B2", sunday.replace(hour=2), sunday.replace(hour=4), "P0DOC01", "P0INT09", description="New disks"
    )


def main() -> None:
    leash.hold()
    port = urlsplit(os.environ["PAGERDUTY_URL"]).port or 0
    with Double(now, key=os.environ["PAGERDUTY_API_KEY"], port=port) as double:
        for external_id, name in SERVICES.items():
            double.add_service(external_id, name)
        add_windows(double, now())
        threading.Event().wait()


if __name__ == "__main__":
    main()
