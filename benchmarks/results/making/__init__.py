"""Trains, and records what a state folder has of a training."""
