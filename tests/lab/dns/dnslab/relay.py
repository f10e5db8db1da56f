"""The misbehaving servers: relays before a real server, which spoil what they pass on.

One process has all of them, one address each; DIR/relay.json says what each does. Because a real server gives
the answers, a relay is right in everything but the fault that it is there for. The faults are the functions in
the tables FAULTS below, named as in the case files (`nsd+no-soa+delay:1200`).
"""

import asyncio
import json
import os
import random
import struct
import sys
import time

from . import wire
from .wire import AA, NXDOMAIN, QR, RA, SERVFAIL, TC, Packet

PORT = 53


class Relay:
    """One address. `faults` is [(name, argument or None)]."""

    def __init__(self, row):
        self.address, self.upstream, self.apex = row["address"], tuple(row["upstream"]), row["apex"]
        self.faults = {name: argument for name, argument in row["faults"]}
        self.held = row["held"]      # answers of its own: [{name, type, ttl, words, ede, flag}]
        self.resolver = row["resolver"]
        self.foreign = (row["foreign"], PORT)  # the resolver behind an open recursor
        self.flag_dir = row["flags"]
        self.seen, self.counted = {}, {}
        self.udp = None

    def has(self, fault):
        return fault in self.faults

    async def start(self):
        loop = asyncio.get_running_loop()
        self.udp, _ = await loop.create_datagram_endpoint(lambda: Datagrams(self), local_addr=(self.address, PORT))
        if not self.has("no-tcp") and not self.has("silent"):
            await asyncio.start_server(self.serve_tcp, self.address, PORT)

    async def serve_tcp(self, reader, writer):
        try:
            while True:
                size = struct.unpack("!H", await reader.readexactly(2))[0]
                for raw in await self.replies(await reader.readexactly(size), tcp=True):
                    writer.write(struct.pack("!H", len(raw)) + raw)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    async def serve_udp(self, raw, client):
        for packet in await self.replies(raw, tcp=False):
            if self.has("wrong-source"):
                self.send_from_elsewhere(packet, client)
            else:
                self.udp.sendto(packet, client)

    def send_from_elsewhere(self, packet, client):
        """As a server with two addresses does that forgot from which one it was asked."""
        import socket  # noqa: PLC0415
        other = self.address.rsplit(".", 1)[0] + ".254"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            link.bind((other, 0))
            link.sendto(packet, client)

    async def replies(self, raw, tcp):
        """The packets to be sent for one query, in order; none for silence."""
        try:
            query = Packet(raw)
        except (ValueError, IndexError, struct.error):
            return []
        for name, argument in self.faults.items():
            act = BEFORE.get(name)
            made = act(self, query, argument, tcp) if act else None
            if made is not None:
                return made
        if self.has("delay"):
            await asyncio.sleep(int(self.faults["delay"]) / 1000)
        reply = self.own_answer(query) or await self.ask(raw, query, tcp)
        if reply is None:
            return []
        made = [reply]
        for name, argument in self.faults.items():
            if name in AFTER:
                made = AFTER[name](self, query, made, argument, tcp)
        return made

    async def ask(self, raw, query, tcp):
        own = query.name.lower().endswith(self.apex)
        if self.has("recursive") and not own:
            reply = await exchange(self.foreign, bytes(raw[:2]) + struct.pack("!H", query.flags | wire.RD) + raw[4:], tcp)
            return reply and set_bits(reply, RA)
        return await exchange(self.upstream, raw, tcp)

    def own_answer(self, query):
        """From the `held` records: what this one still, or alone, believes."""
        name = query.name.lower()
        rows = [row for row in self.held if row["name"] == name and self.counts_now(row)
                and row["type"] in (wire.NAMES.get(query.type), "ANY", "CNAME")]
        if not rows or any(row["type"] == "CNAME" for row in rows) and query.type in (2, 6, 43, 48):
            return None
        flags = QR | (RA if self.resolver else AA)
        first = rows[0]
        opt = wire.opt_bytes(first["ede"])
        if first["words"][0] in ("NXDOMAIN", "NODATA", "SERVFAIL"):
            code = {"NXDOMAIN": NXDOMAIN, "NODATA": 0, "SERVFAIL": SERVFAIL}[first["words"][0]]
            soa = wire.record_bytes(self.apex, "SOA", first["ttl"], [f"ns1.{self.apex}", f"admin.{self.apex}",
                                                                      "1", "7200", "900", "1209600", str(first["ttl"])])
            return wire.answer(query, flags | code, [[], [] if code == SERVFAIL else [soa], []], opt)
        records = [wire.record_bytes(row["name"], row["type"], row["ttl"], row["words"]) for row in rows]
        return wire.answer(query, flags, [records, [], []], opt)

    def counts_now(self, row):
        return row["flag"] is None or os.path.exists(os.path.join(self.flag_dir, row["flag"]))


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, relay):
        self.relay = relay
        self.tasks = set()  # asyncio itself keeps weak references only

    def datagram_received(self, data, addr):
        if self.relay.has("silent"):
            return
        task = asyncio.ensure_future(self.relay.serve_udp(data, addr))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


async def exchange(server, raw, tcp):
    """One question to the real server, with the client's own ID; None when it does not answer."""
    try:
        return await asyncio.wait_for(exchange_tcp(server, raw) if tcp else exchange_udp(server, raw), 4)
    except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
        return None


async def exchange_tcp(server, raw):
    reader, writer = await asyncio.open_connection(*server)
    writer.write(struct.pack("!H", len(raw)) + raw)
    reply = await reader.readexactly(struct.unpack("!H", await reader.readexactly(2))[0])
    writer.close()
    return reply


async def exchange_udp(server, raw):
    loop = asyncio.get_running_loop()
    arrived = loop.create_future()

    class One(asyncio.DatagramProtocol):
        def datagram_received(self, data, addr):
            if not arrived.done():
                arrived.set_result(data)

        def error_received(self, exc):
            if not arrived.done():
                arrived.set_exception(exc)

    link, _ = await loop.create_datagram_endpoint(One, remote_addr=server)
    try:
        link.sendto(raw)
        return await arrived
    finally:
        link.close()


def set_bits(reply, on=0, off=0, rcode=None):
    flags = struct.unpack_from("!H", reply, 2)[0] & ~off | on
    if rcode is not None:
        flags = flags & ~15 | rcode
    return reply[:2] + struct.pack("!H", flags) + reply[4:]


def error(code):
    def act(_relay, query, _argument, _tcp):
        return [query.cut_to_question(QR | query.flags & wire.RD | code, keep_opt=False)]
    return act


# Before the real server is asked: a list of packets (perhaps none) ends it, None goes on.

def drop_edns(_relay, query, _argument, tcp):
    """As a firewall does that knows datagrams of twenty years ago; it does not look into a stream."""
    return [] if query.has_opt and not tcp else None


def formerr_edns(_relay, query, _argument, _tcp):
    return [query.cut_to_question(QR | wire.FORMERR, keep_opt=False)] if query.has_opt else None


def lose_first(relay, query, _argument, tcp):
    """The first datagram of every question is lost; what is asked again within the minute comes through."""
    key, now = (query.name.lower(), query.type), time.monotonic()
    before, relay.seen[key] = relay.seen.get(key, -1e9), now
    return [] if not tcp and now - before > 60 else None


def upward(relay, query, _argument, _tcp):
    """A referral to the root, as servers give that have never heard of the zone."""
    ns = wire.record_bytes("", "NS", 518400, ["a.root-servers.net."])
    return [wire.answer(query, 0, [[], [ns], []], wire.opt_bytes())] if query.name.lower().endswith(relay.apex) else None


def endless_alias(relay, query, _argument, _tcp):
    """Below chain.APEX every name is an alias of the next number."""
    name = query.name.lower()
    if not name.endswith(f".chain.{relay.apex}"):
        return None
    number = int(name.split(".")[0][1:] or 0)
    target = f"n{number + 1}.chain.{relay.apex}"
    return [wire.answer(query, AA, [[wire.record_bytes(query.name, "CNAME", 300, [target])], [], []], wire.opt_bytes())]


def endless_delegation(relay, query, _argument, _tcp):
    """Below deep.APEX each question is answered by a referral one label deeper."""
    name = query.name.lower()
    if not name.endswith(f".deep.{relay.apex}"):
        return None
    labels = name.split(".")
    floor = relay.apex.count(".") + 3
    depth = relay.counted.get(name, floor)
    relay.counted[name] = depth + 1 if depth < len(labels) else floor
    zone = ".".join(labels[-min(depth, len(labels)):])
    ns = wire.record_bytes(zone, "NS", 300, [f"ns.{zone}"])
    glue = wire.record_bytes(f"ns.{zone}", "A", 300, [relay.address])
    return [wire.answer(query, 0, [[], [ns], [glue]], wire.opt_bytes())]


def flood_data(relay, kind, number):
    """The data of one record of a flood: different ones from each server."""
    own = relay.address.rpartition(".")[2]
    if kind == "MX":
        label = f"flood{number}-{own}".encode()
        return struct.pack("!H", 10) + bytes([len(label)]) + label + b"\xc0\x0c"
    return wire.rdata_bytes(kind, [f"v=spf1 a:{number}.{own} -all"] if kind == "TXT" else [f"127.78.{number >> 8}.{number & 255}"])


def flood_records(relay, kind):
    """As many as fit into one answer; their owner is the question's name."""
    records, size = [], 0
    while len(records) < 2040 and size < 64000:
        data = flood_data(relay, kind, len(records))
        records.append(b"\xc0\x0c" + struct.pack("!HHIH", wire.TYPES[kind], 1, 300, len(data)) + data)
        size += len(records[-1])
    return records


def flood(relay, query, _argument, tcp):
    """Two thousand SPF records and mail hosts of its own, and two thousand addresses of each such host."""
    name, kind = query.name.lower(), wire.NAMES.get(query.type)
    host = kind == "A" and name.startswith("flood") and name.endswith(f".{relay.apex}")
    if not host and not (name == relay.apex and kind in ("TXT", "MX")):
        return None
    if not tcp:
        return [query.cut_to_question(QR | AA | TC)]
    if kind not in relay.counted:
        relay.counted[kind] = flood_records(relay, kind)
    return [wire.answer(query, AA, [relay.counted[kind], [], []], wire.opt_bytes())]


def refuse_type(relay, query, argument, _tcp):
    return error(SERVFAIL)(relay, query, None, False) if wire.NAMES.get(query.type) in argument.split("/") else None


BEFORE = {
    "drop-edns": drop_edns, "formerr-edns": formerr_edns, "refused": error(wire.REFUSED), "servfail": error(SERVFAIL),
    "lose-first": lose_first, "upward": upward, "endless-alias": endless_alias,
    "endless-delegation": endless_delegation, "servfail-for": refuse_type, "flood": flood,
    "garbage": lambda _relay, query, _argument, _tcp: [bytes(query.raw[:2]) + b"\xff" * 40],
}


# After it: the list of packets that will be sent.

def each(change):
    def act(relay, query, made, argument, tcp):
        return [change(relay, query, packet, argument, tcp) for packet in made]
    return act


def no_authority(*_):
    return each(lambda relay, query, raw, argument, tcp: set_bits(raw, off=AA))(*_)


def ignore_edns(_relay, _query, raw, _argument, _tcp):
    packet = Packet(raw)
    opts = packet.of(2, wire.OPT)
    if not opts or opts[-1][4] != len(raw):
        return raw
    return raw[:10] + struct.pack("!H", packet.counts[2] - 1) + raw[12:opts[-1][1]]


def truncate(_relay, query, raw, argument, tcp):
    """An answer of one of these types (MX/TXT) does not fit, whatever its size."""
    if tcp or wire.NAMES.get(query.type) not in argument.split("/"):
        return raw
    packet = Packet(raw)
    return packet.cut_to_question(packet.flags | TC)


def no_soa(_relay, _query, raw, _argument, _tcp):
    packet = Packet(raw)
    return raw if packet.of(0) or not packet.of(1, 6) else packet.cut_to_question(packet.flags)


def ent_nxdomain(_relay, query, raw, argument, _tcp):
    """What has no record of its own does not exist, though names below it do."""
    packet = Packet(raw)
    label = query.name.lower().split(".")[0]
    if packet.rcode == 0 and not packet.of(0) and label in argument.split("/"):
        return set_bits(raw, rcode=NXDOMAIN)
    return raw


def lower_case(_relay, _query, raw, _argument, _tcp):
    packet = Packet(raw)
    end = packet.question_end
    return raw[:12] + bytes(raw[12:end - 4]).lower() + raw[end - 4:]


def mixed_ttl(_relay, query, raw, argument, _tcp):
    """The last record of the set has another TTL: `mixed-ttl:MX=7200`."""
    kind, ttl = argument.split("=")
    packet = Packet(raw)
    records = packet.of(0, wire.TYPES[kind])
    if wire.NAMES.get(query.type) != kind or not records:
        return raw
    struct.pack_into("!I", packet.raw, records[-1][3], int(ttl))
    return bytes(packet.raw)


def min_ttl(_relay, _query, raw, argument, _tcp):
    packet = Packet(raw)
    for _, _, kind, at, _ in packet.records:
        if kind != wire.OPT and struct.unpack_from("!I", packet.raw, at)[0] < int(argument):
            struct.pack_into("!I", packet.raw, at, int(argument))
    return bytes(packet.raw)


def wrong_id(_relay, _query, made, _argument, tcp):
    """Three guesses of somebody else arrive first."""
    if tcp:
        return made
    number = struct.unpack("!H", made[0][:2])[0]
    return [struct.pack("!H", (number + step) & 0xFFFF) + made[0][2:] for step in (1, 77, 4096)] + made


def wrong_question(_relay, query, made, _argument, tcp):
    other = struct.pack("!6H", query.id, QR | AA, 1, 0, 0, 0) + wire.name_bytes(f"x{random.randint(0, 999)}.invalid")
    return made if tcp else [other + struct.pack("!2H", query.type, 1)] + made


AFTER = {
    "no-aa": no_authority, "ignore-edns": each(ignore_edns), "truncate": each(truncate), "no-soa": each(no_soa),
    "ent-nxdomain": each(ent_nxdomain), "lower-case": each(lower_case), "mixed-ttl": each(mixed_ttl),
    "min-ttl": each(min_ttl), "wrong-id": wrong_id, "wrong-question": wrong_question,
    "recursive": each(lambda relay, query, raw, argument, tcp: set_bits(raw, RA)),
}
OTHERS = {"silent", "no-tcp", "delay", "wrong-source", "holds", "later"}
FAULTS = set(BEFORE) | set(AFTER) | OTHERS


async def serve(rows):
    for row in rows:
        await Relay(row).start()
    await asyncio.Event().wait()


def main(argv):
    with open(argv[0], encoding="utf-8") as file:
        rows = json.load(file)
    try:
        asyncio.run(serve(rows))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main(sys.argv[1:])
