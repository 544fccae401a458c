"""Tests of the mail room: its doors, its journal, its quarantine, and what cases are told."""
