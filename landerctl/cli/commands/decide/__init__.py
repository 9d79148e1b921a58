"""Verbs that decide whether a training may go live: the production checklist."""
