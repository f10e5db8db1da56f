"""The two IMAP providers, both Dovecot: the source as cPanel sets it up, the target with `/` and no prefix."""

import pwd
import socket
import ssl
import subprocess
from pathlib import Path

from . import users
from .layout import DOMAIN, SOURCE_HOST, TARGET_HOST, LabError, write

HOST = {"source": SOURCE_HOST, "target": TARGET_HOST}
LDA = "/usr/lib/dovecot/dovecot-lda"
MAIL_USER = "mail"  # every Debian has it, so the lab adds no user to the machine

DOVECOT = """\
instance_name = cutover-lab-{side}
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {log}
protocols = imap
protocol imap {{
  mail_plugins = imap_zlib
}}
listen = {address}
ssl = required
ssl_cert = <{tls}.pem
ssl_key = <{tls}.key
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_failure_delay = 1 secs
mail_uid = {user}
mail_gid = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_home = {mail}/%u
mail_location = {location}
mail_max_userip_connections = 20
mailbox_list_index = yes
postmaster_address = postmaster@{domain}
passdb {{
  driver = passwd-file
  args = username_format=%u {dir}/passwd
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {dir}/passwd
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = 993
    ssl = yes
  }}
}}
service auth {{
  unix_listener auth-userdb {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""

SHAPE = {
    "source": {"location": "maildir:~/Maildir", "separator": ".", "prefix": "INBOX."},
    "target": {"location": "sdbox:~/sdbox", "separator": "/", "prefix": ""},
}


def prepare(lab):
    account = pwd.getpwnam(MAIL_USER)
    for side, shape in SHAPE.items():
        directory = lab.path(side)
        for sub in ("run", "state"):
            (directory / sub).mkdir(mode=0o755, parents=True, exist_ok=True)
        mail_root(lab, side).mkdir(parents=True, exist_ok=True)
        own(mail_root(lab, side))
        write(directory / "dovecot.conf", DOVECOT.format(
            side=side, dir=directory, log=lab.path("log", f"{side}.log"), address=lab.address(side),
            tls=lab.path("tls", HOST[side]), user=MAIL_USER, mail=mail_root(lab, side), domain=DOMAIN, **shape))
        write(directory / "passwd", "".join(
            f"{user.address}:{{PLAIN}}{password_of(user, side)}:{account.pw_uid}:{account.pw_gid}::::\n" for user in users.people(lab)), 0o640)
        own(directory / "passwd", "root", "dovecot")


def own(path, user=MAIL_USER, group=MAIL_USER):
    subprocess.run(["chown", "-R", f"{user}:{group}", str(path)], check=True)


def mail_root(lab, side):
    return lab.path(side, "mail")


def home(lab, side, user):
    return mail_root(lab, side) / user.address


def password_of(user, side):
    return user.src_password if side == "source" else user.dst_password


def commands(lab):
    return {side: (["dovecot", "-F", "-c", str(lab.path(side, "dovecot.conf"))], lambda side=side: probe(lab, side, HOST[side]))
            for side in SHAPE}


def probe(lab, name, host):
    """None when the server `name` greets over TLS with a certificate of the lab's authority for `host`."""
    context = ssl.create_default_context(cafile=str(lab.path("ca.pem")))
    try:
        with socket.create_connection((lab.address(name), 993), timeout=30) as plain, \
                context.wrap_socket(plain, server_hostname=host) as link:
            greeting = link.recv(200)
    except OSError as error:
        return str(error)
    return None if greeting.startswith(b"* OK") else f"greeting {greeting[:60]!r}"


def deliver_old(lab, address, message):
    """A message arrives at the old side by Dovecot's own delivery agent; it is in the INBOX on return."""
    if address not in [user.address for user in users.people(lab)]:
        raise LabError(f"the old side has no mailbox '{address}'\nhint: `lab users` lists them")
    if not Path(LDA).exists():
        raise LabError(f"'{LDA}' is missing\nhint: apt install dovecot-core")
    done = subprocess.run([LDA, "-c", str(lab.path("source", "dovecot.conf")), "-d", address], input=message,
                          capture_output=True, check=False)
    if done.returncode:
        raise LabError(f"the delivery to '{address}' failed with status {done.returncode}: "
                       f"{done.stderr.decode(errors='replace').strip()}")
