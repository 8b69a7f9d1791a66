"""What the product is made of, and whether it can be trusted: parts, list of parts, code, secrets, advisories (ADR 0059)."""
