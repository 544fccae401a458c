"""Scenarios played on a real server."""
