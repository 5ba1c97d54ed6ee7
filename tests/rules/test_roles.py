import pytest

from dashboard.rules.roles import EVERY_PERMISSION, PERMISSIONS, ROLE_NAMES, ROLE_SENTENCES, Role, may, who_may


@pytest.mark.parametrize(
    ("name", "roles", "permission", "want"),
    [
        ("a viewer sees", ["viewer"], "sections.read", True),
        ("a viewer changes nothing", ["viewer"], "outages.write", False),
        ("a product manager takes sections off", ["product_manager"], "outages.write", True),
        ("a product manager leaves components alone", ["product_manager"], "components.write", False),
        ("a delivery manager looks after components", ["delivery_manager"], "components.write", True),
        ("a delivery manager takes nothing off", ["delivery_manager"], "outages.write", False),
        ("several roles add up", ["viewer", "delivery_manager", "product_manager"], "outages.write", True),
        ("an admin looks after people", ["admin"], "people.write", True),
        ("nobody else does", ["viewer", "product_manager", "delivery_manager"], "people.write", False),
        ("no role, no permission", [], "sections.read", False),
        ("a role that is not known holds none", ["root"], "sections.read", False),
        ("a permission that is not known is nobody's", ["admin"], "everything", False),
    ],
)
def test_may(name: str, roles: list[str], permission: str, want: bool) -> None:
    assert may(roles, permission) is want


def test_an_admin_may_everything() -> None:
    assert PERMISSIONS[Role.ADMIN] == EVERY_PERMISSION


def test_every_role_has_a_name_and_a_sentence() -> None:
    assert set(PERMISSIONS) == set(ROLE_NAMES) == set(ROLE_SENTENCES) == set(Role)


def test_who_may_be_asked() -> None:
    assert who_may("outages.write") == ["Product manager", "Admin"]
