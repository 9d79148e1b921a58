"""The heavy process: builds the fleet, trains by stable-baselines3, reports to the supervisor."""
