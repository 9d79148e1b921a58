"""The rollback procedure: choosing a state and switching to it. Never unpickles."""
