"""The figures that depend on how much the database holds, measured on generated municipalities of three sizes."""
