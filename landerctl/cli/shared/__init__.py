"""What several verbs do: open the state folder, ask the daemon, follow events."""
