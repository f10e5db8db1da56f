"""Gandi: RRsets with one TTL each, from 300 on."""

import unittest

from vendors import story
from vendors.api import APEX
from vendors.gandi import Gandi


class GandiStory(story.Story):
    kind = Gandi

    def test_a_copy_of_the_zone_is_the_second_net(self):
        with Gandi(self.lab) as api:
            cut = api.project(snapshot="required")
            cut.run("plan", exits=0)
            cut.run("stage", "--dry-run", exits=0)
            self.assertEqual({}, api.snapshots)
            cut.run("stage", exits=0).says("keeps the zone as it is now: snapshot")
            (number,) = api.snapshots
            self.is_staged()
            notes = [row for row in cut.run("report", "--json", exits=0).json()["journal"] if row["step"] == "snapshot"]
            self.assertEqual([("note", number)], [(row["kind"], row["subject"]) for row in notes])
            self.assertIn("before the staging set", notes[0]["reason"])
            api.replace(APEX, "MX", [(300, "10 mx1.nwtraders.com."), (300, "20 backup.contoso.com.")])
            refused = cut.run("rollback", exits=1)
            refused.says("somebody else changed it", "backup.contoso.com", f"cutover rollback --snapshot {number}", "every edit since then lost")
            cut.run("rollback", "--snapshot", "no-such", exits=1).says("no such one was taken here")
            cut.run("rollback", "--snapshot", number, exits=0).says("0 records restored and read back, 2 already back")
            self.is_as_before()
            doc = cut.run("report", "--json", exits=0).json()
            self.assertEqual((False, True), (doc["staged"], doc["journal_intact"]))
            self.assertIn(["restore", "done"], [[row["step"], row["kind"]] for row in doc["journal"]])

    def test_no_copy_is_told_and_only_the_policy_makes_it_the_end(self):
        with Gandi(self.lab) as api:
            api.fail(api.WRITE, "snapshots", api.ERROR_BEFORE)
            cut = api.project(snapshot="required")
            cut.run("plan", exits=0)
            cut.run("stage", exits=1).says("policy.snapshot is `required`, and there is none", "nothing was changed")
            self.is_as_before()
            cut.edit("snapshot: required", "snapshot: auto")
            api.fail(api.WRITE, "snapshots", api.ERROR_BEFORE)
            cut.run("stage", exits=0).says("no snapshot before the staging set")
            self.is_staged()


if __name__ == "__main__":
    unittest.main()
