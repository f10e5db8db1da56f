"""What the end-to-end tests are written with, so that a story reads as sentences.

    lab = Lab.up(mx_ttl=40)
    cut = Cutover(lab)
    cut.run("audit", exits=0).says("mx-ttl-high")
    cut.run("copy", kill_at="append-sent:3").was_killed()
    until(lambda: cut.run("gate", "--json").json()["open"], seconds=60, what="the gate opens")

Every server that a test starts is stopped when the test ends, however it ends.
"""

import atexit
import functools
import imaplib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "lab"))

import compare  # noqa: E402
import mailgen  # noqa: E402, F401 (for the tests)
import zone_compare  # noqa: E402
from labkit import dns, layout, project  # noqa: E402

LAB = HERE.parent / "lab" / "lab"
# In seconds. A deadline that asserts no bound costs nothing while all is well, so it is long enough for any machine.
PATIENCE = 180  # for what is polled
HANG = 900  # for a command
AWAKE_TRIES = 5
running_labs = []


def stop_labs():
    while running_labs:
        running_labs[-1].down()


def stop_on_signal(number, _):
    sys.exit(128 + number)  # SystemExit runs the atexit functions; a bare signal would not


atexit.register(stop_labs)
signal.signal(signal.SIGTERM, stop_on_signal)


def binary():
    """The cutover under test: CUTOVER_BIN, else the sanitized build, for it has the stop points."""
    return os.environ.get("CUTOVER_BIN") or str(ROOT / "build/dev/src/cutover")


class LabFailed(AssertionError):
    """The lab does not do what it was told. A bug of the test or of the lab, unless the test polls (until())."""


class Lab:
    """One closed lab with its variables (`lab env`) as attributes of `env`."""

    def __init__(self, directory):
        self.dir = Path(directory)
        self.env = {}

    @classmethod
    def up(cls, **options):
        """Options as those of `lab up`: Lab.up(mx_ttl=40, mail="none")."""
        lab = cls(tempfile.mkdtemp(prefix="lab.", dir=os.environ.get("CUTOVER_LABS", "/tmp")))
        running_labs.append(lab)
        words = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", str(value))]
        lab.do("up", *words)
        lines = lab.do("env").splitlines()
        lab.env = {key: shlex.split(value)[0] for key, value in (line.split("=", 1) for line in lines)}
        return lab

    def do(self, command, *words, stdin=None):
        """Run one lab command; its standard output. Failing is a bug of the test, not a result."""
        done = subprocess.run([str(LAB), command, "--dir", str(self.dir), *words], input=stdin, text=True,
                              capture_output=True, timeout=HANG, check=False)
        if done.returncode:
            raise LabFailed(f"lab {command} {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def ask(self, question, *words):
        """What a command that only reads would print, without a process for each: it is asked in every loop that waits."""
        try:
            return question(layout.load(self.dir), *words)
        except layout.LabError as error:
            raise LabFailed(f"{self.dir}: {error}") from None

    def zone(self, server="primary"):
        return zone_compare.parse("\n".join(self.ask(dns.transfer, server)))

    def compare(self, csv_file=None, allow_extra=False, ignore=(), line_ends=False):
        """The comparer's exit status and text for all users of the lab."""
        env = self.env
        words = ["--csv", str(csv_file or env["LAB_USERS_FIXED"]), "--ca", env["LAB_CA"],
                 "--src", f"{env['LAB_SOURCE_HOST']}={env['LAB_SOURCE_ADDRESS']}",
                 "--dst", f"{env['LAB_TARGET_HOST']}={env['LAB_TARGET_ADDRESS']}"]
        words += ["--allow-extra-at-target"] if allow_extra else []
        words += ["--line-ends"] if line_ends else []
        words += [word for address in ignore for word in ("--ignore-user", address)]
        done = subprocess.run([sys.executable, str(HERE / "compare.py"), *words], capture_output=True, text=True,
                              timeout=HANG, check=False)
        return done.returncode, done.stdout + done.stderr

    def down(self):
        if self in running_labs:
            running_labs.remove(self)
        subprocess.run([str(LAB), "down", "--dir", str(self.dir)], capture_output=True, timeout=HANG, check=False)
        shutil.rmtree(self.dir, ignore_errors=True)


def flat(text):
    """Without line breaks and indents: where a line is folded is no part of what it says."""
    return " ".join(text.split())


class Result:
    """How one command ended. The checks return the result itself, so that they can be strung together."""

    def __init__(self, argv, status, out, err):
        self.argv, self.status, self.out, self.err = argv, status, out, err

    def __str__(self):
        return f"$ {' '.join(self.argv)}\n{self.out}{self.err}[exit {self.status}]"

    def exits(self, status):
        assert self.status == status, f"expected exit {status}:\n{self}"
        return self

    def says(self, *texts):
        for text in texts:
            assert flat(text) in flat(self.out + self.err), f"expected to read '{text}':\n{self}"
        return self

    def hides(self, *texts):
        for text in texts:
            assert flat(text) not in flat(self.out + self.err), f"did not expect to read '{text}':\n{self}"
        return self

    def was_killed(self):
        return self.exits(-signal.SIGKILL)

    def json(self):
        try:
            return json.loads(self.out)
        except ValueError as error:
            raise AssertionError(f"not JSON ({error}):\n{self}") from None


class Cutover:
    """The program in a project directory of its own, fed with the lab's project file."""

    def __init__(self, lab, directory=None):
        self.lab, self.variables = lab, {}  # further ones of its environment
        self.dir = Path(directory or tempfile.mkdtemp(prefix="project.", dir=lab.dir))
        self.write("cutover.yaml", lab.ask(project.text).replace(lab.env["LAB_USERS"], "users.csv"))
        self.use_users(lab.env["LAB_USERS"])

    def write(self, name, text):
        path = self.dir / name
        path.write_text(text, encoding="utf-8")
        return path

    def edit(self, old, new):
        """Change the project file; what is not there cannot be changed by mistake."""
        text = (self.dir / "cutover.yaml").read_text(encoding="utf-8")
        assert old in text, f"'{old}' is not in the project file:\n{text}"
        self.write("cutover.yaml", text.replace(old, new))

    def set_line(self, key, value):
        """Replace the whole value of a key that stands on a line of its own."""
        text = (self.dir / "cutover.yaml").read_text(encoding="utf-8")
        changed, count = re.subn(rf"(?m)^( *{re.escape(key)}: ).*$", lambda found: found[1] + value, text)
        assert count == 1, f"'{key}' is {count} times in the project file:\n{text}"
        self.write("cutover.yaml", changed)

    def uncompressed(self):
        """For whoever counts or reads the bytes between it and a server: whether a line is slow enough to be compressed depends
        on the machine."""
        self.edit("policy:\n", "copy:\n  compress: never\npolicy:\n")
        return self

    def connect_to(self, host, address):
        text = (self.dir / "cutover.yaml").read_text(encoding="utf-8")
        self.write("cutover.yaml", re.sub(rf"({re.escape(host)}: )[0-9.]+", rf"\g<1>{address}", text))

    def use_users(self, csv_file):
        shutil.copy(csv_file, self.dir / "users.csv")
        (self.dir / "users.csv").chmod(0o600)

    def use_only(self, csv_file, *addresses):
        """Of the people in `csv_file` these alone; the file that it uses now, for the comparer."""
        with open(csv_file, newline="", encoding="utf-8") as file:
            head, *rows = compare.csv.reader(file)
        path = self.write("users.csv", "")
        with open(path, "w", newline="", encoding="utf-8") as file:
            compare.csv.writer(file).writerows([head, *(row for row in rows if row[0] in addresses)])
        path.chmod(0o600)
        return path

    def environment(self, kill_at=None, list_points=None):
        clean = {key: value for key, value in os.environ.items() if not key.startswith("CUTOVER_TEST_")} | self.variables
        if kill_at:
            clean["CUTOVER_TEST_KILL_AT"] = kill_at
        if list_points:
            clean["CUTOVER_TEST_LIST_POINTS"] = str(list_points)
        return clean

    def run(self, *words, exits=None, kill_at=None, list_points=None, stdin="", seconds=HANG):
        """Run `cutover WORDS…`; `exits` is the status it must have. A hang is a failure."""
        argv = [binary(), *words]
        try:
            done = subprocess.run(argv, cwd=self.dir, env=self.environment(kill_at, list_points), input=stdin,
                                  capture_output=True, text=True, errors="replace", timeout=seconds, check=False)
        except subprocess.TimeoutExpired as late:
            raise AssertionError(f"no end after {seconds} s: {' '.join(words)}\n{late.stdout}\n{late.stderr}") from None
        result = Result(["cutover", *words], done.returncode, done.stdout, done.stderr)
        return result if exits is None else result.exits(exits)

    def start(self, *words, **hooks):
        """Run it beside the test; the Popen is the caller's to end."""
        return subprocess.Popen([binary(), *words], cwd=self.dir, env=self.environment(**hooks), text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def points(self, *words):
        """The names of the stop points that a run passes, in order, each with its count."""
        listing = self.dir / "points.txt"
        listing.unlink(missing_ok=True)
        self.run(*words, list_points=listing)
        counts = {}
        for name in listing.read_text().split() if listing.exists() else []:
            counts[name] = counts.get(name, 0) + 1
        return counts


class Tap:
    """Between a client and a server of the lab: passes everything on and, at one byte of one direction, acts.

        with Tap(lab, "source", after=3_000_000, action=lambda: lab.do("kill", "source")) as tap:
            cut.connect_to(lab.env["LAB_SOURCE_HOST"], tap.address)

    The bytes are those on the wire (TLS), counted over all connections. `action` runs once; without one the
    connection that carried the byte is cut. `to_server` counts what the client sends.
    """

    used = 30  # last octets above those of the lab's own servers

    def __init__(self, lab, server, after, action=None, to_server=False):
        Tap.used += 1
        self.address = f"{lab.env['LAB_NET']}.{Tap.used}"
        self.server = lab.env[f"LAB_{server.upper()}_ADDRESS"]
        self.left, self.action, self.to_server = after, action, to_server
        self.acted = threading.Event()
        self.guard = threading.Lock()
        self.listener = socket.create_server((self.address, 993))

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((self.server, 993))
            except OSError:
                client.close()  # the server is down: that is what the client shall see
                continue
            for source, sink, counted in ((client, server, self.to_server), (server, client, not self.to_server)):
                threading.Thread(target=self.pump, args=(source, sink, counted), daemon=True).start()

    def pump(self, source, sink, counted):
        try:
            while data := source.recv(65536):
                if counted and self.is_due(len(data)):
                    sink.sendall(data[:len(data) // 2])
                    self.act(source, sink)
                    data = data[len(data) // 2:]
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            cut(end)

    def is_due(self, size):
        with self.guard:
            before, self.left = self.left, self.left - size
            return before > 0 >= self.left

    def act(self, source, sink):
        if self.action:
            self.action()
        else:
            for end in (source, sink):
                cut(end)  # not close: the other direction's thread sits in recv() and would hold it open
        self.acted.set()


def cut(end):
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it is already


class TinyDisk:
    """A file system of a few kilobytes at a directory, to see what a full disk does. Needs root, as the lab does."""

    def __init__(self, directory, kilobytes):
        self.directory, self.kilobytes = Path(directory), kilobytes

    def __enter__(self):
        self.directory.mkdir(exist_ok=True)
        self.mount("mount", "-t", "tmpfs", "-o", f"size={self.kilobytes}k,mode=0700", "tmpfs", str(self.directory))
        atexit.register(self.__exit__)
        owner = self.directory.parent.stat()
        os.chown(self.directory, owner.st_uid, owner.st_gid)
        return self

    def used(self):
        """In kilobytes."""
        room = os.statvfs(self.directory)
        return (room.f_blocks - room.f_bfree) * room.f_frsize // 1024

    def grow(self, kilobytes):
        self.mount("mount", "-o", f"remount,size={kilobytes}k", str(self.directory))

    def __exit__(self, *_):
        atexit.unregister(self.__exit__)
        self.mount("umount", "-l", str(self.directory))

    @staticmethod
    def mount(*argv):
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(f"{' '.join(argv)}: {done.stderr.strip()}")


class Steps(unittest.TestCase):
    """A story in the order of its methods' names: when one step fails, those behind it are skipped."""

    failed_at = None

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before and not type(self).failed_at:
            type(self).failed_at = self._testMethodName

    def setUp(self):
        if type(self).failed_at:
            self.skipTest(f"comes after {type(self).failed_at}, which failed")


class Running:
    """A command that runs beside the test; it is dead when the block ends, however that ends.

        with Running(cut, "gate") as gate:
            gate.reads("until")
            gate.interrupt().exits(130)
    """

    def __init__(self, cut, *words, **hooks):
        self.words, self.seen, self.guard = words, {"out": "", "err": ""}, threading.Lock()
        self.process = cut.start(*words, **hooks)
        self.readers = [threading.Thread(target=self.read, args=(name, stream), daemon=True)
                        for name, stream in (("out", self.process.stdout), ("err", self.process.stderr))]
        for reader in self.readers:
            reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        for reader in self.readers:
            reader.join()
        self.process.stdout.close()
        self.process.stderr.close()

    def read(self, name, stream):
        while line := stream.readline():
            with self.guard:
                self.seen[name] += line

    def text(self):
        with self.guard:
            return self.seen["out"] + self.seen["err"]

    def out(self):
        with self.guard:
            return self.seen["out"]

    def reads(self, text, seconds=PATIENCE):
        """Wait until it has written `text`; an end before that is a failure."""
        until(lambda: flat(text) in flat(self.text()) or self.process.poll() is not None, seconds, f"to read '{text}'")
        if self.process.poll() is not None:
            self.ends()  # with all that it wrote
        assert flat(text) in flat(self.text()), f"ended with {self.process.poll()} before it said '{text}':\n{self.text()}"
        return self

    def ends(self, seconds=HANG):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"no end after {seconds} s: {' '.join(self.words)}\n{self.text()}") from None
        for reader in self.readers:
            reader.join()
        return Result(["cutover", *self.words], self.process.returncode, self.seen["out"], self.seen["err"])

    def interrupt(self, number=signal.SIGINT, seconds=60):
        """As Ctrl-C does; it must end within `seconds`: what it interrupts would last for minutes."""
        self.process.send_signal(number)
        return self.ends(seconds)


class Stillness:
    """How long the machine kept a thread from running that wanted to, at most, while the block ran: `most_s`."""

    TICK_S = 0.02
    MUCH_S = 0.2  # beyond that nobody can say how fast a server has answered

    def __init__(self):
        self.most_s, self.over = 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self):
        before = time.monotonic()
        while not self.over.wait(self.TICK_S):
            now = time.monotonic()
            self.most_s = max(self.most_s, now - before - self.TICK_S)
            before = now

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def much(self):
        return self.most_s > self.MUCH_S


def judged_awake(kind):
    """A class of tests in which good servers are found good within the few seconds that the program gives a domain. Such a test
    says nothing when the machine stood still meanwhile: then, and only then, one that failed is tried again, from its setUp()."""
    def awake(test):
        @functools.wraps(test)
        def tried(self):
            for left in reversed(range(AWAKE_TRIES)):
                with Stillness() as machine:
                    try:
                        return test(self)
                    except AssertionError:
                        if not left or not machine.much():
                            raise
                print(f"      again: {self.id()}: the machine stood still for {machine.most_s:.1f} s", flush=True)
                self.setUp()
        return tried

    for name, test in list(vars(kind).items()):
        if name.startswith("test_"):
            setattr(kind, name, awake(test))
    return kind


def until(condition, seconds, what, every=0.1):
    """Poll until `condition` is true; its value. The deadline is a failure that names what was awaited.

    A server of the lab that refuses or is not there is "not yet", too: it may be about to make what it is asked for. What
    it said last is part of the failure.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            value, said = condition(), ""
        except (LabFailed, compare.Unreadable, imaplib.IMAP4.error, OSError) as error:
            value, said = None, f"; the last time: {error}"
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}{said}")
        time.sleep(every)


def mailbox(lab, local, side, server=None):
    """One user's account at one side, as the independent reader sees it; `server`: where that side is, when it is another one."""
    with open(lab.env["LAB_USERS_FIXED"], newline="", encoding="utf-8") as file:
        row = next(row for row in compare.csv.DictReader(file) if row["EmailAddress"].startswith(f"{local}@"))
    column = "Password" if side == "source" else "TargetPassword"
    name = (server or side).upper()
    return compare.Side(lab.env[f"LAB_{name}_HOST"], lab.env[f"LAB_{name}_ADDRESS"], lab.env["LAB_CA"],
                        row["EmailAddress"], row[column])
