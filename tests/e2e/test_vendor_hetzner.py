"""Hetzner Cloud: RRsets, each change worked off behind its answer while the zone is locked."""

import unittest

from vendors import story
from vendors.api import APEX
from vendors.hetzner import Hetzner


class ZoneTtl(Hetzner):
    """The MX of the lab has been given no TTL of its own."""

    zone_ttl = 86400


class HetznerStory(story.Story):
    kind = Hetzner

    def test_an_action_that_ends_in_an_error_has_changed_nothing(self):
        with Hetzner(self.lab) as api:
            cut = self.planned(api)
            api.fails = True
            cut.run("stage").says("the change failed")
            self.assertEqual(self.before, self.lab.zone())
            cut.run("stage", exits=0)
            self.is_staged()

    def test_what_had_the_zone_s_ttl_has_it_again(self):
        with ZoneTtl(self.lab) as api:
            cut = self.planned(api)
            self.assertIsNone(api.shown(APEX, "MX")["ttl"])
            cut.run("stage", exits=0)
            self.assertEqual(300, api.shown(APEX, "MX")["ttl"])
            cut.run("rollback", exits=0).says("restored and read back")
            self.assertIsNone(api.shown(APEX, "MX")["ttl"])
            self.is_as_before()

    def test_a_page_less_than_was_told_is_not_believed(self):
        self.refused("may be cut", short_pages=True)


if __name__ == "__main__":
    unittest.main()
