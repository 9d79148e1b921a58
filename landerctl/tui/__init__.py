"""The operator's screen: shows the store's content and sends requests to the daemon's socket."""
