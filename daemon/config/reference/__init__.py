"""What a configuration file may say: the meaning of each setting, and the JSON Schema."""
