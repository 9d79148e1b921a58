"""Drills: procedures of the checklist that the software carries out and records."""
