"""What a review costs, and what it survives: ``python -m bench``, and ``python -m bench crash``."""
