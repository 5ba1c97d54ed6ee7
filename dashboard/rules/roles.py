"""Who may do what: a table from role to permission words."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    VIEWER = "viewer"
    PRODUCT_MANAGER = "product_manager"
    DELIVERY_MANAGER = "delivery_manager"
    ADMIN = "admin"


ROLE_NAMES = {
    Role.VIEWER: "Viewer",
    Role.PRODUCT_MANAGER: "Product manager",
    Role.DELIVERY_MANAGER: "Delivery manager",
    Role.ADMIN: "Admin",
}

ROLE_SENTENCES = {
    Role.VIEWER: "Sees every screen and changes nothing.",
    Role.PRODUCT_MANAGER: "Takes sections off and brings them back, and edits sections and toggles.",
    Role.DELIVERY_MANAGER: "Writes incidents, planned work and announcements; looks after components and followers.",
    Role.ADMIN: "May do everything, people and PagerDuty included.",
}

_SEES = frozenset(
    f"{noun}.read"
    for noun in (
        "sections",
        "toggles",
        "components",
        "incidents",
        "windows",
        "templates",
        "announcements",
        "followers",
        "activity",
        "embed",
        "pagerduty",
    )
)
_PRODUCT = frozenset({"outages.write", "sections.write", "toggles.write"})
_DELIVERY = frozenset(
    {
        *("components.write", "incidents.write", "windows.write", "templates.write", "announcements.write"),
        "followers.write",
    }
)

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.VIEWER: _SEES,
    Role.PRODUCT_MANAGER: _SEES | _PRODUCT,
    Role.DELIVERY_MANAGER: _SEES | _DELIVERY,
    Role.ADMIN: _SEES | _PRODUCT | _DELIVERY | {"pagerduty.write", "people.write", "sending.hold", "tokens.write"},
}

EVERY_PERMISSION = frozenset().union(*PERMISSIONS.values())


def may(roles: Iterable[str], permission: str) -> bool:
    """Does any of these roles hold the permission? A role that is not known holds none."""
    return any(permission in PERMISSIONS[Role(role)] for role in roles if role in PERMISSIONS)


def who_may(permission: str) -> list[str]:
    """The names of the roles that hold a permission, to say whom to ask."""
    return [ROLE_NAMES[role] for role, words in PERMISSIONS.items() if permission in words]
