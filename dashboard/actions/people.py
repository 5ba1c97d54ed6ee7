"""Accounts: set-up, invitations, roles. Passwords come here hashed, and no Change ever tells of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from hmac import compare_digest

import sqlalchemy as sa

from dashboard.actions.sign_ins import delete_all, new_token, token_hash
from dashboard.actions.writing import Actor, Refused, Values, Writing, same_version, writing
from dashboard.db import db
from dashboard.models import Change, Invite, Ledger, Person
from dashboard.rules.roles import PERMISSIONS, Role

INVITE_LASTS = timedelta(days=7)
_USED = "used "  # before the hash of the set-up token: nothing has it for a hash any more


def open_setup(by: Actor, at: datetime) -> str | None:
    """A new one-time token for ``/setup/<token>``, in place of an earlier one; None once anybody has an account."""
    with writing(by, at) as work:
        if _anybody():
            return None
        token = new_token()
        work.ledger.setup_hash = token_hash(token)
        return token


def is_setup(token: str) -> bool:
    """Does the token open set-up?"""
    kept = db.session.scalars(sa.select(Ledger.setup_hash)).one()
    return compare_digest(kept, token_hash(token)) and not _anybody()


def was_setup(token: str) -> bool:
    """Did the token open set-up, which is closed by now?"""
    kept = db.session.scalars(sa.select(Ledger.setup_hash)).one()
    return compare_digest(kept.removeprefix(_USED), token_hash(token)) and _anybody()


def set_up(token: str, name: str, email: str, password_hash: str, by: Actor, at: datetime) -> int | None:
    """The first admin, who closes set-up for ever; their id, or None when the token is not the one that opens it."""
    with writing(by, at) as work:
        if _anybody() or not compare_digest(work.ledger.setup_hash, token_hash(token)):
            return None
        work.ledger.setup_hash = f"{_USED}{work.ledger.setup_hash}"
        return _add(work, name, email, password_hash, frozenset({Role.ADMIN}), "person.setup").id


def add(name: str, email: str, password_hash: str, roles: frozenset[str], by: Actor, at: datetime) -> int:
    """Somebody who needs no invitation; the person's id."""
    with writing(by, at) as work:
        _refuse_taken(email)
        return _add(work, name, email, password_hash, roles, "person.create").id


def invite(email: str, roles: frozenset[str], by: Actor, at: datetime) -> str:
    """The token of a link that makes an account. An earlier link for the address stops working."""
    with writing(by, at) as work:
        _refuse_taken(email)
        _refuse_no_role(roles)
        return _invite(work, email, roles, None, "invite.create")


def renew(person_id: int, by: Actor, at: datetime) -> str:
    """The token of a link by which a person gives themselves a new password."""
    with writing(by, at) as work:
        person = db.session.get_one(Person, person_id)
        if person.disabled_at is not None:
            raise Refused("", f"{person.name} is disabled. Enable the account first.")
        return _invite(work, person.email, person.roles, person.id, "invite.renew")


def withdraw(invite_id: int, by: Actor, at: datetime) -> Change | None:
    """The link stops working; None when it had stopped already."""
    with writing(by, at) as work:
        found = db.session.get_one(Invite, invite_id)
        if not is_open(found, at):
            return None
        found.expires_at = at
        return work.record("invite.withdraw", f"invite-{found.id}", found.email)


def invite_of(token: str, at: datetime) -> Invite | None:
    """The invitation that a link stands for, while it works."""
    found = link_of(token)
    return found if found is not None and is_open(found, at) else None


def link_of(token: str) -> Invite | None:
    """The invitation that a link stood for, also when it works no more."""
    return db.session.scalar(sa.select(Invite).where(Invite.token_hash == token_hash(token)))


def is_open(one: Invite, at: datetime) -> bool:
    return one.used_at is None and at < one.expires_at


def join(token: str, name: str, password_hash: str, by: Actor, at: datetime) -> int | None:
    """Use a link, once: a new account, or a new password that ends every sign-in. The person's id; None when the
    link does not work."""
    with writing(by, at) as work:
        found = invite_of(token, at)
        if found is None:
            return None
        found.used_at = at
        if found.person_id is None:
            _refuse_taken(found.email)
            return _add(work, name, found.email, password_hash, found.roles, "person.join").id
        person = db.session.get_one(Person, found.person_id)
        if person.disabled_at is not None:
            return None
        _set_password(work, person, password_hash)
        return person.id


def edit(person_id: int, version: int, values: Values, by: Actor, at: datetime) -> Change | None:
    """Name, e-mail address and roles. Other roles end every sign-in of the person; another address, the links to the
    earlier one; and who may no longer invite anybody has invited nobody."""
    with writing(by, at) as work:
        person = db.session.get_one(Person, person_id)
        same_version(person, version, f"person-{person_id}")
        _refuse_no_role(values["roles"])
        if values["email"] != person.email:
            _refuse_taken(values["email"])
            _expire(work, Invite.person_id == person_id)
        if Role.ADMIN not in values["roles"]:
            _refuse_last_admin(person)
            _expire(work, Invite.invited_by_id == person_id)
        if values["roles"] != person.roles:
            delete_all(person_id)
        return work.change(person, values, "person.edit", f"person-{person_id}", values["name"])


def disable(person_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """From now on this person is nobody here, and their links lead nowhere; what they did stays theirs."""
    with writing(by, at) as work:
        person = db.session.get_one(Person, person_id)
        same_version(person, version, f"person-{person_id}")
        _refuse_last_admin(person)
        delete_all(person_id)
        _expire(work, sa.or_(Invite.person_id == person_id, Invite.invited_by_id == person_id))
        return work.change(person, {"disabled_at": at}, "person.disable", f"person-{person_id}", person.name)


def enable(person_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    with writing(by, at) as work:
        person = db.session.get_one(Person, person_id)
        same_version(person, version, f"person-{person_id}")
        return work.change(person, {"disabled_at": None}, "person.enable", f"person-{person_id}", person.name)


def change_password(person_id: int, old_hash: str, password_hash: str, keep: str, by: Actor, at: datetime) -> None:
    """One's own. Every sign-in but the one kept ends. Refused when it was changed since the old one was compared."""
    with writing(by, at) as work:
        person = db.session.get_one(Person, person_id)
        if person.password_hash != old_hash:
            raise Refused("old", "Your password was changed a moment ago. Give the new one.")
        _set_password(work, person, password_hash, keep)


def _anybody() -> bool:
    return db.session.scalar(sa.select(Person.id).limit(1)) is not None


def _add(work: Writing, name: str, email: str, password_hash: str, roles: frozenset[str], kind: str) -> Person:
    """Who makes their own account is the actor of it."""
    person = Person(name=name, email=email, password_hash=password_hash, roles=roles, created_at=work.at)
    db.session.add(person)
    db.session.flush()
    if kind != "person.create":
        work.by = replace(work.by, name=name, person_id=person.id)
    work.record(kind, f"person-{person.id}", name, None, {"email": email, "roles": sorted(roles)})
    return person


def _invite(work: Writing, email: str, roles: frozenset[str], person_id: int | None, kind: str) -> str:
    _expire(work, Invite.email == email if person_id is None else Invite.person_id == person_id)
    token = new_token()
    made = Invite(
        token_hash=token_hash(token),
        email=email,
        roles=roles,
        person_id=person_id,
        invited_by_id=work.by.person_id,
        created_at=work.at,
        expires_at=work.at + INVITE_LASTS,
    )
    db.session.add(made)
    db.session.flush()
    work.record(kind, f"invite-{made.id}", email, None, {"roles": sorted(roles)})
    return token


def _expire(work: Writing, whose: sa.ColumnElement[bool]) -> None:
    """Links that nobody has used stop working."""
    still = sa.update(Invite).where(whose, Invite.used_at.is_(None), Invite.expires_at > work.at)
    db.session.execute(still.values(expires_at=work.at))


def _set_password(work: Writing, person: Person, password_hash: str, keep: str = "") -> None:
    person.password_hash = password_hash
    delete_all(person.id, but=keep)
    _expire(work, Invite.person_id == person.id)
    if work.by.person_id is None:
        work.by = replace(work.by, name=person.name, person_id=person.id)
    work.record("person.password", f"person-{person.id}", person.name)


def _refuse_taken(email: str) -> None:
    name = db.session.scalar(sa.select(Person.name).where(Person.email == email))
    if name is not None:
        raise Refused("email", f"{name} has an account with this address already.")


def _refuse_no_role(roles: frozenset[str]) -> None:
    if not roles or not roles <= PERMISSIONS.keys():
        raise Refused("roles", "Choose at least one role.")


def _refuse_last_admin(person: Person) -> None:
    """Somebody must be able to let people in. We hold the one writer's lock, so nobody else can leave meanwhile."""
    others = sa.select(Person.roles).where(Person.disabled_at.is_(None), Person.id != person.id)
    is_admin = Role.ADMIN in person.roles and person.disabled_at is None
    if is_admin and not any(Role.ADMIN in roles for roles in db.session.scalars(others)):
        raise Refused("roles", f"{person.name} is the only admin. Make somebody else an admin first.")
