"""A fleet's memory: buffers shared with compiled code, snapshots, archives, telemetry, tracks."""
