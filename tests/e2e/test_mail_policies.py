"""MTA-STS and DANE in a signed zone on real servers: the policy set before the switch, each gate with its own wait, and all of it
taken back. The policy file is at a web server of the test's; the names, keys and clocks are the zone's."""

import http.server
import os
import time
import unittest

import zone_compare
from support import Cutover, Lab
from vendors import story
from vendors.api import serve_https

from labkit import ca, dns, layout

LONG = os.environ.get("CUTOVER_LONG") == "1"
APEX = "treyresearch.com"
OLD_MX, NEW_MX = layout.OLD_MX, f"mx.{APEX}"
POLICY_HOST = f"mta-sts.{APEX}"
WAIT_S = 8  # max_age, and twice the TTL of the TLSA
OLD_KEY, NEW_KEY = f"3 1 1 {'0f' * 32}", f"3 1 1 {'5c' * 32}"
OPEN = {"mta-sts-covers-new-mx", "tlsa-consistent", "dnssec-valid", "no-drift"}  # the gates that are at stake
TLSA, STS = (f"_25._tcp.{NEW_MX}", "TLSA"), (f"_mta-sts.{APEX}", "TXT")
STAGED = {(APEX, "TXT"), TLSA, STS}
SWITCHED = {(APEX, "MX"), (f"autodiscover.{APEX}", "CNAME")} | STAGED


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


@unittest.skipUnless(LONG, "it waits for max_age and for twice the TTL: with CUTOVER_LONG=1")
class MailPolicies(story.World):
    """A signed zone, an old provider that the policy lists, and a new MX host of the domain's own that has moved to a new key."""

    signed = True

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mx_ttl=2, txt_ttl=2, mail="none", servers="dns", signed="yes")
        cls.addClassCleanup(cls.lab.down)
        cls.lab.ask(dns.update, "\n".join((
            f"update add {STS[0]}. 2 TXT \"v=STSv1; id=1;\"",
            f"update add {POLICY_HOST}. 2 A {cls.lab.env['LAB_NET']}.33",
            f"update add {NEW_MX}. 2 A {cls.lab.env['LAB_NEW_MX_ADDRESS']}",
            f"update add {TLSA[0]}. {WAIT_S // 2} TLSA {OLD_KEY}")))
        cls.before = cls.zone()

    def put_back(self):
        pass

    def edited(self):
        """What was written to the zone by anybody, in order, the signer's records left out."""
        return [pair for pair in self.lab.ask(dns.edited) if pair[1] not in story.SIGNERS]

    def project(self):
        self.settled()
        cut = Cutover(self.lab)
        gates = ", ".join(f"{gate}: off" for gate in story.GATES if gate not in OPEN)
        cut.edit("policy:\n", f"policy:\n  gates: {{ {gates} }}\n")
        cut.edit(layout.NEW_MX, NEW_MX)
        cut.edit("  spf: include:spf.protection.outlook.com\n", f"  tlsa: [ \"{NEW_KEY}\" ]\n")
        return cut

    def verdicts(self, cut):
        return {gate["gate"]: gate["verdict"] for gate in cut.run("gate", "--no-wait", "--json").json()["gates"]}

    def test_the_policy_set_comes_first_and_each_gate_waits_for_its_own(self):
        began = len(self.edited())
        with PolicyHost(self.lab) as host:
            cut = self.project()
            cut.run("plan", exits=0).says("by hand:", f"list the new MX ({NEW_MX})", f"{WAIT_S} s (max_age)")
            self.assertEqual("closed", self.verdicts(cut)["mta-sts-covers-new-mx"])
            host.mx = [OLD_MX, NEW_MX]
            cut.run("plan", exits=0).says(f"_mta-sts.{APEX}.", "v=STSv1; id=", NEW_KEY.rsplit(" ", 1)[1]).hides("by hand:")
            began_s = time.monotonic()
            cut.run("stage", exits=0).says("read back")
            self.assertEqual(STAGED, self.changed())
            self.assertEqual({OLD_KEY, NEW_KEY}, self.keys())
            self.settled()
            self.waited_for(cut, began_s)
            cut.run("gate", exits=0)
            cut.run("switch", exits=0).says("every authoritative server shows them")
            self.assertEqual(SWITCHED, self.changed())
            self.assertGreater(host.asked, 2)
            cut.run("rollback", exits=0).says("restored and read back")
            self.assertEqual([], zone_compare.differences(self.before, self.zone()))
            self.assertEqual(SWITCHED, set(self.edited()[began:]))

    def waited_for(self, cut, began_s):
        """Both clocks run, each with its own reason; but a machine that is slower than they are may find them at their end."""
        doc = cut.run("gate", "--no-wait", "--json").json()["gates"]
        took_s = time.monotonic() - began_s
        gates = {gate["gate"]: gate for gate in doc}
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
