"""Which backups are kept, and the journaled removal of the others."""
