"""The WSGI entry: ``granian --interface wsgi wsgi:app``; any other WSGI server will do."""

from dashboard import create_app, publish

app = create_app()
publish.keep(app)
