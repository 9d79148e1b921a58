"""The craft's physics: vehicle, actuators, contact, guidance. No sensors, no task."""
