"""The WSGI entry: ``granian --interface wsgi wsgi:app``; any other WSGI server will do."""

from dashboard import create_app, leash, publish

leash.hold()
app = create_app()
publish.keep(app)
