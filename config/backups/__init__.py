"""Backing up and restoring: the database, the files that people attach and the anchors of the trail (docs/adr/0064)."""


class BackupError(Exception):
    """Nothing was made or restored; the message is a plain sentence for whoever runs the command."""
