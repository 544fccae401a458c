"""Which hosts are this machine."""

import pytest

from domain.hosts import is_this_machine


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.0.1", "::1"])
def test_this_machine_is_known_by_its_names(host: str) -> None:
    """Loopback addresses, and the one name for them."""
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["", "mail.example", "localhost.example", "192.0.2.1", "2001:db8::1"])
def test_any_other_host_is_not_this_machine(host: str) -> None:
    """A name is never looked up: it may be anybody's."""
    assert not is_this_machine(host)
