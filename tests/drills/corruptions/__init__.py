"""Kinds of corruption for the drill of `verify`: what a fault, or somebody past the triggers, leaves in the tables."""
