"""A man in the middle of one IMAP server who knows its grammar well enough to do harm at the right moment.

    with Proxy(address, server, host, lab, fault) as proxy: …

It ends TLS and compression (RFC 4978) on both sides, so that it can refuse a command, leave out an answer, write a BYE, or let go in the middle of a
literal. One fault for each proxy; it strikes when `fault.after` bytes (or commands) have gone by, over all connections.
"""

import asyncio
import contextlib
import re
import socket
import ssl
import struct
import threading
import zlib

from faults import Struck

LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n\Z")
COMMAND = re.compile(rb"\A(\S+) (APPEND|UID FETCH) ", re.I)
COMPRESS = re.compile(rb"\A(\S+) COMPRESS DEFLATE\r\n\Z", re.I)
TAGGED = re.compile(rb"\A([A-Z]+\d+) (?:OK|NO|BAD) ", re.I)
CHUNK = 16384
# What a server of 2003 does not have (LITERAL- neither), in its CAPABILITY and in its answers.
POORER = ((re.compile(rb" (?:LITERAL[+-]|UIDPLUS|MULTIAPPEND)(?=[ \r\]])"), b""), (re.compile(rb"\[APPENDUID [^\]]*\] "), b""))


class Frame:
    """Splits one direction into whole lines and pieces of literals."""

    def __init__(self):
        self.held, self.literal_left = b"", 0
        self.at_start = True  # of a command or a response

    def pieces(self, data):
        """Yield (kind, bytes): "start" for the first line of something, "line" for a later one, "literal"."""
        self.held += data
        while self.held:
            if self.literal_left:
                piece, self.held = self.held[:self.literal_left], self.held[self.literal_left:]
                self.literal_left -= len(piece)
                yield "literal", piece
                continue
            end = self.held.find(b"\n") + 1
            if not end:
                return
            piece, self.held = self.held[:end], self.held[end:]
            found = LITERAL.search(piece)
            self.literal_left = int(found[1]) if found else 0
            kind = "start" if self.at_start else "line"
            self.at_start = found is None
            yield kind, piece


class Out:
    """A writer that deflates what it writes once `compress` was called."""

    def __init__(self, writer):
        self.writer, self.deflate = writer, None

    def __getattr__(self, name):
        return getattr(self.writer, name)

    def compress(self):
        self.deflate = zlib.compressobj(1, zlib.DEFLATED, -15)

    def write(self, data):
        if self.deflate and data:
            data = self.deflate.compress(data) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
        self.writer.write(data)


class Proxy:
    def __init__(self, address, server, host, lab, fault, poor=False):
        self.poor, self.address, self.server, self.host, self.fault = poor, address, server, host, fault
        self.inside = ssl.create_default_context(cafile=str(lab.dir / "ca.pem"))
        self.outside = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.outside.load_cert_chain(lab.dir / "tls" / f"{host}.pem", lab.dir / "tls" / f"{host}.key")
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        self.call(self.listen())
        return self

    def __exit__(self, *_):
        self.call(self.shut())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def call(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    async def listen(self):
        self.listener = await asyncio.start_server(self.serve, self.address, 993, ssl=self.outside, limit=CHUNK)

    async def shut(self):
        self.listener.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def serve(self, client_in, client_out):
        try:
            server_in, server_out = await asyncio.open_connection(self.server, 993, ssl=self.inside, limit=CHUNK,
                                                                  server_hostname=self.host)
        except OSError:
            client_out.transport.abort()
            return
        client_out, server_out = Out(client_out), Out(server_out)
        self.fault.connected()
        link = Link(self.fault, client_out, server_out, self.poor)
        pumps = [asyncio.ensure_future(link.pump(client_in, server_out, "up")),
                 asyncio.ensure_future(link.pump(server_in, client_out, "down"))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            pass  # shut() ends it; asyncio would print a traceback
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for out in (client_out, server_out):
                await let_go(out, link.hard)


async def let_go(out, hard):
    if hard:
        reset = struct.pack("ii", 1, 0)
        out.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        out.transport.abort()
        return
    with contextlib.suppress(OSError, asyncio.TimeoutError):
        out.close()
        await asyncio.wait_for(out.wait_closed(), 2)


class Link:
    """One connection: both directions, and what the fault wants to know of them."""

    def __init__(self, fault, client, server, poor):
        self.fault, self.client, self.server, self.poor = fault, client, server, poor
        self.frames = {"up": Frame(), "down": Frame()}
        self.waiting = []  # our own answers, until the server has ended the one that it is at
        self.dropping = None  # the tag of the command that is swallowed
        self.compressing, self.inflate = None, {}  # the tag of COMPRESS; by way, when that was answered with OK
        self.appends = set()
        self.hard = False

    async def pump(self, source, sink, way):
        frame = self.frames[way]
        with contextlib.suppress(OSError, Struck, asyncio.IncompleteReadError):
            while data := await source.read(CHUNK):
                if way in self.inflate:
                    data = self.inflate[way].decompress(data)
                for kind, piece in frame.pieces(data):
                    piece = self.swallowed(kind, piece) if way == "up" else self.watched(kind, piece)
                    await self.pass_on(piece, kind, sink, way)
                    if kind == "start":
                        self.look_for_compress(piece, frame, way)
                await sink.drain()

    def look_for_compress(self, piece, frame, way):
        """Behind the server's OK all is compressed, what came with it already; the client waits for it before it says more."""
        found = (COMPRESS if way == "up" else TAGGED).match(piece)
        if found and way == "up":
            self.compressing = found[1]
        elif found and found[1] == self.compressing and piece[len(found[1]):].upper().startswith(b" OK"):
            self.compressing = None
            self.inflate = {one: zlib.decompressobj(-15) for one in ("up", "down")}
            self.client.compress()
            self.server.compress()
            frame.held = self.inflate[way].decompress(frame.held)

    async def pass_on(self, piece, kind, sink, way):
        """The bytes, and the fault at its byte of them."""
        at = self.fault.due_in(len(piece), kind, way, self)
        if at is None:
            sink.write(piece)
        else:
            sink.write(piece[:at])
            await self.fault.strike(self, sink, way)
            sink.write(piece[at:])
        if way == "down" and self.frames["down"].at_start:
            for answer in self.waiting:
                sink.write(answer)
            self.waiting.clear()

    def swallowed(self, kind, piece):
        """What of a command goes to the server: nothing when the fault refuses it."""
        found = COMMAND.match(piece) if kind == "start" else None
        if found:
            word = found[2].decode().upper()
            if word == "APPEND":
                self.appends.add(found[1])
            if self.fault.refuses(word):
                self.dropping = found[1]
        if self.dropping is None:
            return piece
        frame = self.frames["up"]
        found = LITERAL.search(piece) if kind != "literal" else None
        if found and not found[2]:  # no "+": the client waits before it sends the literal, and will not send it now
            frame.literal_left, frame.at_start = 0, True
        if frame.at_start and kind != "literal":
            self.answer(self.dropping + b" " + self.fault.answer + b"\r\n")
            self.dropping = None
        return b""

    def answer(self, text):
        if self.frames["down"].at_start and not self.frames["down"].held:
            self.client.write(text)
        else:
            self.waiting.append(text)

    def watched(self, kind, piece):
        """What of a response goes to the client; the fault may lose the answer to an APPEND that was done."""
        found = TAGGED.match(piece) if kind == "start" else None
        if found and found[1] in self.appends and self.fault.loses_answer():
            self.hard = True
            raise Struck
        if self.poor and kind == "start":
            for pattern, text in POORER:
                piece = pattern.sub(text, piece)
        return piece
