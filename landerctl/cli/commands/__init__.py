"""The verbs, one file each, in one folder per panel of `--help`."""
