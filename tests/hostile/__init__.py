"""Input that has brought other servers down, kept as files, and what this server must make of it."""
