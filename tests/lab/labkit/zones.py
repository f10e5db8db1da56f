"""The text of every zone of the lab. Names are absolute, so that each line reads as what is served."""

import base64

from .layout import DOMAIN, NEW_MX, OLD_MX, REGISTRAR_ZONE, SOURCE_HOST, TARGET_HOST

HEAD = """\
$TTL {ttl}
{zone}. {ttl} SOA {primary}. hostmaster.{registrar}. {serial} 600 120 604800 {negative}
"""


def head(zone, primary, ttl=3600, serial=2026112201, negative=300):
    return HEAD.format(zone=zone, primary=primary, ttl=ttl, serial=serial, negative=negative,
                       registrar=REGISTRAR_ZONE)


def root(lab, ds_of_com):
    return head("", "a.root-servers.net", ttl=86400) + f"""\
. 518400 NS a.root-servers.net.
a.root-servers.net. 518400 A {lab.address("root")}
com. 172800 NS a.gtld-servers.com.
a.gtld-servers.com. 172800 A {lab.address("tld")}
{ds_of_com}
"""


def tld(lab):
    """No DS for the domain: its delegation is provably insecure, as for most domains."""
    hosting = "".join(f"{zone}. 172800 NS ns1.{zone}.\nns1.{zone}. 172800 A {lab.address('hosting')}\n"
                      for zone in ("nwtraders.com", "outlook.com", "office365.com"))
    return head("com", "a.gtld-servers.com", ttl=900) + f"""\
com. 172800 NS a.gtld-servers.com.
a.gtld-servers.com. 172800 A {lab.address("tld")}
{DOMAIN}. 172800 NS ns1.{REGISTRAR_ZONE}.
{DOMAIN}. 172800 NS ns2.{REGISTRAR_ZONE}.
{REGISTRAR_ZONE}. 172800 NS ns1.{REGISTRAR_ZONE}.
{REGISTRAR_ZONE}. 172800 NS ns2.{REGISTRAR_ZONE}.
ns1.{REGISTRAR_ZONE}. 172800 A {lab.address("primary")}
ns2.{REGISTRAR_ZONE}. 172800 A {lab.address("secondary")}
{hosting}"""


def registrar(lab):
    ns1, ns2 = f"ns1.{REGISTRAR_ZONE}", f"ns2.{REGISTRAR_ZONE}"
    return head(REGISTRAR_ZONE, ns1) + f"""\
{REGISTRAR_ZONE}. 86400 NS {ns1}.
{REGISTRAR_ZONE}. 86400 NS {ns2}.
{ns1}. 86400 A {lab.address("primary")}
{ns2}. 86400 A {lab.address("secondary")}
"""


def domain(lab):
    """The zone of the story. What belongs to the mail has the TTLs that `up` was told."""
    ns1, ns2 = f"ns1.{REGISTRAR_ZONE}", f"ns2.{REGISTRAR_ZONE}"
    mx, txt, client = (lab.options[key] for key in ("mx_ttl", "txt_ttl", "client_ttl"))
    return head(DOMAIN, ns1, negative=lab.options["negative_ttl"], ttl=min(3600, mx)) + f"""\
{DOMAIN}. 86400 NS {ns1}.
{DOMAIN}. 86400 NS {ns2}.
{DOMAIN}. {mx} MX 10 {OLD_MX}.
{DOMAIN}. {txt} TXT "v=spf1 include:nwtraders.com -all"
{DOMAIN}. {txt} TXT "google-site-verification=kXq0Zr3v1nB6yTtWmG5u8sJcLhAeDpFo2iRxUaNwQ4E"
{DOMAIN}. 600 A {lab.web_address}
{DOMAIN}. 43200 CAA 0 issue "letsencrypt.org"
_dmarc.{DOMAIN}. 3600 TXT "v=DMARC1; p=none; rua=mailto:postmaster@{DOMAIN}"
nw1._domainkey.{DOMAIN}. 7200 TXT {dkim_key(lab)}
_imaps._tcp.{DOMAIN}. 1800 SRV 0 1 993 {SOURCE_HOST}.
autodiscover.{DOMAIN}. {client} CNAME autodiscover.nwtraders.com.
intranet.{DOMAIN}. 900 A 10.20.0.4
lists.{DOMAIN}. {mx} MX 10 {OLD_MX}.
mail.{DOMAIN}. 14400 CNAME {SOURCE_HOST}.
shop.{DOMAIN}. 300 CNAME www.{DOMAIN}.
www.{DOMAIN}. 600 A {lab.web_address}
www.{DOMAIN}. 600 AAAA 2001:db8:20::80
"""


def dkim_key(lab):
    """A public key of the usual length in two strings, as panels split it. Nobody signs with it."""
    key = base64.b64encode(bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")
                           + lab.random("dkim").randbytes(256) + bytes.fromhex("0203010001")).decode()
    text = "v=DKIM1; k=rsa; p=" + key
    return f'"{text[:255]}" "{text[255:]}"'


def old_provider(lab):
    zone = "nwtraders.com"
    return own_hosting(lab, zone) + f"""\
{zone}. 3600 MX 10 {OLD_MX}.
{zone}. 3600 TXT "v=spf1 ip4:{lab.address("oldmx")} -all"
{OLD_MX}. 3600 A {lab.address("oldmx")}
{SOURCE_HOST}. 3600 A {lab.address("source")}
autodiscover.{zone}. 3600 A {lab.address("source")}
"""


def new_provider(lab):
    zone = "outlook.com"
    return own_hosting(lab, zone) + f"""\
{NEW_MX}. 3600 A {lab.address("mx")}
spf.protection.{zone}. 3600 TXT "v=spf1 ip4:{lab.address("mx")} -all"
autodiscover.{zone}. 3600 A {lab.address("target")}
"""


def new_clients(lab):
    return own_hosting(lab, "office365.com") + f"{TARGET_HOST}. 3600 A {lab.address('target')}\n"


def own_hosting(lab, zone):
    return head(zone, f"ns1.{zone}") + f"{zone}. 86400 NS ns1.{zone}.\nns1.{zone}. 86400 A {lab.address('hosting')}\n"
