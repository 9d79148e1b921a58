"""Rolling back: which state to go to, and the transaction that goes there. Never unpickles."""
