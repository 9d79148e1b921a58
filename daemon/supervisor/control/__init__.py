"""The control socket: access, requests and answers."""
