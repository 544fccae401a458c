"""Everything that starts a workflow or tells it something."""
