"""Keys, and the encrypted store of what must never enter the engine's history."""
