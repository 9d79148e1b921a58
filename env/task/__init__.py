"""What is to be learnt: start conditions, reference velocity, observation, reward."""
