"""The mail room: three doors through which mail arrives, and one way on from there to its case."""
