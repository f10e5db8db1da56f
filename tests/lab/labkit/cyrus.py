"""Cyrus IMAP as its authors ship it: `/` and no prefix, virtual domains, an administrator who may act for everybody.

Each mailbox comes into being at its first login. Everybody has the password that the target takes; `cyrus` logs in
for others by the authorization identity of PLAIN.
"""

import subprocess

from . import ca, imap, roots, users
from .layout import CYRUS_HOST, DOMAIN, LabError, write

ADMIN = "cyrus"
BIN = "/usr/lib/cyrus/bin"

IMAPD_CONF = """\
configdirectory: /lab/conf
defaultpartition: default
partition-default: /lab/spool
proc_path: /lab/proc
mboxname_lockpath: /lab/lock
temp_path: /lab/tmp
cyrus_user: {user}
cyrus_group: {user}
admins: {admin}
unixhierarchysep: yes
altnamespace: yes
virtdomains: userid
defaultdomain: lab.invalid
servername: {host}
autocreate_quota: 0
allowanonymouslogin: no
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: /lab/sasldb2
sasl_mech_list: PLAIN LOGIN
tls_server_cert: /lab/server.pem
tls_server_key: /lab/server.key
syslog_prefix: lab
"""

CYRUS_CONF = """\
START {{
  recover cmd="{bin}/ctl_cyrusdb -C /lab/imapd.conf -r"
}}
SERVICES {{
  imaps cmd="{bin}/imapd -C /lab/imapd.conf -s -U 30" listen="{address}:993" prefork=1 maxchild=100
}}
EVENTS {{
  checkpoint cmd="{bin}/ctl_cyrusdb -C /lab/imapd.conf -c" period=30
}}
"""


def prepare(lab):
    directory = lab.path("cyrus")
    for sub in ("conf/db", "conf/log", "conf/msg", "conf/socket", "spool", "proc", "lock", "tmp"):
        (directory / sub).mkdir(mode=0o755, parents=True, exist_ok=True)
    write(directory / "imapd.conf", IMAPD_CONF.format(user=imap.MAIL_USER, admin=ADMIN, host=CYRUS_HOST))
    write(directory / "cyrus.conf", CYRUS_CONF.format(bin=BIN, address=lab.address("cyrus")))
    ca.hand_over(lab, CYRUS_HOST, directory)
    for user in users.people(lab):
        set_password(lab, user.local, DOMAIN, user.dst_password)
    write(lab.path("secrets", "cyrus-admin"), users.admin_password(lab) + "\n", 0o600)
    set_password(lab, ADMIN, CYRUS_HOST, users.admin_password(lab))  # a name without a domain is the server's own
    imap.own(directory)


def set_password(lab, name, realm, password):
    words = ["/usr/sbin/saslpasswd2", "-p", "-c", "-f", "/lab/sasldb2", "-u", realm, name]
    done = subprocess.run(roots.inside(lab, "cyrus", {"programs": [words]}), input=password, text=True,
                          capture_output=True, check=False)
    if done.returncode:
        raise LabError(f"Cyrus takes no password for '{name}': {done.stderr.strip()}")


def commands(lab):
    words = [f"{BIN}/master", "-C", "/lab/imapd.conf", "-M", "/lab/cyrus.conf", "-p", "/lab/master.pid", "-D"]
    return {"cyrus": (roots.inside(lab, "cyrus", {"programs": [words]}), lambda: imap.probe(lab, "cyrus", CYRUS_HOST))}
