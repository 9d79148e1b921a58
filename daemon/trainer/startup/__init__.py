"""The start of a heavy process: its steps, their progress, and how long they take here."""
