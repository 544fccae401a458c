"""Which hosts are this machine: to them alone anything may be said unencrypted."""

from ipaddress import ip_address


def is_this_machine(host: str) -> bool:
    """Whether a host's name or address means this machine (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3)."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
