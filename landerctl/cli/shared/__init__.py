"""Functions shared by several verbs: open the state folder, call the daemon, follow events."""
