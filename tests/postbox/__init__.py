"""Tests of the postbox, over mails in the shapes that real systems produce."""
