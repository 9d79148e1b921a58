"""The dashboard's panels, one per file, each with a pure function from a snapshot to its lines."""
