"""Alert rules judged, and what follows: events, notifications, actions."""
