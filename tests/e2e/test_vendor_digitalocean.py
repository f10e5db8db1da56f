"""DigitalOcean: records with ids, pages by an address."""

import unittest

from vendors import story
from vendors.digitalocean import DigitalOcean
from vendors.proxy import Proxy


class DigitalOceanStory(story.Story):
    kind = DigitalOcean
    whole = True
    silent = True

    def test_a_next_page_elsewhere_is_not_asked_for(self):
        with DigitalOcean(self.lab) as api:
            api.next_host = "api.digitalocean.com.example.net"
            cut = api.project()
            cut.run("providers", "--check", exits=1).says("is none of the provider's addresses")

    def test_pages_without_end_are_given_up(self):
        """Each tells of another one, and has the same records."""
        self.refused("may be cut: a page has the same records as one before it", endless=True)

    def test_a_proxy_of_the_environment_is_used(self):
        """The API's name is not in any DNS here: the proxy alone knows where it is."""
        with DigitalOcean(self.lab) as api, Proxy(api.address, {api.host: api.address}) as proxy:
            cut = api.project()
            cut.edit(f" {api.host}: {api.address},", "")
            cut.variables["https_proxy"] = proxy.url
            cut.run("providers", "--check", exits=0).says("the credentials work")
            self.assertEqual({f"CONNECT {api.host}:443"}, set(proxy.asked))


if __name__ == "__main__":
    unittest.main()
