"""The WSGI entry: ``granian --interface wsgi wsgi:app``; any other WSGI server will do."""

from dashboard import create_app, leash, noting, publish

leash.hold()
flask = create_app()
publish.keep(flask)
app = flask.wsgi_app  # the front; Flask stands behind it
noting.keep(flask, app.seen)  # type: ignore[attr-defined]
