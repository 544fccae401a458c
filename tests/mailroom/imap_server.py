"""As much of an IMAP server as the mailbox door asks of one: where a real one is needed, see tests/peers.

It holds what it is given in one inbox, received when it is fetched; it has no IDLE and must be polled.
What is moved is gone, and ``moved`` says whereto.
Source: RFC 3501.
"""

import re
import socketserver
from dataclasses import dataclass, field
from imaplib import Time2Internaldate
from threading import Thread
from time import time
from typing import Self

_COMMAND = re.compile(rb"(\S+) (UID )?(\w+) ?(.*)\r\n")


class _Conversation(socketserver.StreamRequestHandler):
    """One client, from its greeting until it goes."""

    server: "ImapServer"

    def handle(self) -> None:
        """Answer each command in turn."""
        self.wfile.write(b"* OK ready\r\n")
        while said := _COMMAND.fullmatch(self.rfile.readline()):
            tag, _, verb, given = said.groups()
            for line in self._answers(verb.upper(), given.decode()):
                self.wfile.write(line)
            self.wfile.write(tag + b" OK done\r\n")

    def _answers(self, verb: bytes, given: str) -> list[bytes]:
        inbox = self.server.inbox
        uid = given.partition(" ")[0]
        match verb:
            case b"CAPABILITY":
                return [b"* CAPABILITY IMAP4rev1 MOVE\r\n"]
            case b"SELECT":
                return [f"* {len(inbox)} EXISTS\r\n".encode()]
            case b"LIST":
                return [f'* LIST () "/" {given.rpartition(" ")[2]}\r\n'.encode()]
            case b"SEARCH":
                return [f"* SEARCH {' '.join(inbox)}\r\n".encode()]
            case b"FETCH":
                mail = inbox[uid]
                received = Time2Internaldate(time())
                told = f"* 1 FETCH (UID {uid} INTERNALDATE {received} BODY[] {{{len(mail)}}}\r\n"
                return [told.encode(), mail, b")\r\n"]
            case b"MOVE":
                self.server.moved.append(given.partition(" ")[2].strip('"'))
                del inbox[uid]
        return []


@dataclass
class ImapServer(socketserver.ThreadingTCPServer):
    """Serves on a port of the machine's choice while its block lasts."""

    inbox: dict[str, bytes] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)
    _delivered: int = 0

    def __post_init__(self) -> None:
        """Take a port."""
        self.daemon_threads = True
        super().__init__(("127.0.0.1", 0), _Conversation)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def deliver(self, mail: bytes) -> None:
        """Put a mail into the inbox."""
        self._delivered += 1
        self.inbox[str(self._delivered)] = mail

    def __enter__(self) -> Self:
        """Begin to serve."""
        Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.shutdown()
        self.server_close()
