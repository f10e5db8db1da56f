"""DigitalOcean: records with ids, pages by an address."""

import unittest

from vendors import story
from vendors.digitalocean import DigitalOcean


class DigitalOceanStory(story.Story):
    kind = DigitalOcean
    whole = True

    def test_a_next_page_elsewhere_is_not_asked_for(self):
        with DigitalOcean(self.lab) as api:
            api.next_host = "api.digitalocean.com.example.net"
            cut = api.project()
            cut.run("providers", "--check", exits=1).says("is none of the provider's addresses")


if __name__ == "__main__":
    unittest.main()
