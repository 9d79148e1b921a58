"""Windows on long lists: the records in memory are a part of those on the disk."""
