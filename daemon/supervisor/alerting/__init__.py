"""Evaluates alert rules, and carries out the results: events, notifications, actions."""
