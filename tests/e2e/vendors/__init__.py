"""Stand-ins for DNS hosts' HTTP APIs, one file a vendor, and the story that each of them is told."""
