"""The operator's screen: shows what the store says, and asks the daemon over its socket."""
