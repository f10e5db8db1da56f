"""The MX hosts, both Postfix: the new one in front of the target, the old one in front of the source.

Each knows exactly the mailboxes behind it, so that a probe with RCPT tells the truth, and hands mail to
Dovecot's delivery agent. Neither sends anything anywhere.
"""

import os
import smtplib
import subprocess

from . import ca, dns, imap, users
from .layout import DOMAIN, NEW_MX, OLD_MX, write

HOST = {"mx": NEW_MX, "oldmx": OLD_MX}
BEHIND = {"mx": "target", "oldmx": "source"}

# Postfix wants `inet_interfaces` to be addresses of an interface, which those of 127/8 but one are not; so
# master.cf names the address.
MAIN = """\
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {log}
maillog_file_prefixes = {logdir}
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = {host}
mydestination =
mynetworks =
alias_maps =
alias_database =
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = texthash:{dir}/recipients
virtual_transport = dovecot
dovecot_destination_recipient_limit = 1
default_transport = error:the lab sends nothing outside
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_cert_file = {tls}.pem
smtpd_tls_key_file = {tls}.key
message_size_limit = 157286400
mailbox_size_limit = 0
virtual_mailbox_limit = 0
"""

MASTER = """\
{address}:25 inet   n - n - - smtpd
cleanup   unix       n - n - 0 cleanup
qmgr      unix       n - n 300 1 qmgr
tlsmgr    unix       - - n 1000? 1 tlsmgr
rewrite   unix       - - n - - trivial-rewrite
bounce    unix       - - n - 0 bounce
defer     unix       - - n - 0 bounce
trace     unix       - - n - 0 bounce
proxymap  unix       - - n - - proxymap
error     unix       - - n - - error
retry     unix       - - n - - error
anvil     unix       - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
dovecot   unix       - n n - - pipe
  flags=DRX user={user}:{user} argv={lda} -c {conf} -o log_path=/dev/stderr -f ${{sender}} -d ${{recipient}}
"""


def prepare(lab):
    for name, host in HOST.items():
        directory = lab.path(name)
        # Postfix wants its directories with the owners that its package would give them.
        (directory / "queue").mkdir(mode=0o755, parents=True, exist_ok=True)
        (directory / "data").mkdir(mode=0o700, exist_ok=True)
        imap.own(directory / "data", "postfix", "postfix")
        write(directory / "main.cf", MAIN.format(
            name=name, dir=directory, address=lab.address(name), host=host, domain=DOMAIN,
            log=lab.path("log", f"{name}.log"), logdir=lab.path("log"), tls=lab.path("tls", host)))
        write(directory / "master.cf", MASTER.format(
            address=lab.address(name), user=imap.MAIL_USER, lda=imap.LDA, conf=lab.path(BEHIND[name], "dovecot.conf")))
        write(directory / "recipients", "".join(f"{user.address} yes\n" for user in users.people(lab)))


def commands(lab):
    return {name: (["postfix", "-c", str(lab.path(name)), "start-fg"], lambda name=name: probe(lab, name))
            for name in HOST}


def probe(lab, name):
    """None when the server greets, offers STARTTLS and refuses a mailbox that nobody has."""
    try:
        with smtplib.SMTP(lab.address(name), 25, local_hostname="probe.invalid", timeout=30) as link:
            link.ehlo()
            if not link.has_extn("starttls"):
                return "no STARTTLS"
            link.mail("")
            code, text = link.rcpt(f"nobody-{os.urandom(4).hex()}@{DOMAIN}")
    except (OSError, smtplib.SMTPException) as error:
        return str(error)
    return None if code == 550 else f"answers {code} {text!r} for an unknown mailbox"


def rename(lab, name, host):
    """The running server is another host from now on, with a certificate of that name. It shows it a moment later."""
    ca.certificate(lab, host)
    tls, directory = lab.path("tls", host), str(lab.path(name))
    dns.run(["postconf", "-c", directory, "-e", f"myhostname = {host}", f"smtpd_tls_cert_file = {tls}.pem",
             f"smtpd_tls_key_file = {tls}.key"])
    dns.run(["postfix", "-c", directory, "reload"])


def queue_is_empty(lab, name):
    done = subprocess.run(["postqueue", "-c", str(lab.path(name)), "-j"], capture_output=True, check=False)
    return done.returncode == 0 and not done.stdout.strip()
