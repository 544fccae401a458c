"""The durable part: workflows that remember a case and wait for its next date."""
