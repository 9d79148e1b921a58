"""The store: one SQLite file per state folder, one writer (the supervisor), many readers."""
