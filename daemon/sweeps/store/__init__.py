"""The sweep's own store."""
