"""The pages of long lists: logs and events."""
