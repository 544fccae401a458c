"""Tests against the mail servers of a real office, Postfix and Dovecot: ``make peers``."""
