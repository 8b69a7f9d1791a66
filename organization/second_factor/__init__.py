"""2段階認証: what is asked beside the password. Models are in organization/models/factors.py, the why in docs/adr/0056."""
