"""`landerctl checklist`: every line of the production checklist, and what it rests on."""
