"""Tests that kill our own processes."""
