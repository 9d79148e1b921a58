"""Reading backups back: one at once, some now and then, and what was found last."""
