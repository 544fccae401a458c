"""Web hooks: what other systems tell the office, signed, each delivery taken once."""
