"""How Dovecot lets nobody in but by TLS and a bearer token, which it checks by itself."""

import json
import time
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from hmac import digest
from pathlib import Path

import trustme

from tests.peers.servers import USER

DOVECOT = """
ssl = required
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/certificate.pem
auth_mechanisms = {mechanism}
auth_failure_delay = 0
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
"""

OAUTH2 = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""

KEY, ANOTHER_KEY = b"for-this-test-alone-32-bytes-of-it", b"of-somebody-else-who-issues-tokens"


@dataclass(frozen=True)
class Access:
    """What both sides need: the certificates, the token that is in use, and where Dovecot finds its key."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        """The certificate of the authority that signed the server's."""
        return self.folder / "authority.pem"

    @property
    def token_file(self) -> Path:
        """The token in use."""
        return self.folder / "token"

    def dovecot(self, imaps: int, mechanism: str) -> str:
        """What is added to Dovecot's configuration."""
        return DOVECOT.format(folder=self.folder, imaps=imaps, mechanism=mechanism)

    def issue(self, key: bytes = KEY, *, seconds: int = 3600) -> None:
        """Write a new token, good for so many seconds: a JSON Web Token (RFC 7519) under HS256."""
        now = int(time.time())
        claims = {"sub": USER, "iat": now - 60, "nbf": now - 60, "exp": now + seconds}
        signed = f"{_packed({'alg': 'HS256', 'typ': 'JWT'})}.{_packed(claims)}"
        signature = urlsafe_b64encode(digest(key, signed.encode(), sha256)).rstrip(b"=").decode()
        self.token_file.write_text(f"{signed}.{signature}\n")


def access(folder: Path) -> Access:
    """Certificates made for this test, and the key by which Dovecot knows a good token."""
    made = Access(folder)
    keys = folder / "keys" / "default" / "HS256"
    keys.mkdir(parents=True)
    (keys / "default").write_bytes(b64encode(KEY))
    (folder / "oauth2.conf").write_text(OAUTH2.format(folder=folder))
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(made.ca_file))
    certificate = authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem
    certificate.write_to_path(str(folder / "certificate.pem"))
    made.issue()
    return made


def _packed(part: object) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
