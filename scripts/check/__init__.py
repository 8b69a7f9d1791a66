"""What `make check` looks at beyond lint and types: one module per question, each with `problems()`."""
