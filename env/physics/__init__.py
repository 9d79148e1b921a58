"""What a craft is made of and what moves it. No sensors, no task."""
