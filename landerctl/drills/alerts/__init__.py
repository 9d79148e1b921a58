"""The drill `alerts`: each alert of the checklist is caused for real, and delivered."""
