"""The verbs, a file each, in the folders of the panels that `--help` shows."""
