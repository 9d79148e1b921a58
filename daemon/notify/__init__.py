"""Notifying people: what a target of [notify] gets, and the process that delivers it."""
