"""The postbox reads what arrives: pure over the raw bytes of one mail, it knows no engine and no network."""
