"""The screen in a browser: `landerctl web`."""
