"""The worker process: its settings, its encryption codec and the registry of what it runs."""
