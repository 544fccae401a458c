"""The rules of a follow-up."""
