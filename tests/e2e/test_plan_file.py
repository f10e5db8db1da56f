"""A plan is reviewed as a file and applied exactly so, or refused; and a set that is too large needs a word more."""

import json
import unittest

from support import PATIENCE, Cutover, Lab, until

FOREIGN = "update add treyresearch.com. 16 MX 20 backup.contoso.com.\n"


class ReviewedPlans(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab.up(mx_ttl=16, txt_ttl=4, servers="dns", mail="none")
        cls.addClassCleanup(cls.lab.down)
        cls.before = cls.lab.zone()

    def setUp(self):
        self.cut = Cutover(self.lab)
        self.cut.run("plan", "--out", "plan.json", exits=0).says("wrote plan.json", "cutover stage --plan plan.json")

    def plan(self):
        return json.loads((self.cut.dir / "plan.json").read_text(encoding="utf-8"))

    def refused(self, *words):
        zone = self.lab.zone()
        self.cut.run("stage", "--plan", "plan.json", exits=1).says("plan.json", *words)
        self.assertEqual(zone, self.lab.zone())
        self.assertEqual([], self.cut.run("report", "--json", exits=0).json()["journal"])

    def test_1_another_project_directory_stages_exactly_the_file(self):
        other = Cutover(self.lab)
        self.assertEqual("rfc2136", self.plan()["provider"])
        other.write("plan.json", (self.cut.dir / "plan.json").read_text(encoding="utf-8"))
        other.run("stage", "--plan", "plan.json", "--dry-run", exits=0).says("dry run")
        self.assertEqual(self.before, self.lab.zone())
        other.run("stage", "--plan", "plan.json", exits=0).says("2 records changed and read back")
        other.run("stage", "--plan", "plan.json", exits=0).says("staged already")
        self.assertEqual(self.plan()["hash"], other.run("report", "--json", exits=0).json()["plan"]["hash"])
        other.run("rollback", exits=0)
        self.assertEqual(self.before, self.lab.zone())

    def test_2_an_altered_a_foreign_and_an_older_file_are_refused(self):
        good = (self.cut.dir / "plan.json").read_text(encoding="utf-8")
        self.cut.write("plan.json", good.replace("MS=ms87257449", "MS=ms00000000"))
        self.refused("does not fit its content", "cutover plan --out FILE")
        self.cut.write("plan.json", good)
        self.cut.edit("mx_ttl: 16", "mx_ttl: 17")
        self.refused("asks for something else than the plan was made from")
        self.cut.edit("mx_ttl: 17", "mx_ttl: 16")
        until(lambda: self.later_plan() != self.plan()["made_at"], PATIENCE, "another second")
        self.lab.do("update", stdin=FOREIGN)
        try:
            self.refused("the zone has changed since it was made", "backup.contoso.com")
            self.cut.run("plan", exits=0)
            self.refused("another plan was made at")
        finally:
            self.lab.do("update", stdin="update delete treyresearch.com. MX 20 backup.contoso.com.\n")

    def later_plan(self):
        return self.cut.run("plan", "--json", exits=0).json()["made_at"]

    def test_3_a_set_beyond_the_policy_needs_the_number(self):
        self.cut.edit("policy:\n", "policy:\n  max_changed_rrsets: 1\n")
        self.cut.run("plan", exits=0).says("more than policy.max_changed_rrsets (1): needs --allow-changes 2")
        self.cut.run("stage", exits=1).says("the staging set changes 2 RRsets", "--allow-changes 2")
        self.assertEqual(self.before, self.lab.zone())
        self.cut.run("stage", "--allow-changes", "2", exits=0)
        self.cut.run("rollback", exits=0)
        self.assertEqual(self.before, self.lab.zone())


if __name__ == "__main__":
    unittest.main()
