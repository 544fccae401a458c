"""Postfix and Dovecot, each started on loopback with a configuration, a spool and a mailbox of its own.

Both come from Debian (``apt-get install postfix dovecot-imapd dovecot-lmtpd``) and begin as root, as they do
on every machine; nothing of the machine's own configuration is read or written.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from signal import SIGTERM
from textwrap import dedent

GUIDE = Path(__file__).parents[2] / "docs" / "mail-in.md"
USER = "rfi"
PASSWORD = "for-this-test-alone"
AUTHSERV_ID = "mx.nscp.example"
HOW = "Run `apt-get install postfix dovecot-imapd dovecot-lmtpd` and start the tests as root."

DOVECOT = """
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
default_internal_user = dovecot
default_login_user = dovenull
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%n
recipient_delimiter = +
auth_mechanisms = plain login
auth_username_format = %Ln
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%n
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""

POSTFIX_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
maillog_file_permissions = 0644
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.nscp.example
mydestination =
mynetworks = 127.0.0.0/8
smtputf8_enable = no
recipient_delimiter = +
relay_domains = replies.nscp.example police.example
transport_maps = inline:{{
  {{replies.nscp.example=lmtp:inet:127.0.0.1:{to_us}}},
  {{police.example=lmtp:inet:127.0.0.1:{to_agency}}} }}
smtpd_relay_restrictions = permit_mynetworks, reject
default_transport = discard
minimal_backoff_time = 1s
queue_run_delay = 1s
"""

POSTFIX_MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 1 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


def program(name: str) -> str:
    """Where a program of the peers is.

    Raises:
        RuntimeError: it is not installed, or we may not start it; the sentence says what to do.
    """
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if not found or os.geteuid() != 0:
        raise RuntimeError(f"{name} cannot be started here. {HOW}")
    return found


@dataclass(frozen=True)
class Dovecot:
    """A mailbox server: IMAP to read, LMTP to deliver into; any name before the @ is a mailbox."""

    imap: int
    lmtp: int


@contextmanager
def dovecot(folder: Path, imap: int, lmtp: int, more: str = "") -> Iterator[Dovecot]:
    """Dovecot on two ports while the block lasts; ``more`` is added to its configuration."""
    started = program("dovecot")
    for name in ("run", "state", "mail"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    _open_to_others(folder)
    account = pwd.getpwnam("dovecot")
    os.chown(folder / "mail", account.pw_uid, account.pw_gid)
    configuration = folder / "dovecot.conf"
    text = DOVECOT.format(
        folder=folder, imap=imap, lmtp=lmtp, password=PASSWORD, uid=account.pw_uid, gid=account.pw_gid
    )
    configuration.write_text(text + more)
    process = subprocess.Popen([started, "-F", "-c", str(configuration)])
    try:
        _listens(imap)
        _listens(lmtp)
        yield Dovecot(imap, lmtp)
    finally:
        process.send_signal(SIGTERM)
        process.wait(timeout=30)


@contextmanager
def postfix(folder: Path, smtp: int, to_us: int, to_agency: int, more: str = "") -> Iterator[int]:
    """Postfix on a port while the block lasts: it delivers what is for us, and for one agency, by LMTP.

    ``more`` is added to its configuration, and counts before what that holds.
    """
    started = program("postfix")
    account = pwd.getpwnam("postfix")
    for name in ("etc", "spool", "data"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    _open_to_others(folder)
    os.chown(folder / "data", account.pw_uid, account.pw_gid)
    etc = folder / "etc"
    places = {"folder": folder, "smtp": smtp, "to_us": to_us, "to_agency": to_agency}
    (etc / "main.cf").write_text(POSTFIX_MAIN.format(**places) + more)
    (etc / "master.cf").write_text(POSTFIX_MASTER.format(**places))
    subprocess.run([started, "-c", str(etc), "start"], check=True, capture_output=True)
    try:
        _listens(smtp)
        yield smtp
    finally:
        subprocess.run([started, "-c", str(etc), "stop"], check=True, capture_output=True)


def as_the_guide_says(to_us: int) -> str:
    """What docs/mail-in.md has an office add to Postfix, with our names and our listener's port in it."""
    after = GUIDE.read_text("utf-8").partition("add to `main.cf`:\n\n")[2]
    lines = takewhile(lambda line: line.startswith("    "), after.splitlines())
    ours = dedent("\n".join(lines)).replace("127.0.0.1:8024", f"127.0.0.1:{to_us}")
    return re.sub(r"partnership(?=\\?\.example)", "nscp", ours)


def _open_to_others(folder: Path) -> None:
    """Let the servers' own accounts pass through a folder that only we may read."""
    for step in (folder, *folder.parents):
        if step == Path(step.anchor):
            break
        mode = step.stat().st_mode
        if not mode & 0o001:
            step.chmod(mode | 0o011)


def _listens(port: int) -> None:
    """Wait until a server answers on a port, ten seconds at most."""
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
