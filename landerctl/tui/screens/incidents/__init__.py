"""The page of incidents and of the alerts that fired: what happened, why, who did what."""
