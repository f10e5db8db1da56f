"""DNS hosts with an HTTP API, played by strict stand-ins whose changes real name servers serve: staged, switched and put back,
with every way in which such an API fails, and killed at every point of a change."""

import os
import unittest

import zone_compare
from apis import APEX, DigitalOcean, GoDaddy
from support import Lab, until

LONG = os.environ.get("CUTOVER_LONG") == "1"



class Apis(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mx_ttl=86400, txt_ttl=3600, mail="none")
        cls.before = cls.lab.zone()

    @classmethod
    def tearDownClass(cls):
        cls.lab.down()

    def setUp(self):
        self.put_back()

    def put_back(self):
        if self.lab.zone() == self.before:
            return
        now = self.lab.zone()
        touched = {(r.owner, r.rrtype) for r in set(now) ^ set(self.before)} | {(r.owner, r.rrtype) for r in now
                                                                                 if self.before.get(r, now[r]) != now[r]}
        lines = [f"update delete {owner} {rrtype}" for owner, rrtype in touched if rrtype != "SOA"]
        lines += [f"update add {r.owner} {ttl} {r.rrtype} {r.rdata}" for r, ttl in self.before.items()
                  if (r.owner, r.rrtype) in touched and r.rrtype != "SOA"]
        self.lab.do("update", stdin="\n".join(lines) + "\n")
        self.settled()
        self.assertEqual(self.before, self.lab.zone())

    def settled(self):
        until(lambda: self.lab.zone("secondary") == self.lab.zone(), 15, "the secondary to follow the primary")

    def changed(self):
        return {(line.split()[1].rstrip("."), line.split()[2].rstrip(":"))
                for line in zone_compare.differences(self.before, self.lab.zone())}

    def story(self, api):
        cut = api.project()
        cut.run("providers", "--check", exits=0).says("the credentials work", "its zone is the zone that is served")
        cut.run("plan", exits=0)
        cut.run("stage", exits=0).says("read back")
        self.settled()
        self.assertEqual({(APEX, "MX"), (APEX, "TXT")}, self.changed())
        self.assertTrue(any("v=spf1" in r.rdata for r in self.lab.zone() if r.rrtype == "TXT" and r.owner == f"{APEX}."))
        cut.run("stage", exits=0).says("staged already")
        cut.run("rollback", exits=0).says("restored and read back")
        self.settled()
        self.assertEqual([], zone_compare.differences(self.before, self.lab.zone()))
        self.assertTrue(cut.run("report", "--json", exits=0).json()["journal_intact"])
        return cut

    def test_rrset_by_rrset_the_story_and_back(self):
        with GoDaddy(self.lab) as api:
            cut = self.story(api)
            self.assertEqual(4, len(api.writes()), api.writes())
            cut.run("plan", exits=0).says("a TTL of 300 s cannot be had at GoDaddy: 600 s")
            for text in ("dLDQ_Wg1", "Sx7kWq"):
                self.assertNotIn(text, cut.run("-vv", "plan", exits=0).err)

    def test_record_by_record_the_story_and_back(self):
        with DigitalOcean(self.lab) as api:
            self.story(api)
            self.assertFalse(api.faults)

    def test_an_account_without_api_is_told_the_way_by_hand(self):
        with GoDaddy(self.lab) as api:
            api.gate = True
            cut = api.project()
            cut.run("providers", "--check", exits=1).says("does not let this account use its API", "dns.provider: manual")
            cut.run("plan", exits=0)
            cut.run("stage", exits=1).says("does not let this account use its API", "dns.provider: manual")
            self.assertEqual([], api.writes())

    def test_wrong_credentials(self):
        with GoDaddy(self.lab) as api:
            cut = api.project()
            cut.write("secret.key", "wrong")
            (cut.dir / "secret.key").chmod(0o600)
            cut.run("providers", "godaddy", "--check", exits=1).says("refuses these credentials", "Could not authenticate")

    def test_throttled_and_busy_is_waited_for(self):
        with GoDaddy(self.lab) as api:
            cut = api.project()
            cut.run("plan", exits=0)
            api.fail("PUT", "/MX/", api.THROTTLED)
            api.fail("GET", "/TXT/", api.HTML)
            cut.run("stage", exits=0)
            self.assertEqual(2, len(api.writes()))

    def test_whatever_became_of_a_write_is_read_and_not_guessed(self):
        for kind in (GoDaddy.ERROR_BEFORE, GoDaddy.ERROR_AFTER, GoDaddy.CUT_AFTER):
            with self.subTest(kind=kind), GoDaddy(self.lab) as api:
                cut = api.project()
                cut.run("plan", exits=0)
                api.fail("PUT", "/", kind)
                first = cut.run("stage")
                if first.status != 0:
                    cut.run("stage", exits=0)
                self.settled()
                self.assertEqual({(APEX, "MX"), (APEX, "TXT")}, self.changed())
                again = [path for method, path, _ in api.log if method == "PUT"]
                self.assertLessEqual(len(again), 3 if kind == GoDaddy.ERROR_BEFORE else 2, api.log)
                cut.run("rollback", exits=0)
                self.settled()
                self.assertEqual([], zone_compare.differences(self.before, self.lab.zone()))

    def test_a_foreign_edit_right_before_the_write_is_seen(self):
        with GoDaddy(self.lab) as api:
            cut = api.project()
            cut.run("plan", exits=0)
            api.fail("GET", "/MX/", api.EDIT_BEFORE)
            cut.run("stage", exits=1).says("mx9.somebody-else.example")
            self.assertEqual([], api.writes())

    def test_a_next_page_elsewhere_is_not_asked_for(self):
        with DigitalOcean(self.lab) as api:
            api.next_host = "api.digitalocean.com.example.net"
            cut = api.project()
            cut.run("providers", "--check", exits=1).says("is none of the provider's addresses")

    def test_killed_at_every_point_and_resumed(self):
        for kind in (GoDaddy, DigitalOcean):
            with kind(self.lab) as api:
                cut = api.project()
                cut.run("plan", exits=0)
                points = cut.points("stage")
                self.assertGreater(len(points), 2, points)
                cut.run("rollback", exits=0)
                for name in points if LONG or kind is GoDaddy else [name for name in points if name.startswith("apply")][:2]:
                    with self.subTest(provider=kind.provider, point=name):
                        self.killed_once(api, name)

    def killed_once(self, api, point):
        cut = api.project()
        cut.run("plan", exits=0)
        cut.run("stage", kill_at=f"{point}:1").was_killed()
        cut.run("stage", exits=0)
        self.settled()
        self.assertEqual({(APEX, "MX"), (APEX, "TXT")}, self.changed())
        cut.run("rollback", exits=0)
        self.settled()
        self.assertEqual([], zone_compare.differences(self.before, self.lab.zone()))


if __name__ == "__main__":
    unittest.main()
