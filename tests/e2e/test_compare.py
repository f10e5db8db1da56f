"""The comparers themselves: each kind of damage must be seen, and nothing where there is none."""

import unittest

import zone_compare
from compare import (LIST_LINE, Message, differences, from_utf7, index, joined, pair_line_ends, unquoted,
                     with_even_ends)

INBOX = ("INBOX",)


def message(body, flags=("\\seen",), keywords=(), instant=1000):
    return Message(body, tuple(flags), tuple(keywords), instant)


def folder(*messages):
    return index(enumerate(messages, 1))


class Mailboxes(unittest.TestCase):
    def found(self, src, dst, **options):
        return list(differences({INBOX: folder(*src)}, {INBOX: folder(*dst)}, **options))

    def test_equal_in_another_order_is_no_difference(self):
        self.assertEqual([], self.found([message("a"), message("b"), message("a")],
                                        [message("b"), message("a"), message("a")]))

    def test_a_missing_message_is_seen(self):
        self.assertIn("missing", self.found([message("a"), message("b")], [message("a")])[0])

    def test_one_missing_of_two_equal_copies_is_seen(self):
        self.assertIn("1 of 2", self.found([message("a"), message("a")], [message("a")])[0])

    def test_a_doubled_message_is_seen(self):
        self.assertIn("doubled", self.found([message("a")], [message("a"), message("a")])[0])

    def test_a_doubled_message_is_seen_although_extra_ones_are_allowed(self):
        for flags in (("\\seen",), ()):
            found = self.found([message("a")], [message("a"), message("a", flags)], allow_extra=True)
            self.assertIn("doubled", found[0])

    def test_an_altered_body_is_a_missing_and_an_extra_message(self):
        found = self.found([message("a")], [message("A")])
        self.assertEqual([True, True], ["missing" in found[0], "extra" in found[1]])

    def test_altered_flags_keywords_and_dates_are_told(self):
        for other, word in ((message("a", flags=()), "flags"), (message("a", keywords=("x",)), "keywords"),
                            (message("a", instant=1001), "instant")):
            found = self.found([message("a")], [other])
            self.assertEqual(1, len(found))
            self.assertIn(f"altered at the target: {word}", found[0])

    def test_line_ends_are_made_even(self):
        for odd, even in ((b"a\r\r\nb\r\n", b"a\r\nb\r\n"), (b"a\nb\rc", b"a\r\nb\r\nc\r\n"), (b"", b""),
                          (b"a\r\n\r\nb\r\n", b"a\r\n\r\nb\r\n")):
            self.assertEqual(even, with_even_ends(odd))

    def test_only_line_ends_are_paired_and_only_once(self):
        odd, even = (message(digest)._replace(even="e") for digest in ("odd", "even"))
        for src, dst, altered, left in (
                ([odd], [even], [1], 0),
                ([odd, odd], [odd, even], [2], 0),
                ([odd], [even, even], [1], 1),  # doubled or extra: once is enough
                ([odd, odd], [even], [1], 1),
                ([odd, even], [even], [], 1),
                ([odd], [even._replace(flags=())], [], 2),
                ([odd], [message("other")], [], 2)):
            wanted, there = folder(*src), folder(*dst)
            self.assertEqual(altered, pair_line_ends(wanted, there))
            self.assertEqual(left, len(list(differences({INBOX: wanted}, {INBOX: there}))))

    def test_an_extra_message_is_seen_unless_allowed(self):
        self.assertIn("extra", self.found([], [message("a")])[0])
        self.assertEqual([], self.found([], [message("a")], allow_extra=True))

    def test_folders_missing_and_extra(self):
        self.assertIn("missing", list(differences({("Empty",): folder()}, {}))[0])
        self.assertIn("extra", list(differences({}, {("Other",): folder()}))[0])

    def test_names_on_the_wire(self):
        self.assertEqual("Müller & Söhne", from_utf7("M&APw-ller &- S&APY-hne"))
        entry = joined([(b'(\\HasNoChildren) "." {9}', b'INBOX.a"b'), b""])[0]
        self.assertEqual('INBOX.a"b', unquoted(LIST_LINE.match(entry)["name"]))


class Zones(unittest.TestCase):
    ZONE = ("example.com. 3600 IN SOA ns1.example.com. h.example.com. 1 600 120 604800 300\n"
            "example.com. 86400 IN MX 10 mx1.example.com.\n"
            "example.com. 3600 IN TXT \"v=spf1 -all\"\n")

    def found(self, old, new):
        return zone_compare.differences(zone_compare.parse(self.ZONE), zone_compare.parse(self.ZONE.replace(old, new)))

    def test_only_the_serial_may_differ(self):
        self.assertEqual([], self.found(" 1 600", " 77 600"))
        self.assertEqual(2, len(self.found(" 600 ", " 601 ")))

    def test_a_changed_ttl_is_seen(self):
        self.assertEqual(["TTL: example.com. MX 10 mx1.example.com.: 86400 became 60"], self.found("86400", "60"))

    def test_a_changed_gone_or_new_record_is_seen(self):
        self.assertEqual(2, len(self.found("mx1", "mx2")))
        self.assertEqual(1, len(self.found("example.com. 3600 IN TXT \"v=spf1 -all\"\n", "")))
        self.assertEqual(1, len(self.found("v=spf1 -all\"\n", "v=spf1 -all\"\nexample.com. 5 IN TXT \"v=spf1 -all2\"\n")))

    def test_the_case_of_a_text_matters(self):
        self.assertEqual(2, len(self.found("v=spf1", "V=SPF1")))

    def test_nothing_is_not_a_zone(self):
        for text in ("", ";; connection refused", "example.com. 60 IN A 192.0.2.1"):
            with self.assertRaises(zone_compare.NotAZone):
                zone_compare.parse(text)


if __name__ == "__main__":
    unittest.main()
