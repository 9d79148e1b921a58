"""The learning task: start conditions, reference velocity, observation, reward."""
