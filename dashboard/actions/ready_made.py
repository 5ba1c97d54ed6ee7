"""The templates that come with the product."""

from __future__ import annotations

from typing import NamedTuple


class Ready(NamedTuple):
    """``once`` marks it for ever: one that was archived does not come back."""

    once: str
    noun: str
    name: str
    stage: str
    title: str
    body: str
    next_minutes: int | None


READY_MADE = (
    Ready(
        "ready-supplier-first",
        "incident",
        "Supplier outage: first message",
        "investigating",
        "{section} is unavailable",
        "You cannot use {section} right now. What you have sent already is safe.\n\n"
        "A supplier of ours, {component}, has a problem. We are in touch with them, "
        "and will say more by {next}.",
        30,
    ),
    Ready(
        "ready-supplier-cause",
        "incident",
        "Supplier outage: cause known",
        "identified",
        "{section} is unavailable until {until}",
        "You cannot use {section} yet. The rest of the website works.\n\n"
        "The cause is a fault at our supplier, {component}. They are mending it, and we expect it "
        "back by {until}. You do not need to send anything again. We will say more by {next}.",
        60,
    ),
    Ready(
        "ready-slow",
        "incident",
        "Slow service",
        "investigating",
        "{section} is slow",
        "You can still use {section}, but pages take longer than usual. Wait for an answer before you press a "
        "button again.\n\nWe are looking for the cause, and will say more by {next}.",
        60,
    ),
    Ready(
        "ready-sign-in",
        "incident",
        "Sign-in problems",
        "investigating",
        "You cannot sign in",
        "You cannot sign in to your account. If you are signed in already, you can go on; do not sign out.\n\n"
        "Your password is still right, so there is no need to change it. We will say more by {next}.",
        30,
    ),
    Ready(
        "ready-watching",
        "incident",
        "Fixed, and watching",
        "monitoring",
        "{section} is working again",
        "You can use {section} again. If you could not finish something, you can do it now.\n\n"
        "We have mended the cause, and are watching closely. We will say by {next} whether it is over.",
        60,
    ),
    Ready(
        "ready-overnight",
        "window",
        "Planned work overnight",
        "",
        "Planned work on {section}",
        "You cannot use {section} during this time. The rest of the website works as usual.\n\n"
        "Save what you are doing before it starts: answers that you have not sent are lost. "
        "We expect to be done by {until}.",
        None,
    ),
)
