#!/usr/bin/env python3
"""The audit's world itself: a fault that does not happen would make its case worthless. cutover takes no part."""

import socket
import struct
import unittest

from audit_world import World
from support import PATIENCE, until
from dnslab import wire, world

EDNS = b"\0\0\x29\x04\xd0\0\0\0\0\0\0"


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World.up(cls, ["ns-", "ent-nxdomain", "negative-without-soa", "mx-ttl-differs-within", "healthy-ecdsa",
                                   "healthy-lost", "resolver-", "dnssec-bogus", "trap-endless", "apex-cname", "plan-drift"])
        cls.rows = [row for row in cls.world.made.relays if row]

    def relay(self, zone, resolver=False):
        return next(row["address"] for row in reversed(self.rows) if row["apex"] == zone and row["resolver"] == resolver)

    def ask(self, address, name, kind, edns=True, tcp=False, flags=0, awaited=0):
        """Every packet that arrives, over a socket that takes them from this address only: as many as are awaited, and what
        comes right behind them."""
        raw = bytearray(wire.query_bytes(4711, name, kind, flags))
        if edns:
            raw[11] = 1
            raw += EDNS
        got = []
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as link:
            link.settimeout(PATIENCE if awaited else 0.7)
            try:
                link.connect((address, 53))
                link.sendall(struct.pack("!H", len(raw)) + raw if tcp else raw)
                while True:
                    data = link.recv(65535)
                    if not data:
                        break
                    got.append(wire.Packet(data[2:] if tcp else data))
                    if len(got) >= awaited:
                        link.settimeout(0.15)
            except OSError:
                pass
        return got

    def one(self, *words, **options):
        got = self.ask(*words, awaited=1, **options)
        self.assertEqual(1, len(got), words)
        return got[0]

    def test_codes_and_silence(self):
        for name, rcode in (("ns-lame-refused", wire.REFUSED), ("ns-lame-servfail", wire.SERVFAIL)):
            self.assertEqual(rcode, self.one(self.relay(f"{name}.org"), f"{name}.org", "SOA").rcode)
        self.assertEqual([], self.ask(self.relay("ns-unreachable-silent.org"), "ns-unreachable-silent.org", "SOA"))
        lame = self.one(self.relay("ns-lame-no-authority.org"), "ns-lame-no-authority.org", "SOA")
        self.assertEqual((0, 0, 1), (lame.rcode, lame.flags & wire.AA, lame.counts[0]))
        upward = self.one(self.relay("ns-lame-upward.org"), "ns-lame-upward.org", "SOA")
        self.assertEqual([0, 1], upward.counts[:2])

    def test_edns(self):
        drop, formerr = self.relay("ns-edns-broken-drop.org"), self.relay("ns-edns-broken-formerr.org")
        self.assertEqual([], self.ask(drop, "ns-edns-broken-drop.org", "SOA"))
        self.assertEqual(1, self.one(drop, "ns-edns-broken-drop.org", "SOA", edns=False).counts[0])
        self.assertEqual(wire.FORMERR, self.one(formerr, "ns-edns-broken-formerr.org", "SOA").rcode)
        self.assertEqual(0, self.one(formerr, "ns-edns-broken-formerr.org", "SOA", edns=False).rcode)
        ignored = self.one(self.relay("ns-edns-broken-ignored.org"), "ns-edns-broken-ignored.org", "SOA")
        self.assertEqual((False, 1), (ignored.has_opt, ignored.counts[0]))

    def test_truncation_and_tcp(self):
        domain = "ns-truncation-no-tcp.org"
        cut = self.one(self.relay(domain), domain, "TXT")
        self.assertEqual((wire.TC, 0), (cut.flags & wire.TC, cut.counts[0]))
        self.assertEqual(1, self.one(self.relay(domain), domain, "MX").counts[0])
        self.assertEqual([], self.ask(self.relay(domain), domain, "TXT", tcp=True))
        self.assertEqual(1, self.one(self.relay("ns-slow.org"), "ns-slow.org", "MX", tcp=True).counts[0])

    def test_datagrams_that_are_no_answers(self):
        got = self.ask(self.relay("ns-spoof-suspect.org"), "ns-spoof-suspect.org", "SOA", awaited=4)
        self.assertEqual((4, 4711), (len(got), got[-1].id))
        self.assertNotIn(4711, [packet.id for packet in got[:-1]])
        got = self.ask(self.relay("ns-spoof-suspect-question.org"), "ns-spoof-suspect-question.org", "SOA", awaited=2)
        self.assertEqual(["invalid", "org"], [packet.name.rpartition(".")[2] for packet in got])
        self.assertEqual([], self.ask(self.relay("ns-wrong-source.org"), "ns-wrong-source.org", "SOA"))
        lost = self.relay("healthy-lost-datagram.org")
        self.assertEqual([0, 1], [len(self.ask(lost, "healthy-lost-datagram.org", "SOA", awaited=awaited)) for awaited in (0, 1)])

    def test_what_is_spoilt_within_an_answer(self):
        mangled = self.one(self.relay("ns-case-mangling.org"), "Ns-Case-MANGLING.org", "SOA")
        self.assertEqual("ns-case-mangling.org", mangled.name)
        self.assertEqual([0, 0], self.one(self.relay("negative-without-soa.org"), "negative-without-soa.org", "AAAA").counts[:2])
        self.assertEqual(wire.NXDOMAIN, self.one(self.relay("ent-nxdomain.org"), "_domainkey.ent-nxdomain.org", "TXT").rcode)
        mixed = self.one(self.relay("mx-ttl-differs-within.org"), "mx-ttl-differs-within.org", "MX")
        ttls = {struct.unpack_from("!I", mixed.raw, at)[0] for _, _, _, at, _ in mixed.of(0)}
        self.assertEqual({300, 3600}, ttls)
        foreign = self.one(self.relay("ns-recursive.org"), "nwtraders.com", "MX", flags=wire.RD)
        self.assertEqual((wire.RA, 1), (foreign.flags & wire.RA, foreign.counts[0]))

    def test_stand_in_resolvers(self):
        raised = self.one(self.relay("resolver-ttl-raised.org", True), "resolver-ttl-raised.org", "MX", flags=wire.RD)
        self.assertEqual(7200, struct.unpack_from("!I", raised.raw, raised.of(0)[0][3])[0])
        stale = self.one(self.relay("resolver-serve-stale.org", True), "resolver-serve-stale.org", "MX", flags=wire.RD)
        self.assertEqual(30, struct.unpack_from("!I", stale.raw, stale.of(0)[0][3])[0])
        self.assertIn(struct.pack("!HHH", 15, 2, 3), bytes(stale.raw))

    def test_a_later_edit_comes_with_its_flag(self):
        address = self.relay("plan-drift.org")
        before = bytes(self.one(address, "plan-drift.org", "MX").raw)
        self.world.made.path("flags", "plan-drift").touch()
        after = bytes(self.one(address, "plan-drift.org", "MX").raw)
        self.assertEqual((True, False), (b"\x03mx1" in before, b"\x03mx1" in after))

    def test_signed_zones_validate_or_do_not(self):
        def answer(domain):
            return self.one(self.world.made.address("unbound"), domain, "MX", flags=wire.RD | 0x20)

        # A resolver whose own questions were not answered in time says SERVFAIL, and forgets that soon.
        until(lambda: answer("healthy-ecdsa.org").rcode == 0, PATIENCE, "the resolver to have reached the zone")
        good, bad = answer("healthy-ecdsa.org"), answer("dnssec-bogus.org")
        self.assertEqual((0, 0x20), (good.rcode, good.flags & 0x20))
        self.assertEqual(wire.SERVFAIL, bad.rcode)

    def test_worlds_side_by_side_and_nothing_left(self):
        other = World.up(type(self), ["healthy-plain"])
        self.assertNotEqual(other.made.network, self.world.made.network)
        world.remove(other.made)
        self.assertFalse(other.made.dir.exists())
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as link:
            link.settimeout(1)
            self.assertNotEqual(0, link.connect_ex((other.made.address("knot"), 53)))


if __name__ == "__main__":
    unittest.main()
