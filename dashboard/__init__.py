"""Signpost closes a part of a website, says so where people are looking, says until when, and opens it again.

The way of the data, and the folders that show it::

    PagerDuty -> sources.pagerduty -> actions.windows --\\
    people    -> views.*           -> actions.*       ---> models (+ Change) -> facts -> snapshot (by rules)
                                                       -> documents -> editions -> publish -> front and plain files

    rules/      what is true     pure functions of facts and a time
    models/     what is stored   one table a file
    sources/    what comes in    fetch and parse; no database
    actions/    the only writers one function for each intent, one transaction each
    facts.py    the one reader   rows -> frozen Facts
    snapshot.py what holds at t  Facts + rules -> frozen Snapshot
    documents/  what goes out    one table of every public answer without arguments
    answers/    what is asked    one table of those with arguments
    editions.py, publish.py, front.py   prepared answers, files, and the callable that serves them without Flask
    asking.py   a question over HTTP, for the front
    sightings.py, noting.py     where toggles are read and the embed stands: counted in memory, written down beside
    telling.py, messages/       what is told to followers, of everything that changed within a minute
    outbox.py, lanes.py, due.py sending it, to many at a time; what waits is rows
    channels/   whom we tell     one table of the ways to a follower; no database
    views/      who asks         the admin's screens
    refetch.py, streams.py   who keeps a line open is told when flags change
    app.py      all of it put together; serve.py, web.py and leash.py are the processes around it
    jobs/       when             what the queue runs, beside this package
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from dashboard.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The whole product as one WSGI app. Raises WrongSetting when the environment holds a wrong setting."""
    from dashboard.app import assemble  # only here: the supervisor imports this package, and stays small

    return assemble(settings)
