"""The codec, and what Temporal gets to see."""
