"""What a training saves and resumes from, when it saves, and which checkpoint it rewinds to."""
