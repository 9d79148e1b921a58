"""The store: one SQLite file a state folder, one writer (the supervisor), any number of readers."""
