"""Which backups stay, and the removal of the others, written down first."""
