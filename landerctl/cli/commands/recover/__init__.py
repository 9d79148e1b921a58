"""Keep states and go back to them: backups, rollback, a run from elsewhere."""
