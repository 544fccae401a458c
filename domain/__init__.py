"""The Rapid Review process itself: plain rules that need no engine, clock or network."""
