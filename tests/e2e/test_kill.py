"""Killed by SIGKILL at every point that a run passes, then resumed by the same command: the end is the same as undisturbed.

The program names its points itself (CUTOVER_TEST_LIST_POINTS), so a new one is tested on the day it is written.
Several labs work side by side, for most of a run is waiting for clocks. With CUTOVER_LONG=1 all counts of all points.
"""

import concurrent.futures
import contextlib
import csv
import os
import queue
import shutil
import sqlite3
import threading
import unittest

import zone_compare
from support import PATIENCE, Cutover, Lab, mailbox, until

LONG = os.environ.get("CUTOVER_LONG") == "1"
USERS = ("carla.diaz@treyresearch.com", "emi.tanaka@treyresearch.com")  # small, yet with all kinds of messages
EDITED = (("treyresearch.com.", "MX"), ("treyresearch.com.", "TXT"), ("autodiscover.treyresearch.com.", "CNAME"))


class World:
    """A lab that is put back to its beginning before each try, and what an undisturbed run leaves there."""

    def __init__(self):
        self.lab = Lab.up(mx_ttl=6, txt_ttl=2)
        self.before = self.lab.zone()
        with open(self.lab.env["LAB_USERS_FIXED"], newline="", encoding="utf-8") as file:
            rows = [row for row in csv.reader(file)]
        with open(self.lab.dir / "two.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows[:1] + [row for row in rows if row[0] in USERS])

    def fresh(self):
        """A new project in a world where nothing has happened yet."""
        if self.lab.zone() != self.before:
            self.put_zone_back()
        until(lambda: self.lab.zone("secondary") == self.lab.zone() == self.before, PATIENCE, "the zone to be as at first")
        for user in USERS:
            shutil.rmtree(self.lab.dir / "target" / "mail" / user, ignore_errors=True)
        cut = Cutover(self.lab)
        cut.use_users(self.lab.dir / "two.csv")
        return cut

    def put_zone_back(self):
        lines = [f"update delete {owner} {rrtype}" for owner, rrtype in EDITED]
        lines += [f"update add {record.owner} {ttl} {record.rrtype} {record.rdata}" for record, ttl in self.before.items()
                  if (record.owner, record.rrtype) in EDITED]
        self.lab.do("update", stdin="\n".join(lines) + "\n")

    @staticmethod
    def assert_sums(cut):
        """The ledger's sums are those of its rows, wherever it was killed."""
        with contextlib.closing(sqlite3.connect(cut.dir / ".cutover" / "state.db")) as db:
            rows = db.execute("SELECT folder, sum(present), sum(present * size), sum(present AND state = 3),"
                              " sum((present AND state = 3) * size), sum(present AND state = 4), sum(present AND new_flags IS NOT NULL),"
                              " sum(present AND state = 3 AND done_pass >"
                              "     (SELECT verified_pass FROM ledger_sum s WHERE s.folder = m.folder))"
                              " FROM ledger_message m GROUP BY folder ORDER BY folder").fetchall()
            sums = db.execute("SELECT folder, present, present_bytes, done, done_bytes, refused, flag_changes, since FROM ledger_sum"
                              " ORDER BY folder").fetchall()
        assert rows == sums, f"rows {rows}, sums {sums}"

    def end(self, cut):
        """All that must be the same however often it was killed; times are no part of it."""
        doc = cut.run("report", "--json", exits=0).json()
        self.assert_sums(cut)
        status, text = self.lab.compare(self.lab.dir / "two.csv")
        boxes = {box["mailbox"]: {key: box[key] for key in ("state", "messages", "bytes", "acknowledged", "refused", "verified",
                                                           "counts_agree")} for box in doc["mailboxes"]}
        return {"zone": self.lab.zone(), "mail": (status, "" if status == 0 else text), "mailboxes": boxes,
                "verdicts": {gate["gate"]: gate["verdict"] for gate in doc["gates"]["gates"]},
                "steps": {step["step"]: step["state"] for step in doc["steps"]}, "intact": doc["journal_intact"],
                "open intents": open_intents(doc["journal"])}


def open_intents(journal):
    kinds = [row["kind"] for row in journal]
    return kinds.count("intent") - sum(kind in ("done", "failed", "unknown") for kind in kinds)


def counts_to_try(count):
    """Which passings of a point are tried: the first, the middle, the last; all of them in a long run."""
    return range(1, count + 1) if LONG and count <= 60 else sorted({1, (count + 1) // 2, count})


def told(wanted, got):
    return "; ".join(f"{key}: {zone_compare.differences(wanted[key], got[key]) if key == 'zone' else got[key]}"
                     for key in wanted if wanted[key] != got[key])


class Killed(unittest.TestCase):
    """What the tests below are made of."""

    maxDiff = None
    workers = 2

    @classmethod
    def setUpClass(cls):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            cls.worlds = list(pool.map(lambda _: World(), range(cls.workers)))
        for world in cls.worlds:
            cls.addClassCleanup(world.lab.down)

    def on_all_worlds(self, tries, one):
        """Each try by the next world that is free; all failures are told, not only the first."""
        work, bad, done = queue.SimpleQueue(), [], []
        for item in tries:
            work.put(item)

        def worker(world):
            while True:
                try:
                    item = work.get_nowait()
                except queue.Empty:
                    return
                try:
                    problem = one(world, item)
                except (AssertionError, OSError, KeyError) as error:
                    problem = str(error)
                done.append(item)
                if problem:
                    bad.append(f"killed at {item}: {problem}")

        threads = [threading.Thread(target=worker, args=(world,)) for world in self.worlds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual("", "\n".join(bad), f"{len(bad)} of {len(done)} ended otherwise")
        self.assertGreater(len(done), 0)
        print(f"      killed at {len(done)} points: {' '.join(sorted(done))}")

    def undisturbed(self, *steps):
        """What each world looks like after `steps`, and the points of the last step."""
        with concurrent.futures.ThreadPoolExecutor() as pool:
            points = list(pool.map(lambda world: self.undisturbed_in(world, *steps), self.worlds))[-1]
        self.assertGreater(len(points), 3, "the program under test has no stop points; build it with CUTOVER_TEST_HOOKS")
        return points

    def undisturbed_in(self, world, *steps):
        cut = world.fresh()
        for words in steps[:-1]:
            cut.run(*words, exits=0)
        points = cut.points(*steps[-1])
        world.wanted = world.end(cut)
        self.assertEqual((0, ""), world.wanted["mail"])
        self.assertTrue(world.wanted["intact"])
        self.assertEqual(0, world.wanted["open intents"])
        return points

    def kill_and_resume(self, world, point, *steps):
        cut = world.fresh()
        for words in steps[:-1]:
            cut.run(*words, exits=0)
        killed = cut.run(*steps[-1], kill_at=point)
        if killed.status == 0 and not point.endswith(":1"):
            return told(world.wanted, world.end(cut))  # how often a point is passed may depend on the machine
        if killed.status != -9:
            return f"it was not killed but ended so: {killed}"
        cut.run(*steps[-1], exits=0)
        return told(world.wanted, world.end(cut))


class Copies(Killed):
    def test_1_a_copy_at_the_first_the_middle_and_the_last_of_each_point(self):
        steps = (("copy",),)
        points = self.undisturbed(*steps)
        tries = [f"{name}:{n}" for name, count in points.items() for n in counts_to_try(count)]
        self.on_all_worlds(tries, lambda world, point: self.kill_and_resume(world, point, *steps))

    def test_2_one_copy_killed_again_and_again(self):
        """Each resume is killed at the next point: damage does not add up."""
        points = self.undisturbed(("copy",))
        world = self.worlds[0]
        cut = world.fresh()
        killed = 0
        for name in points:
            killed += cut.run("copy", kill_at=f"{name}:2").status == -9
        self.assertGreater(killed, 3)
        cut.run("copy", exits=0)
        self.assertEqual("", told(world.wanted, world.end(cut)))

    def test_3_a_new_project_meets_a_full_target_and_changed_flags(self):
        """The points of finding again what is there, and of carrying flags, are passed only then."""
        world = self.worlds[0]
        world.fresh().run("copy", exits=0)
        passed = set()
        for n, point in enumerate(("match-hashed:1", "flags-stored:1", "match-hashed:2", "flags-stored:2")):
            cut = self.another_project(world)
            if point.startswith("flags"):
                cut.run("copy", exits=0)
                self.flag_all(world, n % 2 == 1)
            if cut.run("copy", kill_at=point).status == -9:
                passed.add(point)
            cut.run("copy", exits=0)
            status, text = world.lab.compare(world.lab.dir / "two.csv")
            self.assertEqual(0, status, f"killed at {point}: {text}")
        self.assertLessEqual({"match-hashed:1", "flags-stored:1"}, passed)

    def another_project(self, world):
        cut = Cutover(world.lab)
        cut.use_users(world.lab.dir / "two.csv")
        return cut

    def flag_all(self, world, on):
        for user in USERS:
            with mailbox(world.lab, user.split("@")[0], "source") as account:
                account.open("INBOX", readonly=False)
                account.asked("store", "1:*", "+FLAGS" if on else "-FLAGS", "(\\Flagged \\Answered)")


class WholeRuns(Killed):
    workers = 4  # a run is mostly waiting

    def test_1_a_whole_run_at_each_point(self):
        steps = (("run",),)
        points = self.undisturbed(*steps)
        for world in self.worlds:
            steps_done = dict(world.wanted["steps"])
            self.assertEqual("open", steps_done.pop("cleanup"))  # which is a person's decision
            self.assertEqual({"done"}, set(steps_done.values()))
            self.assertEqual({"open"}, set(world.wanted["verdicts"].values()))
        changing = {name: count for name, count in points.items() if name.startswith(("apply-", "journal-"))}
        self.assertLessEqual({"apply-intent", "apply-acted", "journal-intent", "journal-outcome"}, changing.keys())
        # Where the world is changed: at stage and at switch. The copy's points were tried above; once each here.
        tries = [f"{name}:{n}" for name, count in changing.items() for n in range(1, count + 1)]
        tries += [f"{name}:1" for name in points if name not in changing and (LONG or name in ("copy-appended", "pass-end"))]
        self.on_all_worlds(tries, lambda world, point: self.kill_and_resume(world, point, *steps))

    def test_2_a_rollback_at_each_point(self):
        steps = (("plan",), ("stage",), ("rollback",))
        points = self.undisturbed_rollback(*steps)
        tries = [f"{name}:{n}" for name, count in points.items() for n in range(1, count + 1)]
        self.on_all_worlds(tries, lambda world, point: self.kill_rollback(world, point, *steps))

    @unittest.skipUnless(LONG, "a whole run for each point: with CUTOVER_LONG=1")
    def test_3_a_clean_up_at_each_point(self):
        steps = (("run",), ("cleanup",))
        points = self.undisturbed(*steps)
        tries = [f"{name}:{n}" for name, count in points.items() for n in range(1, count + 1)]
        self.on_all_worlds(tries, lambda world, point: self.kill_and_resume(world, point, *steps))

    def undisturbed_rollback(self, *steps):
        cut = self.worlds[0].fresh()
        for words in steps[:-1]:
            cut.run(*words, exits=0)
        points = cut.points(*steps[-1])
        self.assertEqual(self.worlds[0].before, self.worlds[0].lab.zone())
        return points

    def kill_rollback(self, world, point, *steps):
        cut = world.fresh()
        for words in steps[:-1]:
            cut.run(*words, exits=0)
        killed = cut.run(*steps[-1], kill_at=point)
        if killed.status != 0 or point.endswith(":1"):  # how often a point is passed may depend on the machine
            killed.was_killed()
        cut.run(*steps[-1], exits=0)
        doc = cut.run("report", "--json", exits=0).json()
        left = zone_compare.differences(world.before, world.lab.zone())
        return None if not left and not doc["staged"] and doc["journal_intact"] and not open_intents(doc["journal"]) \
            else f"{left}, {doc['journal']}"


if __name__ == "__main__":
    unittest.main()
