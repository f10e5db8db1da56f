"""A proxy as companies have them: it resolves names, and lets HTTPS through by CONNECT."""

import contextlib
import socket
import socketserver
import threading


class Proxy:
    """`hosts` says where a name is; any other is refused. `asked` has what was asked for."""

    def __init__(self, address, hosts):
        self.hosts, self.asked = hosts, []
        handler = type("Handler", (Handler,), {"proxy": self})
        self.server = socketserver.ThreadingTCPServer((address, 0), handler)
        self.url = f"http://{address}:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Handler(socketserver.StreamRequestHandler):
    proxy = None

    def handle(self):
        method, target, _ = self.rfile.readline().decode().split()
        while self.rfile.readline().strip():
            pass
        self.proxy.asked.append(f"{method} {target}")
        host, port = target.rsplit(":", 1)
        if method != "CONNECT" or host not in self.proxy.hosts:
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        with contextlib.suppress(OSError), socket.create_connection((self.proxy.hosts[host], int(port)), 180) as server:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(server, self.connection), daemon=True)
            back.start()
            pump(self.connection, server)
            back.join()


def pump(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(16384):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
