"""What other programs need to know of a lab: shell variables, and a project file for cutover."""

import shlex

from . import cyrus, layout
from .layout import COURIER_HOST, CYRUS_HOST, DOMAIN, NEW_MX, OLD_MX, REGISTRAR_ZONE, SOURCE_HOST, TARGET_HOST, TRANSFER_KEY, UPDATE_KEY

PROJECT = """\
# A cutover of {domain} inside the lab in {dir}.
domain: {domain}
target:
  provider: microsoft365
  mx: [ {{ preference: 0, host: {new_mx} }} ]
  mx_ttl: {final_ttl}
  spf: include:spf.protection.outlook.com
  autodiscover: autodiscover.outlook.com
  imap: imaps://{target_host}
source:
  imap: imaps://{source_host}
  mx: [ {old_mx} ]
  spf: include:nwtraders.com
  dkim_selectors: [ nw1 ]
ownership: {{ name: "@", txt: "MS=ms87257449" }}
dns:
  provider: rfc2136
  server: {primary}
  key_name: {key}
  key_algorithm: hmac-sha256
  credentials: {{ secret: "file:{secret}" }}
  nameservers: [ ns1.{registrar}, ns2.{registrar} ]
mailboxes: {users}
subdomains: [ lists ]
policy:
  max_mx_ttl: {max_ttl}
  staged_mx_ttl: {staged_ttl}
  max_age_of_last_pass: 24h
  max_skipped: 0
  mailboxes_at_once: 3
  tail_idle: {tail_idle}
network:
  resolvers: [ {resolver} ]
  root_hints: {dir}/root.hints
  trust_anchor: {dir}/root.key
  ca_file: {dir}/ca.pem
  dns_budget_ms: 60000  # no server here is silent, but the machine may be busy:
  dns_timeout_ms: 2500  # only after 17 s without an answer is one taken for dead
  treat_as_public: [ {net}.0/24 ]
  connect_to: {{ {source_host}: {source}, {target_host}: {target}, {new_mx}: {mx} }}
"""


def names(lab):
    """Everything that the texts below and the tests name."""
    addresses = {name: lab.address(name) for name in layout.HOSTS}
    old = lab.options["mx_ttl"]
    scaled = old < 3600  # minutes stand for days then
    return addresses | {
        "dir": lab.dir, "net": lab.net, "domain": DOMAIN, "registrar": REGISTRAR_ZONE, "key": UPDATE_KEY,
        "new_mx": NEW_MX, "old_mx": OLD_MX, "source_host": SOURCE_HOST, "target_host": TARGET_HOST,
        "secret": lab.path("secrets", UPDATE_KEY), "users": lab.path("users.csv"),
        "max_ttl": max(2, old // 8) if scaled else 3600, "staged_ttl": max(2, old // 8) if scaled else 300,
        "final_ttl": old if scaled else 3600, "tail_idle": "3s" if scaled else "72h",
    }


def text(lab):
    return PROJECT.format(**names(lab))


def environment(lab):
    """KEY=value lines, quoted for a shell. Secrets are given by the file that holds them."""
    known = names(lab)
    pairs = {
        "LAB_DIR": known["dir"], "LAB_NET": known["net"], "LAB_DOMAIN": DOMAIN,
        "LAB_RESOLVER": known["resolver"], "LAB_ROOT": known["root"], "LAB_PRIMARY": known["primary"],
        "LAB_SECONDARY": known["secondary"], "LAB_DNS_PORT": 53,
        "LAB_ROOT_HINTS": lab.path("root.hints"), "LAB_TRUST_ANCHOR": lab.path("root.key"),
        "LAB_CA": lab.path("ca.pem"),
        "LAB_TSIG_NAME": UPDATE_KEY, "LAB_TSIG_ALGORITHM": "hmac-sha256", "LAB_TSIG_SECRET_FILE": known["secret"],
        "LAB_TRANSFER_KEY_NAME": TRANSFER_KEY, "LAB_TRANSFER_SECRET_FILE": lab.path("secrets", TRANSFER_KEY),
        "LAB_SOURCE_HOST": SOURCE_HOST, "LAB_SOURCE_ADDRESS": known["source"],
        "LAB_TARGET_HOST": TARGET_HOST, "LAB_TARGET_ADDRESS": known["target"], "LAB_IMAPS_PORT": 993,
        "LAB_NEW_MX_HOST": NEW_MX, "LAB_NEW_MX_ADDRESS": known["mx"],
        "LAB_OLD_MX_HOST": OLD_MX, "LAB_OLD_MX_ADDRESS": known["oldmx"], "LAB_SMTP_PORT": 25,
        "LAB_CYRUS_HOST": CYRUS_HOST, "LAB_CYRUS_ADDRESS": known["cyrus"], "LAB_CYRUS_ADMIN": cyrus.ADMIN,
        "LAB_CYRUS_ADMIN_PASSWORD_FILE": lab.path("secrets", "cyrus-admin"),
        "LAB_COURIER_HOST": COURIER_HOST, "LAB_COURIER_ADDRESS": known["courier"],
        "LAB_USERS": known["users"], "LAB_USERS_FIXED": lab.path("users-fixed.csv"),
        "LAB_MX_TTL": lab.options["mx_ttl"],
    }
    return "".join(f"{key}={shlex.quote(str(value))}\n" for key, value in pairs.items())
