"""The connection to Temporal, sealed with the key ring, by the usual ``TEMPORAL_*`` settings."""

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.service import RPCError

from domain.errors import NotConfigured, NotReachable
from vault.keys import KeyRing
from worker.plugin import rapid_review_plugin
from worker.settings import Settings

ADDRESS = "127.0.0.1:7233"
"""Where a Temporal server is looked for unless ``TEMPORAL_ADDRESS`` names another."""


async def connect(settings: Settings) -> Client:
    """A client of the configured server and namespace, sealing with the configured keys.

    Raises:
        NotSealed: there is no key ring.
        NotConfigured: the ``TEMPORAL_*`` settings or profile cannot be read.
        NotReachable: no server answers there.
    """
    keyring = KeyRing.read(settings.keyring_path)
    try:
        where = ClientConfig.load_client_connect_config()
    except (OSError, RuntimeError, ValueError) as wrong:
        raise NotConfigured(
            "The TEMPORAL_* settings or the Temporal profile cannot be read. Check TEMPORAL_CONFIG_FILE "
            "and the profile's file."
        ) from wrong
    address = where.setdefault("target_host", ADDRESS)
    try:
        return await Client.connect(**where, plugins=[rapid_review_plugin(keyring)])
    except (RuntimeError, ValueError, RPCError) as silent:
        raise NotReachable(
            f"No Temporal server answers at {address}. Start one with `rapid-review up`, or set "
            "TEMPORAL_ADDRESS to the one you use."
        ) from silent
