"""Mutants that change nothing anybody could see, each with its reason; they are neither tried nor counted."""

EQUIVALENT: dict[str, str] = {}
