"""Records that leave and come in: keys, proofs, the signed record, its reader, Open Badges. Takes no request."""
