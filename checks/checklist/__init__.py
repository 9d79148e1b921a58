"""The production checklist as code: a table of its lines, their judges, the ledger of evidence."""
