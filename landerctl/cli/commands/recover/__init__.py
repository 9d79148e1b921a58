"""Verbs that save and restore states: backup, backups, rollback, restore."""
