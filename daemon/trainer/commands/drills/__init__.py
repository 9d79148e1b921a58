"""The heavy parts of drills: what they find is printed as JSON lines (daemon.protocol.drill)."""
