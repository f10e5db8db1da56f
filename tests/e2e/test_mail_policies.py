"""MTA-STS and DANE in a signed zone on real servers: two Postfix whose keys the TLSA records name, the policy set before the switch,
each gate with its own wait, the clean-up behind the tail, and all of it taken back. The policy file is at a web server of the test's."""

import http.server
import os
import re
import subprocess
import time
import unittest

import zone_compare
from support import PATIENCE, Cutover, Lab, until
from vendors import story
from vendors.api import serve_https

from labkit import ca, dns, layout, smtp

LONG = os.environ.get("CUTOVER_LONG") == "1"
APEX = "treyresearch.com"
OLD_MX, NEW_MX = f"mx0.{APEX}", f"mx.{APEX}"  # of the domain's own names, so that their TLSA is in its zone
POLICY_HOST = f"mta-sts.{APEX}"
MX_TTL, LOW_TTL = 16, 2
WAIT_S = 8  # max_age, and twice the TTL of the TLSA
STALE_KEY = f"3 1 1 {'0f' * 32}"  # of the new host before it moved
OPEN = {"new-mx-healthy", "recipients-accepted", "mta-sts-covers-new-mx", "tlsa-consistent", "dnssec-valid", "no-drift"}  # gates at stake
TLSA, OLD_TLSA, STS = (f"_25._tcp.{NEW_MX}", "TLSA"), (f"_25._tcp.{OLD_MX}", "TLSA"), (f"_mta-sts.{APEX}", "TXT")
CLIENTS = (f"autodiscover.{APEX}", "CNAME")
STAGED = {(APEX, "TXT"), (APEX, "MX"), TLSA, STS}
SWITCHED = {CLIENTS} | STAGED
CLEANED = {OLD_TLSA} | SWITCHED
OLD_SPF, NEW_SPF = '"v=spf1 include:nwtraders.com -all"', '"v=spf1 include:spf.protection.outlook.com -all"'


class PolicyHost:
    """`mta-sts.DOMAIN` over HTTPS, with a certificate of the lab's."""

    def __init__(self, lab):
        self.lab, self.address, self.mx, self.asked = lab, f"{lab.env['LAB_NET']}.33", [OLD_MX], 0
        ca.certificate(layout.load(lab.dir), POLICY_HOST)

    def __enter__(self):
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                host.asked += 1
                good = self.path == "/.well-known/mta-sts.txt" and self.headers["Host"] == POLICY_HOST
                text = host.policy() if good else b"not here"
                self.send_response(200 if good else 404)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        self.server = serve_https(self.lab, self.address, POLICY_HOST, Handler)
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def policy(self):
        hosts = "".join(f"mx: {host}\n" for host in self.mx)
        return f"version: STSv1\nmode: enforce\n{hosts}max_age: {WAIT_S}\n".encode()


class Mx:
    """One of the lab's two Postfix under a name of the domain's, looked at by openssl as a sender with DANE would."""

    def __init__(self, lab, name, host):
        self.lab, self.host, self.address = lab, host, lab.env[f"LAB_{'NEW' if name == 'mx' else 'OLD'}_MX_ADDRESS"]
        lab.ask(smtp.rename, name, host)
        until(self.key_of_its_own, PATIENCE, f"{name} to show the certificate of {host}")
        self.key = self.key_of_its_own()

    def key_of_its_own(self):
        """TLSA rdata of the public key that it shows, by openssl alone; None: not yet that of this host."""
        shown = self.session()
        found = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", shown, re.S)
        if found is None:
            return None
        names = self.openssl("x509", "-noout", "-ext", "subjectAltName", stdin=found[0])
        if f"DNS:{self.host}\n" not in names + "\n":
            return None
        public = self.openssl("x509", "-noout", "-pubkey", stdin=found[0])
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=public.encode(), capture_output=True, check=True)
        digest = subprocess.run(["openssl", "dgst", "-sha256", "-r"], input=der.stdout, capture_output=True, check=True)
        return f"3 1 1 {digest.stdout.split()[0].decode()}"

    @staticmethod
    def openssl(*words, stdin):
        return subprocess.run(["openssl", *words], input=stdin, text=True, capture_output=True, check=True).stdout

    def session(self, *words):
        """What `openssl s_client` tells of a session with STARTTLS."""
        done = subprocess.run(["openssl", "s_client", "-starttls", "smtp", "-connect", f"{self.address}:25", "-servername", self.host,
                               "-no_ign_eof", *words], input="QUIT\n", text=True, capture_output=True, timeout=PATIENCE, check=False)
        return done.stdout + done.stderr

    def published(self):
        """The TLSA that the validating resolver has of it, which a sender believes only when they are signed."""
        done = subprocess.run(["kdig", f"@{self.lab.env['LAB_RESOLVER']}", "+adflag", "+tcp", f"_25._tcp.{self.host}", "TLSA"],
                              text=True, capture_output=True, check=True)
        flags = re.search(r";; Flags: ([a-z ]+);", done.stdout)
        assert flags and "ad" in flags[1].split(), done.stdout
        return [" ".join(line.split()[4:7] + ["".join(line.split()[7:]).lower()]) for line in done.stdout.splitlines()
                if line.startswith(f"_25._tcp.{self.host}.")]

    def matches(self, records):
        """Whether a sender that has these TLSA records accepts the host."""
        told = self.session("-dane_tlsa_domain", self.host, *(word for rdata in records for word in ("-dane_tlsa_rrdata", rdata)))
        return "Verification: OK" in told and "DANE TLSA 3 1 1" in told


@unittest.skipUnless(LONG, "it waits for max_age, for twice the TTL and for the tail: with CUTOVER_LONG=1")
class MailPolicies(story.World):
    """A signed zone, an old provider that the policy lists and TLSA vouches for, and a new MX host that has moved to a new key."""

    signed = True

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mx_ttl=MX_TTL, txt_ttl=2, mail="none", signed="yes")
        cls.addClassCleanup(cls.lab.down)
        cls.old, cls.new = Mx(cls.lab, "oldmx", OLD_MX), Mx(cls.lab, "mx", NEW_MX)
        cls.lab.ask(dns.update, "\n".join((
            f"update add {STS[0]}. 2 TXT \"v=STSv1; id=1;\"",
            f"update add {POLICY_HOST}. 2 A {cls.lab.env['LAB_NET']}.33",
            f"update add {OLD_MX}. 2 A {cls.old.address}",
            f"update add {NEW_MX}. 2 A {cls.new.address}",
            f"update delete {APEX}. MX",
            f"update add {APEX}. {MX_TTL} MX 10 {OLD_MX}.",
            f"update add {OLD_TLSA[0]}. 2 TLSA {cls.old.key}",
            f"update add {TLSA[0]}. {WAIT_S // 2} TLSA {STALE_KEY}")))
        cls.before = cls.zone()

    def put_back(self):
        """Before the resolver is asked: what it does not find it does not look for again so soon."""
        self.settled()

    def edited(self):
        """What was written to the zone by anybody, in order, the signer's records left out."""
        return [pair for pair in self.lab.ask(dns.edited) if pair[1] not in story.SIGNERS]

    def project(self):
        self.settled()
        cut = Cutover(self.lab)
        cut.use_users(self.lab.env["LAB_USERS_FIXED"])
        gates = ", ".join(f"{gate}: off" for gate in story.GATES if gate not in OPEN)
        cut.edit("policy:\n", f"policy:\n  gates: {{ {gates} }}\n")
        cut.edit(f"host: {layout.NEW_MX} ", f"host: {NEW_MX} ")
        cut.edit(f"mx: [ {layout.OLD_MX} ]", f"mx: [ {OLD_MX} ]")
        cut.edit(f"  mx_ttl: {MX_TTL}\n", f"  mx_ttl: {LOW_TTL}\n")
        cut.edit("  spf: include:spf.protection.outlook.com\n",
                 f"  spf: include:spf.protection.outlook.com\n  tlsa: [ \"{self.new.key}\" ]\n")
        return cut

    def gates(self, cut):
        return {gate["gate"]: gate for gate in cut.run("gate", "--no-wait", "--json").json()["gates"]}

    def test_the_policy_set_comes_first_each_gate_waits_for_its_own_and_the_clean_up_for_the_tail(self):
        began = len(self.edited())
        self.assertTrue(self.old.matches(self.old.published()))
        self.assertFalse(self.new.matches(self.new.published()), "a sender with DANE would not deliver there yet")
        with PolicyHost(self.lab) as host:
            cut = self.project()
            cut.run("plan", exits=0).says("by hand:", f"list the new MX ({NEW_MX})", f"{WAIT_S} s (max_age)")
            self.assertEqual("closed", self.gates(cut)["mta-sts-covers-new-mx"]["verdict"])
            host.mx = [OLD_MX, NEW_MX]
            cut.run("plan", exits=0).says(f"_mta-sts.{APEX}.", "v=STSv1; id=", self.new.key.rsplit(" ", 1)[1]).hides("by hand:")
            began_s = time.monotonic()
            cut.run("stage", exits=0).says("read back")
            self.assertEqual(STAGED, self.changed())
            self.assertEqual({STALE_KEY, self.new.key}, self.keys())
            self.settled()
            self.waited_for(cut, began_s)
            cut.run("copy", exits=0)
            cut.run("gate", exits=0)
            self.assertTrue(self.new.matches(self.new.published()), "before the first mail goes there")
            cut.run("cleanup", exits=1).says("the MX was not switched yet")
            cut.run("switch", exits=0).says("every authoritative server shows them")
            self.assertEqual(SWITCHED, self.changed())
            self.assertGreater(host.asked, 2)
            self.assertTrue(self.old.matches(self.old.published()), "who has the old MX in a cache still gets through")
            self.cleaned_up(cut)
            self.assertTrue(self.new.matches(self.new.published()))
            cut.run("rollback", exits=0).says("restored and read back")
            self.assertEqual([], zone_compare.differences(self.before, self.zone()))
            self.assertEqual(CLEANED, set(self.edited()[began:]))

    def cleaned_up(self, cut):
        """Not before the tail is over; then the zone is, record by record, what was planned and nothing else."""
        switched = self.zone()
        cut.run("cleanup", exits=1).says("the old side may still get mail", "cutover tail")
        self.assertEqual(switched, self.zone())
        cut.run("tail", exits=0).says("the old side is idle since", "no cache can hold the old MX")
        cut.run("cleanup", exits=0).says("3 records changed and read back", "every authoritative server shows them")
        self.settled()
        self.assertEqual(CLEANED, self.changed())
        wanted = {(f"{owner}.", kind, rdata): ttl for owner, kind, ttl, rdata in (
            (APEX, "MX", MX_TTL, f"0 {NEW_MX}."), (APEX, "TXT", 2, NEW_SPF), (*TLSA, WAIT_S // 2, self.new.key),
            (*CLIENTS, self.ttl_of(CLIENTS), "autodiscover.outlook.com."))}
        is_now = {(r.owner, r.rrtype, r.rdata.lower() if r.rrtype == "TLSA" else r.rdata): ttl for r, ttl in self.zone().items()
                  if r not in self.before and (r.owner.rstrip("."), r.rrtype) != STS}
        self.assertEqual(wanted, is_now)
        gone = {(r.owner.rstrip("."), r.rrtype, r.rdata) for r in self.before if r not in self.zone()}
        self.assertEqual({(APEX, "MX", f"10 {OLD_MX}."), (APEX, "TXT", OLD_SPF), (*STS, '"v=STSv1; id=1;"'),
                          (*CLIENTS, "autodiscover.nwtraders.com.")},
                         {row for row in gone if row[:2] != OLD_TLSA})
        self.assertEqual({OLD_TLSA}, {row[:2] for row in gone} - SWITCHED)

    def ttl_of(self, pair):
        return next(ttl for r, ttl in self.before.items() if (r.owner.rstrip("."), r.rrtype) == pair)

    def waited_for(self, cut, began_s):
        """Both clocks run, each with its own reason; but a machine that is slower than they are may find them at their end."""
        gates = self.gates(cut)
        took_s = time.monotonic() - began_s
        for name, reason in (("mta-sts-covers-new-mx", f"max_age {WAIT_S} s"), ("tlsa-consistent", f"twice the TTL, {WAIT_S} s")):
            if gates[name]["verdict"] == "waiting":
                self.assertIn(reason, str(gates[name]))
            else:
                self.assertEqual("open", gates[name]["verdict"], gates[name])
                self.assertGreaterEqual(took_s, WAIT_S)
        self.assertEqual("open", gates["dnssec-valid"]["verdict"], gates["dnssec-valid"])

    def keys(self):
        return {record.rdata.lower() for record in self.zone() if (record.owner, record.rrtype) == (f"{TLSA[0]}.", "TLSA")}


if __name__ == "__main__":
    unittest.main()
