"""Who asks: the admin's screens. Each noun has its file, its blueprint and its template folder."""

from __future__ import annotations

from flask import Blueprint, Flask
from htmx_flask import Htmx

from dashboard import passwords
from dashboard.config import Settings
from dashboard.views import (
    access,
    account,
    activity,
    announcements,
    channels,
    components,
    deliveries,
    embed,
    errors,
    follow,
    follow_manage,
    follower_files,
    followers,
    frame,
    guard,
    health,
    held,
    htmx,
    incident_typing,
    incident_updates,
    incidents,
    messages,
    outages,
    overrules,
    pagerduty,
    people,
    reports,
    reviews,
    sections,
    services,
    settings,
    setup,
    starting,
    telling,
    templates,
    throttle,
    toggle_exports,
    toggle_names,
    toggles,
    tokens,
    undo,
    window_plans,
    words,
)

NOUNS: tuple[Blueprint, ...] = (
    account.blueprint,
    sections.blueprint,
    outages.blueprint,
    incidents.blueprint,
    incident_updates.blueprint,
    incident_typing.blueprint,
    overrules.blueprint,
    undo.blueprint,
    window_plans.blueprint,
    toggles.blueprint,
    toggle_names.blueprint,
    toggle_exports.blueprint,
    components.blueprint,
    announcements.blueprint,
    templates.blueprint,
    follower_files.blueprint,
    followers.blueprint,
    channels.blueprint,
    deliveries.blueprint,
    messages.blueprint,
    telling.blueprint,
    starting.blueprint,
    reviews.blueprint,
    reports.blueprint,
    health.blueprint,
    activity.blueprint,
    embed.blueprint,
    pagerduty.blueprint,
    services.blueprint,
    settings.blueprint,
    people.blueprint,
    tokens.blueprint,
    setup.blueprint,
    follow.blueprint,
    follow_manage.blueprint,
)


def install(app: Flask, chosen: Settings) -> None:
    Htmx(app)
    passwords.install(app)
    throttle.install(app)
    guard.install(app, chosen)
    words.install(app)
    frame.install(app)
    telling.install(app)
    errors.install(app)
    for noun in NOUNS:
        app.register_blueprint(noun)
    app.after_request(htmx.vary)
    access.install(app)
    held.install(app)
