"""Tests of the web hooks."""
