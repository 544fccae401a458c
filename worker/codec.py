"""The payload codec: whatever Temporal keeps of a case is sealed before it leaves this machine."""

import dataclasses
from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter, pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

from vault.keys import KeyRing

_ENCODING = b"binary/encrypted"
_BINDING = b"temporal:payload"


class SealedPayloads(PayloadCodec):
    """Seals each payload whole, with its own metadata, under the ring's active key.

    Sealing is bound to being a Temporal payload and to nothing narrower: the Web UI and the command
    line ask the codec server to open payloads without saying which case they belong to.
    """

    def __init__(self, keyring: KeyRing) -> None:
        """Seal and open with ``keyring``."""
        self._keyring = keyring

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """One sealed payload for each; its metadata names only the encoding and the key's id."""
        metadata = {"encoding": _ENCODING, "encryption-key-id": self._keyring.active.encode()}
        return [
            Payload(metadata=metadata, data=bytes(self._keyring.seal(payload.SerializeToString(), _BINDING)))
            for payload in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Each payload as it was before `encode`; one that is not sealed is handed back as it is.

        NotSealed where the key of a sealed payload is not in the ring, or the payload was altered.
        """
        return [self._opened(payload) for payload in payloads]

    def _opened(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != _ENCODING:
            return payload
        return Payload.FromString(self._keyring.open(payload.data, _BINDING))


class OnePydanticConverter(PydanticPayloadConverter):
    """Pydantic models as JSON, with one set of validators for the whole process.

    The engine makes a converter for every cached workflow. Were each to build validators of its own,
    they would be most of what a review takes in memory and in time.
    """

    def __init__(self) -> None:
        """Share the one JSON converter."""
        super().__init__()
        self.converters = _SHARED.converters


_SHARED = PydanticPayloadConverter()


def data_converter(keyring: KeyRing) -> DataConverter:
    """Pydantic models as JSON, sealed; the messages and stack traces of failures are sealed too."""
    return dataclasses.replace(
        pydantic_data_converter,
        payload_converter_class=OnePydanticConverter,
        payload_codec=SealedPayloads(keyring),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
