"""A described host whose only write is the whole zone, from the description that the page shows."""

import unittest

from vendors import story
from vendors.api import APEX
from vendors.zonehost import ZoneHost


class ZoneHostStory(story.Story):
    kind = ZoneHost
    switches = True

    def story(self, api):
        """No call is too many: as planned, the same still, written, all of it read back; that reading serves the read-back, too."""
        cut = super().story(api)
        self.assertEqual(["GET"] + ["GET", "GET", "PUT", "GET"] * 2, [entry.method for entry in api.log if entry.status < 300][:9])
        self.assertEqual(2, len(api.writes()))
        return cut

    def test_an_edit_beside_the_plan_between_the_readings_stops_the_write(self):
        with ZoneHost(self.lab) as api:
            cut = self.planned(api)
            api.somebody_edits = lambda: api.add(f"new.{APEX}", "A", 3600, "192.0.2.9")
            api.fail(api.READ, "", api.EDIT_BEFORE, skip=1)
            cut.run("stage", exits=1).says("the zone is not what it was a moment ago", f"new.{APEX}", "nothing was written")
            self.assertEqual([], api.writes())
            self.is_as_before()

    def test_a_foreign_edit_right_before_the_write_is_seen(self):
        self.needs_long()
        super().test_a_foreign_edit_right_before_the_write_is_seen()

    def test_name_servers_that_follow_later_are_waited_for(self):
        if not story.LONG:
            self.skipTest("flow waits, whoever the vendor is")
        super().test_name_servers_that_follow_later_are_waited_for()

    def test_an_account_without_api_is_told_the_way_by_hand(self):
        if not story.LONG:
            self.skipTest("flow tells it, whoever the vendor is")
        super().test_an_account_without_api_is_told_the_way_by_hand()


if __name__ == "__main__":
    unittest.main()
