"""The state folder's lock, child processes' leases, and their command lines."""
