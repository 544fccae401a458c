"""Recorded histories, replayed, with snapshots of what the code does with them."""
