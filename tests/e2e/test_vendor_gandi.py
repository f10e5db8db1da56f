"""Gandi: RRsets with one TTL each, from 300 on."""

import unittest

from vendors import story
from vendors.gandi import Gandi


class GandiStory(story.Story):
    kind = Gandi


if __name__ == "__main__":
    unittest.main()
