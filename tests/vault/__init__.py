"""Keys and the encrypted store."""
