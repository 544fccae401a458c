"""The passwords of encrypted Word files: derived from the key ring, told by telephone, written nowhere."""

from vault.keys import KeyRing


def people_password(keyring: KeyRing, reference: str) -> str:
    """The one password of every encrypted file of a case, such as ``RR-2026-07``.

    One for each case and not for each agency: all agencies receive the same list of people, and the
    office reads out one password however many of them telephone.
    """
    return keyring.password(f"people/{reference}")
