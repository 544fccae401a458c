"""Tests that look for planted markers everywhere."""
