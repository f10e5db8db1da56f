"""Dynadot: rows without ids in two lists, one TTL for the whole domain, a signature over each request."""

import unittest

from support import Lab
from vendors import story
from vendors.api import APEX, Api
from vendors.dynadot import FOREIGN_TXT, Dynadot

TOKEN = {(APEX, "TXT")}  # all that `stage` changes: the MX's TTL is the domain's


class DynadotStory(story.Story):
    kind = Dynadot

    @classmethod
    def setUpClass(cls):
        """One TTL for all records."""
        cls.lab = Lab.up(mx_ttl=3600, txt_ttl=3600, client_ttl=3600, mail="none", servers="dns")
        cls.addClassCleanup(cls.lab.down)
        cls.before = cls.lab.zone()

    def is_staged(self):
        self.assertEqual(TOKEN, self.changed())

    def story(self, api):
        """No call is too many: is it Dynadot's DNS, what is there; before a write once more, and after it."""
        cut, theirs = super().story(api), list(Dynadot(self.lab).own_rows)
        read = "GET"
        self.assertEqual([read] * 5 + ["POST"] + [read] * 4 + ["DELETE", read], [entry.method for entry in api.log])
        self.assertEqual(theirs, api.own_rows)
        self.assertEqual(3600, api.ttl)
        return cut

    def test_a_foreign_edit_right_before_the_write_is_seen(self):
        with Dynadot(self.lab) as api:
            cut = self.planned(api)
            api.fail(api.READ, "/records", api.EDIT_BEFORE, skip=2)
            cut.run("stage", exits=1).says("include:somebody-else.example")
            self.assertFalse(api.faults)
            self.assertEqual([FOREIGN_TXT], [row["data"] for row in api.of(APEX, "TXT")])

    def switched(self, sub_name):
        """The whole way and back: MX and SPF in one list, the names below in the other."""
        self.put_back()
        with Dynadot(self.lab) as api:
            api.sub_name = sub_name
            cut, theirs = api.project(), list(api.own_rows)
            story.open_gates(cut)
            cut.run("plan", exits=0).says("its TTL is that of all records at Dynadot: 3600 s")
            cut.run("stage", exits=0)
            cut.run("switch", exits=0)
            self.assertEqual({(APEX, "MX"), (APEX, "TXT"), (f"autodiscover.{APEX}", "CNAME")}, self.changed())
            cut.run("rollback", exits=0)
            self.is_as_before()
            self.assertEqual(theirs, api.own_rows)

    def test_the_switch_and_back_whatever_the_second_list_is_called(self):
        for name in ("sub_list", "dns_sub_list") if story.LONG else ("sub_list",):
            with self.subTest(name=name):
                self.switched(name)

    def test_a_reviewed_plan_costs_one_listing_more(self):
        """However many RRsets it has: is it Dynadot's DNS, and once what is there."""
        with Dynadot(self.lab) as api:
            cut = self.planned(api)
            cut.run("stage", exits=0)
            plain = len(api.log)
            cut.run("rollback", exits=0)
            cut.run("plan", "--out", "plan.json", exits=0)
            planned = len(api.log)
            cut.run("stage", "--plan", "plan.json", exits=0).says("read back")
            self.assertEqual(plain + 2, len(api.log) - planned)
            self.is_staged()
            cut.run("rollback", exits=0)
            self.is_as_before()

    def test_name_servers_that_follow_later_are_waited_for(self):
        self.needs_long()
        super().test_name_servers_that_follow_later_are_waited_for()

    def test_a_row_that_is_not_found_is_not_removed(self):
        """It is said in a 200, by a number."""
        with Dynadot(self.lab) as api:
            cut = self.planned(api)
            cut.run("stage", exits=0)
            api.removes = False
            cut.run("rollback", exits=1).says('says "0" at "data/main_record_removed_count"', "run `cutover plan` again")
            self.is_staged()

    def test_what_cannot_be_had_is_told_before_it_is_tried(self):
        """Another DNS than Dynadot's, a full list, and a secret that is not the key's."""
        with Dynadot(self.lab) as api:
            cut = self.planned(api)
            api.own_rows += [("", "EMAIL", f"box{i}", "someone@example.com") for i in range(20)]
            cut.run("stage", exits=1).says("20 rows of the domain itself", "take one out")
            api.glue_type = "NAME_SERVERS"
            cut.run("providers", "--check", exits=1).says("does it use Dynadot DNS")
            cut.write("secret.key", "wrong")
            cut.run("providers", "--check", exits=1).says("refuses these credentials", "sandbox and production have their own")
            self.assertEqual([], api.writes())
            self.assertEqual(self.before, self.lab.zone())


if __name__ == "__main__":
    unittest.main()
