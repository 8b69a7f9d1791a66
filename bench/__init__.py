"""The figures of speed: what must be fast, against its physical limit (README.md says what each one means)."""
