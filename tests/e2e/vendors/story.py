"""What every DNS host must survive: the story of staging and putting back, each way in which an API fails, and being killed.

    class GoDaddyStory(story.Story):
        kind = GoDaddy

Such a class inherits all tests of `Story`; what is particular of a vendor it adds as tests of its own.
"""

import os
import unittest

import zone_compare
from support import Lab, until

from .api import APEX

LONG = os.environ.get("CUTOVER_LONG") == "1"
STAGED = {(APEX, "MX"), (APEX, "TXT")}  # what `stage` changes: the MX's TTL, the token beside the SPF


class World(unittest.TestCase):
    """One lab for the tests of a file; its zone is as at first when a test begins."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mx_ttl=86400, txt_ttl=3600, mail="none")
        cls.addClassCleanup(cls.lab.down)
        cls.before = cls.lab.zone()

    def setUp(self):
        self.put_back()

    def put_back(self):
        now = self.lab.zone()
        if now == self.before:
            return
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
        """The (owner, type) pairs that are not as at first."""
        return {(line.split()[1].rstrip("."), line.split()[2].rstrip(":"))
                for line in zone_compare.differences(self.before, self.lab.zone())}

    def is_staged(self):
        self.settled()
        self.assertEqual(STAGED, self.changed())
        self.assertTrue(any("v=spf1" in r.rdata for r in self.lab.zone() if r.rrtype == "TXT" and r.owner == f"{APEX}."))

    def is_as_before(self):
        self.settled()
        self.assertEqual([], zone_compare.differences(self.before, self.lab.zone()))


class Story(World):
    """The tests of one vendor; `kind` is its stand-in."""

    kind = None

    # -- what is done again and again --

    def planned(self, api):
        """A project with a plan, before anything is written."""
        cut = api.project()
        cut.run("plan", exits=0)
        return cut

    def story(self, api):
        cut = api.project()
        cut.run("providers", "--check", exits=0).says("the credentials work", "its zone is the zone that is served")
        cut.run("plan", exits=0)
        cut.run("stage", exits=0).says("read back")
        self.is_staged()
        cut.run("stage", exits=0).says("staged already")
        cut.run("rollback", exits=0).says("restored and read back")
        self.is_as_before()
        self.assertTrue(cut.run("report", "--json", exits=0).json()["journal_intact"])
        self.assertFalse(api.faults)
        return cut

    def resolved(self, api, kind):
        """A write whose end nobody told: read, finished by the same command, and put back."""
        cut = self.planned(api)
        api.fail(api.WRITE, "", kind)
        if cut.run("stage").status != 0:
            cut.run("stage", exits=0)
        self.assertFalse(api.faults)
        self.is_staged()
        cut.run("rollback", exits=0)
        self.is_as_before()

    def killed_once(self, api, point):
        cut = self.planned(api)
        cut.run("stage", kill_at=f"{point}:1").was_killed()
        cut.run("stage", exits=0)
        self.is_staged()
        cut.run("rollback", exits=0)
        self.is_as_before()

    def kill_at_points(self, api, chosen):
        """`chosen` takes the names of all points that `stage` passes."""
        cut = self.planned(api)
        points = cut.points("stage")
        self.assertGreater(len(points), 2, points)
        cut.run("rollback", exits=0)
        for name in chosen(list(points)):
            with self.subTest(provider=self.kind.provider, point=name):
                self.killed_once(api, name)

    # -- the tests --

    def test_the_story_and_back(self):
        with self.kind(self.lab) as api:
            cut = self.story(api)
            for word in api.credentials.values():
                self.assertNotIn(word, cut.run("-vv", "plan", exits=0).err)
