"""Hetzner Cloud: RRsets, each change worked off behind its answer while the zone is locked."""

import unittest

from vendors import story
from vendors.hetzner import Hetzner


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

    def test_a_page_less_than_was_told_is_not_believed(self):
        self.refused("may be cut", short_pages=True)


if __name__ == "__main__":
    unittest.main()
