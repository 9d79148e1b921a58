"""The ledger: evidence, signatures and decisions, append-only and chained by digests."""
