"""The command ``signpost``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TextIO

import click
import sqlalchemy as sa
from flask import Flask
from flask.cli import FlaskGroup
from sqlalchemy.exc import OperationalError

from dashboard import create_app, publish, queue, registry, schema
from dashboard.actions import mapping, people, sending, templates, tokens, windows
from dashboard.actions.writing import SIGNPOST, Refused
from dashboard.clock import now
from dashboard.config import WrongSetting, settings
from dashboard.db import db
from dashboard.models import Delivery, Follower, Ledger, Person
from dashboard.rules import text
from dashboard.serve import SETUP_LINK, served_at
from dashboard.sources import service_list

_AT_ONCE = 1_000  # deliveries that are sent again by one change


def install(app: Flask) -> None:
    own = (serve, demo, demo_data, init, setup_link, password_link, poll, services, read_tokens, toggles, deliveries)
    for command in own:
        app.cli.add_command(command)


@click.command()
def serve() -> None:
    """Run it all: web, worker, beat and, unless REDIS_URL is set, the queue's server."""
    from dashboard import serve

    serve.main()


@click.command()
def demo() -> None:
    """Run it all on an instance of its own, with a fictional website to try."""
    from dashboard.demo import serve

    serve.main()


@click.command(hidden=True)
def demo_data() -> None:
    """Make the fictional website, unless this instance holds something already."""
    from dashboard.demo import data
    from dashboard.demo.serve import PASSWORD

    if data.fill(now()):
        queue.enqueue(queue.POLL)
    click.echo(f"{'who':<12} {'e-mail':<26} password         may be")
    for name, email, roles in data.CAST:
        click.echo(f"{name:<12} {email:<26} {PASSWORD}   {', '.join(sorted(roles))}")
    if page := os.environ.get("DEMO_MAIL"):
        click.echo(f"Mail goes to nobody; it is shown at {page}")


@click.command()
@click.option("--setup-link", "with_link", is_flag=True, hidden=True)
def init(with_link: bool) -> None:
    """Make or update the database of this instance, with the templates that come with the product."""
    try:
        schema.upgrade()
    except schema.DatabaseGone as gone:
        raise click.ClickException(str(gone)) from None
    if not settings().pagerduty_api_key:
        windows.let_go(now())
    templates.make_ready(now())
    publish.after_commit(now())
    link = _setup_link() if with_link else None
    if link:
        click.echo(f"{SETUP_LINK}{link}")


@click.command()
def setup_link() -> None:
    """Show a new link for making the first account; one shown before stops working."""
    link = _setup_link()
    if link is None:
        raise click.ClickException("Set-up is closed: somebody has an account already, and can invite others.")
    click.echo(link)


@click.command()
def poll() -> None:
    """Ask PagerDuty once. Succeeds only when everything was asked, answered and believed."""
    from dashboard import polling

    if not settings().pagerduty_api_key:
        click.echo("signpost: PAGERDUTY_API_KEY is not set, so PagerDuty is not asked.", err=True)
        raise SystemExit(2)
    report = polling.poll(now)
    for line in (report.sentence, *(f"Warning: {warning}" for warning in report.warnings)):
        click.echo(line, err=not report.complete)
    if not report.complete:
        raise SystemExit(1)


@click.command()
@click.argument("email")
def password_link(email: str) -> None:
    """Show a link by which the person with this address gives themselves a new password."""
    person_id = db.session.scalar(sa.select(Person.id).where(Person.email == email.strip().lower()))
    if person_id is None:
        raise click.ClickException("Nobody has an account with this address.")
    try:
        token = people.renew(person_id, SIGNPOST, now())
    except Refused as refused:
        raise click.ClickException(refused.sentence) from None
    click.echo(f"{served_at(settings())}/join/{token}")


@click.group()
def services() -> None:
    """The PagerDuty services by the names that front ends know, as maintenance.services lists them."""


@services.command("export")
def export_services() -> None:
    """Write the list as YAML."""
    click.echo(service_list.write(mapping.list_of_services()), nl=False)


@services.command("import")
@click.argument("file", type=click.File(encoding="utf-8"))
def import_services(file: TextIO) -> None:
    """Map what is in FILE (YAML or JSON; - is the standard input): all of it, or nothing if something is wrong."""
    try:
        taken = mapping.take_list(service_list.read(file.read()), SIGNPOST, now())
    except (service_list.NotAList, UnicodeDecodeError) as wrong:
        raise click.ClickException(str(wrong)) from None
    except Refused as refused:
        raise click.ClickException(refused.sentence) from None
    click.echo(f"{len(taken.mapped)} mapped, {taken.made} of them new; {taken.known} were mapped already.")


@click.group()
def toggles() -> None:
    """The feature toggles that code reads."""


@toggles.command("export")
@click.option("--as", "form", type=click.Choice(sorted(registry.FORMATS)), default="json", show_default=True)
def export_toggles(form: str) -> None:
    """Write the register of all of them."""
    click.echo(registry.FORMATS[form](db.session()), nl=False)


@click.group("tokens")
def read_tokens() -> None:
    """What programs show to read private toggles."""


@read_tokens.command("add")
@click.argument("name")
def add_token(name: str) -> None:
    """Make a token for NAME, who reads with it, and show it this once."""
    name = text.clean_line(name)
    if not 0 < len(name) <= text.LINE:
        raise click.ClickException(f"Give a name of at most {text.LINE} characters.")
    try:
        click.echo(tokens.add(name, SIGNPOST, now()))
    except Refused as refused:
        raise click.ClickException(refused.sentence) from None


@read_tokens.command("revoke")
@click.argument("name")
def revoke_token(name: str) -> None:
    """From now on the token of NAME opens nothing. This cannot be undone."""
    found = tokens.live(text.clean_line(name))
    if found is None:
        raise click.ClickException("There is no token of this name.")
    tokens.revoke(found.id, SIGNPOST, now())
    click.echo("It opens nothing any more.")


@click.group(invoke_without_command=True)
@click.pass_context
def deliveries(context: click.Context) -> None:
    """What followers are sent; by itself, how much waits, was sent, was given up."""
    if context.invoked_subcommand is None:
        rows = sa.select(Delivery.state, sa.func.count()).group_by(Delivery.state).order_by(Delivery.state)
        for state, number in db.session.execute(rows):
            click.echo(f"{state:<8} {number:>9,}")
        if held := db.session.scalar(sa.select(Ledger.held_at)):
            click.echo(f"Sending is held since {held:%Y-%m-%d %H:%M} UTC.")


@deliveries.command("dead")
@click.option("--most", default=100, show_default=True, type=click.IntRange(1))
def dead_deliveries(most: int) -> None:
    """List what was given up, the newest first: its number, when, by which channel, to which follower, and why."""
    rows = sa.select(Delivery.id, Delivery.done_at, Follower.channel, Follower.id, Delivery.answer)
    rows = rows.join(Follower, Follower.id == Delivery.follower_id).where(Delivery.state == "dead")
    for id, at, channel, follower, answer in db.session.execute(rows.order_by(Delivery.id.desc()).limit(most)):
        click.echo(f"{id:>9}  {at:%Y-%m-%d %H:%M}  {channel:<8} follower {follower}: {answer}")


@deliveries.command("replay")
@click.argument("numbers", nargs=-1, type=click.IntRange(1, 2**63 - 1))
@click.option("--all", "every", is_flag=True, help="All that was given up.")
def replay_deliveries(numbers: tuple[int, ...], every: bool) -> None:
    """Send again what was given up, by the NUMBERS that `dead` lists."""
    if every == bool(numbers):
        raise click.UsageError("Give the numbers, or --all.")
    chosen = numbers or _dead()
    parts = (chosen[start : start + _AT_ONCE] for start in range(0, len(chosen), _AT_ONCE))
    again = sum(sending.replay(part, SIGNPOST, now()) for part in parts)
    queue.enqueue(queue.DELIVER)
    click.echo(f"{again:,} {'is' if again == 1 else 'are'} sent again.")


@deliveries.command()
def hold() -> None:
    """Send nothing to anybody, until `go`."""
    sending.hold(SIGNPOST, now())
    click.echo("Nothing is sent.")


@deliveries.command()
def go() -> None:
    """Let sending go on."""
    sending.go(SIGNPOST, now())
    queue.enqueue(queue.DELIVER)
    click.echo("What waits is sent.")


def _dead() -> Sequence[int]:
    return db.session.scalars(sa.select(Delivery.id).where(Delivery.state == "dead")).all()


def _setup_link() -> str | None:
    token = people.open_setup(SIGNPOST, now())
    return f"{served_at(settings())}/setup/{token}" if token else None


@click.group(cls=FlaskGroup, create_app=lambda: _create_app(), add_default_commands=False, add_version_option=False)
def group() -> None:
    """Close a part of a website, tell people until when, and open it again."""


def _create_app() -> Flask:
    app = create_app()
    schema.install(app)
    return app


def main() -> None:
    try:
        group()
    except WrongSetting as wrong:
        click.echo(f"signpost: {wrong}", err=True)
        raise SystemExit(2) from None
    except OperationalError as error:
        click.echo(f"signpost: the database does not answer: {error.orig}", err=True)
        raise SystemExit(1) from None
