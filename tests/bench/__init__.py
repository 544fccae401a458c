"""Tests of the bench: that what it compares is alike."""
