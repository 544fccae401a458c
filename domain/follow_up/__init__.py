"""A follow-up: one action or outcome, followed to its end after the process that agreed it has closed."""
