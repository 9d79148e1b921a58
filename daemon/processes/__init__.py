"""Who may run here and what is started: state folder lock, child leases, command lines."""
