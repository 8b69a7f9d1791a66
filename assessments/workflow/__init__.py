"""Changes of several models, one module per noun: keyword-only, `by=` the actor, atomic, with the audit event."""
