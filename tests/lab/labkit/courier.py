"""Courier IMAP: all folders below `INBOX.`, a Maildir for each person, no LITERAL+, keywords of its own making.

Debian's settings but one: it does not empty the Trash (as installed it deletes what is older than a week from there at
each login).
"""

import pwd
import subprocess

from . import ca, imap, roots, users
from .layout import COURIER_HOST, LabError, write

ENV = {
    "IMAP_CAPABILITY": "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE",
    "IMAP_CAPABILITY_TLS": "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA "
                           "IDLE AUTH=PLAIN",
    "IMAP_KEYWORDS": "1", "IMAP_ACL": "1", "IMAP_PROXY": "0", "IMAP_PROXY_FOREIGN": "0", "IMAP_IDLE_TIMEOUT": "60",
    "IMAP_MAILBOX_SANITY_CHECK": "1", "IMAP_DISABLETHREADSORT": "0", "IMAP_CHECK_ALL_FOLDERS": "0",
    "IMAP_OBSOLETE_CLIENT": "0", "IMAP_UMASK": "022", "IMAP_USELOCKS": "1", "IMAP_ENHANCEDIDLE": "0",
    "IMAP_TRASHFOLDERNAME": "Trash", "IMAP_EMPTYTRASH": "", "IMAP_MOVE_EXPUNGE_TO_TRASH": "0", "IMAP_TLS": "1",
    "TLS_CERTFILE": "/lab/server.both", "TLS_VERIFYPEER": "NONE", "MAILDIRPATH": "Maildir", "LC_ALL": "C",
    "PATH": "/usr/bin:/usr/sbin",
}
AUTHLIB = "/usr/lib/courier/courier-authlib"
AUTH_RC = """\
authmodulelist="authuserdb"
authmodulelistorig="authuserdb"
daemons=2
authdaemonvar=/run/courier/authdaemon
DEBUG_LOGIN=0
DEFAULTOPTIONS=""
LOGGEROPTS=""
"""
MOUNTS = (("etc", "/etc/courier"), ("run", "/run/courier"))


def prepare(lab):
    directory = lab.path("courier")
    for sub in ("etc", "run/authdaemon", "mail"):
        (directory / sub).mkdir(mode=0o755, parents=True, exist_ok=True)
    ca.hand_over(lab, COURIER_HOST, directory)
    both = (directory / "server.key").read_text() + (directory / "server.pem").read_text()
    write(directory / "server.both", both, 0o600)
    write(directory / "etc/authdaemonrc", AUTH_RC)
    account = pwd.getpwnam(imap.MAIL_USER)
    for user in users.people(lab):
        make_maildir(directory / "mail" / user.address / "Maildir")
    imap.own(directory / "mail")
    fields = "home=/lab/mail/{0}|mail=/lab/mail/{0}/Maildir|uid={1}|gid={2}"
    people = users.people(lab)
    database(lab, "userdb", {user: fields.format(user.address, account.pw_uid, account.pw_gid) for user in people})
    database(lab, "userdbshadow", {user: f"systempw={hashed(user.dst_password)}" for user in people})


def make_maildir(root):
    for sub in ("cur", "new", "tmp"):
        (root / sub).mkdir(mode=0o700, parents=True, exist_ok=True)


def hashed(password):
    return subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password, text=True, capture_output=True,
                          check=True).stdout.strip()


def database(lab, name, rows):
    """What makeuserdb(8) does, which is a Perl script."""
    lines = "".join(f"{user.address}\t{fields}\n" for user, fields in rows.items()) + ".\n"
    words = [f"{AUTHLIB}/makedatprog", "-", f"/etc/courier/{name}.tmp", f"/etc/courier/{name}.dat"]
    done = subprocess.run(command(lab, [words]), input=lines, text=True, capture_output=True, check=False)
    if done.returncode:
        raise LabError(f"Courier's {name} cannot be made: {done.stderr.strip()}")


def command(lab, programs):
    mounts = [[str(lab.path("courier", directory)), place] for directory, place in MOUNTS]
    return roots.inside(lab, "courier", {"programs": programs, "mounts": mounts, "env": ENV})


def commands(lab):
    tcpd = ["/usr/sbin/couriertcpd", f"-address={lab.address('courier')}", "-maxprocs=100", "-maxperip=100",
            "-nodnslookup", "-noidentlookup", "993", "/usr/bin/couriertls", "-server", "-tcpd",
            "/usr/lib/courier/courier/imaplogin", "/usr/bin/imapd", "Maildir"]
    programs = [[f"{AUTHLIB}/authdaemond"], tcpd]
    return {"courier": (command(lab, programs), lambda: imap.probe(lab, "courier", COURIER_HOST))}
