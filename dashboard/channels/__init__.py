"""Whom we tell: one table of the ways by which a message reaches a follower. No channel knows the database."""
