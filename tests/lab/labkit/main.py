"""The command line of the lab: each command is a function here, the doing is in the modules."""

import argparse
import concurrent.futures
import fcntl
import os
import shutil
import sys

from . import ca, courier, cyrus, dns, fill, imap, layout, packages, process, project, smtp, users
from .layout import LabError


def servers(lab):
    """{name: (command line, probe)} of the servers of this lab, in the order in which they depend on each other."""
    table = {**dns.commands(lab), **imap.commands(lab), **smtp.commands(lab)}
    for name, module in (("cyrus", cyrus), ("courier", courier)):
        table |= module.commands(lab) if lab.wants(name) else {}
    return {name: row for name, row in table.items() if lab.wants(name)}


def prepare(lab):
    hosts = {**imap.HOST, **smtp.HOST, "cyrus": layout.CYRUS_HOST, "courier": layout.COURIER_HOST,
             "gate": layout.POWERDNS_HOST}
    ca.prepare(lab, [host for name, host in hosts.items() if lab.wants(name)])
    users.prepare(lab)
    imap.prepare(lab)
    if lab.wants("primary"):
        dns.prepare(lab)
    if lab.wants("mx"):
        smtp.prepare(lab)
    for name, module in (("cyrus", cyrus), ("courier", courier)):
        if lab.wants(name):
            module.prepare(lab)


def bring_up(lab, names):
    """Start what does not run, all at once, then wait for each to answer in the order of dependence."""
    table = servers(lab)
    children = {}
    for name in names:
        if not process.alive(lab, name):
            process.kill(lab, name)  # children that a killed leader left behind
            for stale in lab.path(name).glob("**/*.pid"):
                stale.unlink()  # a server believes its own old file, were it only a zombie's
            children[name] = process.start(lab, name, table[name][0])
    for name in names:
        process.wait_ready(lab, name, table[name][1], children.get(name))


def cmd_up(args):
    packages.require(args.primary)
    lab = layout.load(args.dir)
    if lab is None or not lab.prepared:
        lab = layout.create(args.dir, options_of(args))
        prepare(lab)
        lab.prepared = True
        lab.save()
    bring_up(lab, list(servers(lab)))
    fill.fill_once(lab)
    print(f"the lab is up in {lab.dir} on {lab.net}.0/24 (resolver {lab.address('resolver')})")


def options_of(args):
    scaled = args.mx_ttl < 3600
    chosen = {key: getattr(args, key) for key in ("seed", "mail", "mx_ttl", "txt_ttl", "client_ttl", "negative_ttl")}
    chosen["txt_ttl"] = pick(chosen["txt_ttl"], max(2, args.mx_ttl // 2) if scaled else 3600)
    chosen["client_ttl"] = pick(chosen["client_ttl"], max(2, args.mx_ttl // 2) if scaled else 3600)
    chosen["negative_ttl"] = pick(chosen["negative_ttl"], max(2, args.mx_ttl // 8) if scaled else 300)
    chosen["servers"] = servers_of(args.servers)
    chosen["primary"] = args.primary
    chosen["signed"] = args.signed == "yes"
    if chosen["signed"] and args.primary != "knot":
        raise LabError("only a Knot as primary signs here")
    if args.primary != "knot" and "primary" in chosen["servers"]:
        chosen["servers"].append("gate")
    chosen["corpus"] = os.path.abspath(args.corpus) if args.corpus else None
    return chosen


def servers_of(words):
    """`mail` is the two providers alone, `dns` the name servers alone; the MX hosts come with both."""
    usual = [name for name in layout.HOSTS if name not in (*layout.ON_REQUEST, *layout.HELPERS)]
    groups = {"all": usual, "mail": ["source", "target"], "dns": layout.NAME_SERVERS}
    groups |= {name: [name] for name in [*groups["mail"], *layout.ON_REQUEST]}
    for word in words.split(","):
        if word not in groups:
            raise LabError(f"--servers does not know '{word}'\nhint: all, mail, dns, {', '.join(layout.ON_REQUEST)}")
    return [name for word in words.split(",") for name in groups[word]]


def pick(given, otherwise):
    return otherwise if given is None else given


def need_lab(args):
    lab = layout.load(args.dir)
    if lab is None:
        raise LabError(f"there is no lab in '{args.dir}'\nhint: lab up --dir {args.dir}")
    return lab


def cmd_down(args):
    lab = layout.load(args.dir)
    if lab is None:
        print(f"there is no lab in {args.dir}")
        return 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(layout.HOSTS)) as pool:
        list(pool.map(lambda name: process.stop(lab, name), servers(lab)))  # each takes its time to end
    left = [name for name in servers(lab) if process.members(lab, name)]
    if left:
        raise LabError(f"still running: {', '.join(left)}")
    if not args.keep:
        shutil.rmtree(lab.dir)
    print("the lab is down")
    return 0


def cmd_status(args):
    lab = need_lab(args)
    all_up = True
    for name, (_, probe) in servers(lab).items():
        reason = probe() if process.alive(lab, name) else "not running"
        all_up = all_up and reason is None
        pids = process.members(lab, name)
        print(f"{name:<10} {lab.address(name):<15} {'up' if reason is None else reason}"
              + (f"  (pid {pids[0]}, {len(pids)} processes)" if pids else ""))
    return 0 if all_up else 1


def cmd_start(args):
    bring_up(need_lab(args), [checked(args)])


def cmd_stop(args):
    process.stop(need_lab(args), checked(args))


def cmd_restart(args):
    cmd_stop(args)
    cmd_start(args)


def cmd_kill(args):
    process.kill(need_lab(args), checked(args))


def checked(args):
    names = need_lab(args).options["servers"]
    if args.server not in names:
        raise LabError(f"there is no server '{args.server}'\nhint: one of {', '.join(names)}")
    return args.server


def cmd_zone(args):
    lab = need_lab(args)
    for name in [args.server] if args.server else ["primary", "secondary"]:
        if not args.server:
            print(f"; {name}")
        print("\n".join(dns.transfer(lab, name)))


def cmd_update(args):
    print(dns.update(need_lab(args), sys.stdin.read()), end="")


def cmd_deliver_old(args):
    with sys.stdin.buffer if args.file == "-" else open(args.file, "rb") as message:
        imap.deliver_old(need_lab(args), args.user, message.read())


def cmd_env(args):
    print(project.environment(need_lab(args)), end="")


def cmd_project(args):
    print(project.text(need_lab(args)), end="")


def cmd_users(args):
    print("address source-password target-password", file=sys.stderr)
    for user in users.people(need_lab(args)):
        print(user.address, user.src_password, user.dst_password, sep="\t")


def parser():
    top = argparse.ArgumentParser(prog="lab", description="the closed lab of cutover; docs/lab.md tells more")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--dir", default=str(layout.default_dir()), help="the lab's directory (%(default)s)")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name, run, text):
        sub = commands.add_parser(name, parents=[common], help=text)
        sub.set_defaults(run=run)
        return sub

    up = add("up", cmd_up, "start the lab")
    up.add_argument("--mx-ttl", type=int, default=86400, help="TTL of the old MX in seconds (%(default)s)")
    up.add_argument("--txt-ttl", type=int, help="TTL of the TXT records at the apex (3600, or half the MX TTL)")
    up.add_argument("--client-ttl", type=int, help="TTL of autodiscover (as --txt-ttl)")
    up.add_argument("--negative-ttl", type=int, help="SOA MINIMUM (300, or an eighth of a small MX TTL)")
    up.add_argument("--mail", choices=("none", "small", "full"), default="small", help="how much mail (%(default)s)")
    up.add_argument("--servers", default="all", metavar="LIST",
                    help="all (the usual ten), mail (source and target alone), dns (name servers alone), with cyrus, courier beside them")
    up.add_argument("--primary", choices=layout.PRIMARIES, default="knot", help="the primary's program (%(default)s)")
    up.add_argument("--signed", choices=("no", "yes"), default="no", help="whether the domain is signed, from the root down (%(default)s)")
    up.add_argument("--corpus", metavar="DIR", help="also load the SpamAssassin corpus unpacked there")
    up.add_argument("--seed", default="cutover", help="what all generated things depend on (%(default)s)")
    add("down", cmd_down, "stop the lab and remove it").add_argument(
        "--keep", action="store_true", help="keep the directory with logs and mail")
    add("status", cmd_status, "what runs; exit 0 when everything answers")
    for name, run, text in (("start", cmd_start, "start one server"), ("stop", cmd_stop, "stop one server"),
                            ("restart", cmd_restart, "stop and start one server"),
                            ("kill", cmd_kill, "SIGKILL every process of one server")):
        add(name, run, text).add_argument("server")
    add("zone", cmd_zone, "the domain's zone as each authoritative server has it").add_argument("server", nargs="?")
    add("env", cmd_env, "addresses, files and names as KEY=value for a shell")
    add("project", cmd_project, "a project file for cutover that fits this lab")
    add("users", cmd_users, "the mailboxes and their passwords, tab-separated")
    deliver = add("deliver-old", cmd_deliver_old, "a message arrives at the old side")
    deliver.add_argument("user", help="the mailbox's address")
    deliver.add_argument("file", help="the message, - for standard input")
    add("update", cmd_update, "edit the zone: nsupdate lines on standard input")
    return top


def main(argv):
    args = parser().parse_args(argv)
    try:
        need_root()
        with lock(args):
            try:
                return args.run(args) or 0
            finally:
                if not os.path.exists(os.path.join(args.dir, "state.json")):
                    os.unlink(lock_path(args))
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1


def need_root():
    if os.geteuid() != 0:
        raise LabError("the lab's servers use ports 25, 53 and 993 and change their user, which only root may\n"
                       f"hint: sudo {' '.join(sys.argv)}")


def lock(args):
    """One command at a time per lab directory. The lock file lies beside it, for `down` removes the directory."""
    path = lock_path(args)
    while True:
        try:
            held = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "w")
        except OSError as error:
            raise LabError(f"cannot lock '{args.dir}': {error}\nhint: was it brought up by another user?") from None
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            if os.stat(path).st_ino == os.fstat(held.fileno()).st_ino:
                return held
        except FileNotFoundError:
            pass
        held.close()  # a `down` that we waited for has removed the file: what we hold is no lock


def lock_path(args):
    return os.path.abspath(args.dir) + ".lock"
