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

    def test_a_restore_that_was_killed_is_done_by_the_next(self):
        points = self.points_of_restore()
        self.assertLessEqual({"restore-intent:1", "restore-acted:1"}, set(points))
        for point in points if story.LONG else ("restore-acted:1",):
            with self.subTest(point=point):
                self.put_back()
                with Gandi(self.lab) as api:
                    cut, number = self.edited(api)
                    cut.run("rollback", "--snapshot", number, kill_at=point).was_killed()
                    cut.run("rollback", "--snapshot", number, exits=0)
                    self.is_as_before()
                    self.nothing_open(cut)

    def edited(self, api):
        """Staged, then somebody edits what was staged: only the snapshot is a way back. The project, and its id."""
        self.settled()
        cut = api.project(snapshot="required")
        cut.run("plan", exits=0)
        cut.run("stage", exits=0)
        api.replace(APEX, "MX", [(300, "10 mx1.nwtraders.com."), (300, "20 backup.contoso.com.")])
        return cut, next(iter(api.snapshots))

    def points_of_restore(self):
        with Gandi(self.lab) as api:
            cut, number = self.edited(api)
            points = cut.points("rollback", "--snapshot", number)
        return [f"{name}:{n}" for name, count in points.items() for n in range(1, count + 1)]

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
