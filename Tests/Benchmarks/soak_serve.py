"""Sends a server mixed images for long, and watches its answers and its memory (Linux; needs Pillow).

Four clients send images of 1x1 to 49 megapixels, junk, truncated images and texts to /api/faces, /api/emotions and /api/stream: as they are, in forms,
compressed, slowly, or breaking off in the middle. Then come 1,000 small images. Fails on any answer of 500 and above, on an answer to an image that
differs from the first one to it, where memory at the end is more than 1.3 times that of the first plateau, and where /readyz is not green.
"""

import argparse
import base64
import collections
import gzip
import http.client
import io
import json
import os
import pathlib
import random
import socket
import statistics
import struct
import subprocess
import threading
import time

from PIL import Image

PLATEAU = (1 / 12, 1 / 6)  # the part of the time whose median is the first plateau: minutes 5 to 10 of an hour
ALLOWED = 1.3
EXPECTED = {200, 400, 413, 415, 422}
STREAM_IMAGES = 8
STREAM_BYTES = 4_000_000


def images(photos):
    """Name, bytes and how often it comes among all."""
    files = sorted(p for p in pathlib.Path(photos).iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
    first = Image.open(files[0]).convert("RGB")

    def encoded(width, height, kind="JPEG", source=first, **options):
        target = io.BytesIO()
        source.resize((width, height)).save(target, kind, **options)
        return target.getvalue()

    yield "1x1", encoded(1, 1, "PNG"), 6
    yield "16x16", encoded(16, 16, "BMP"), 6
    yield "48x48 gray", encoded(48, 48, "PNG", first.convert("L")), 8
    for file in files[:8]:
        yield file.name, file.read_bytes(), 4
    yield "1 megapixel WebP", encoded(1200, 850, "WEBP"), 6
    yield "5 megapixels", encoded(2600, 1950), 6
    yield "12 megapixels", encoded(4000, 3000, quality=85), 4
    yield "12 megapixels TIFF", encoded(2000, 1500, "TIFF"), 1
    yield "49 megapixels", encoded(8550, 5730, quality=70), 1
    yield "51 megapixels", encoded(8550, 5966, quality=30), 1
    whole = files[0].read_bytes()
    yield "truncated JPEG", whole[: len(whole) // 2], 5
    yield "truncated PNG", encoded(400, 300, "PNG")[:20000], 3
    yield "header alone", whole[:300], 3
    yield "junk", random.Random(1).randbytes(50000), 5
    yield "large junk", random.Random(2).randbytes(3_000_000), 2
    yield "empty", b"", 2
    yield "base64", base64.b64encode(whole), 2
    yield "JSON", b'{"image":"' + base64.b64encode(whole[:3000]) + b'"}', 2


class WebSocket:
    """As much of RFC 6455 as a stream of images takes."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.sendall(
            f"GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.read(1)
        self.status = int(head.split()[1])

    def read(self, count):
        got = b""
        while len(got) < count:
            part = self.socket.recv(count - len(got))
            if not part:
                raise ConnectionError("the socket was closed")
            got += part
        return got

    def send(self, data, kind=2):
        size = len(data)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size) if size < 65536 else b"\xff" + struct.pack(">Q", size)
        self.socket.sendall(bytes([0x80 | kind]) + length + bytes(4) + data)  # a mask of zeros

    def receive(self):
        while True:
            kind, size = self.read(2)
            size = size & 127
            size = struct.unpack(">H", self.read(2))[0] if size == 126 else struct.unpack(">Q", self.read(8))[0] if size == 127 else size
            data = self.read(size)
            if kind & 15 == 9:
                self.send(data, 10)
            elif kind & 15 == 8:
                raise ConnectionError(f"the socket was closed: {data}")
            elif kind & 15 == 1:
                return data


class Soak:
    def __init__(self, port, mix):
        self.port = port
        self.names = [name for name, _, _ in mix]
        self.bodies = {name: body for name, body, _ in mix}
        self.weights = [weight for _, _, weight in mix]
        self.gate = threading.Lock()
        self.counts = collections.Counter()
        self.faults = []
        self.first = {}

    def fault(self, text):
        with self.gate:
            self.faults.append(text)
        print(f"FAULT {text}", flush=True)

    def take(self, where, name, status, body, manner):
        """Counts an answer, and compares it with the first one to the same question."""
        with self.gate:
            self.counts[f"{where} {status}"] += 1
            self.counts[manner] += 1
        if status not in EXPECTED:
            self.fault(f"{where} '{name}' ({manner}): {status} {body[:200]}")
            return
        answer = json.loads(body)
        summary = (status, answer.get("emotion"), [face["box"] for face in answer.get("faces", [])], answer.get("detail") if status != 200 else None)
        with self.gate:
            expected = self.first.setdefault((where, name, manner in ("form", "compressed")), summary)
        if summary != expected:
            self.fault(f"{where} '{name}' ({manner}): {summary}, before {expected}")

    def post(self, path, name, manner, chance):
        body = self.bodies[name]
        headers = {"Content-Type": "application/octet-stream"}
        if manner == "form":
            body = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + body + b"\r\n--x--\r\n"
            headers["Content-Type"] = "multipart/form-data; boundary=x"
        elif manner == "compressed":
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        if manner in ("slow", "broken off"):
            head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/octet-stream\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            with socket.create_connection(("127.0.0.1", self.port), timeout=120) as connection:
                connection.sendall(head.encode())
                if manner == "broken off":
                    connection.sendall(body[: chance.randrange(len(body) + 1)])
                    time.sleep(chance.random() * 0.3)
                    with self.gate:
                        self.counts[manner] += 1
                    return
                for part in range(10):
                    connection.sendall(body[len(body) * part // 10 : len(body) * (part + 1) // 10])
                    time.sleep(chance.random() * 0.4)
                response = http.client.HTTPResponse(connection)
                response.begin()
                self.take(path, name, response.status, response.read(), manner)
            return
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            self.take(path, name, response.status, response.read(), manner)
        finally:
            connection.close()

    def stream(self, chance):
        stream = WebSocket(self.port)
        if stream.status != 101:
            self.fault(f"/api/stream: {stream.status}")
            return
        for _ in range(chance.randint(1, STREAM_IMAGES)):
            name = chance.choices(self.names, self.weights)[0]
            if len(self.bodies[name]) > STREAM_BYTES:
                continue
            if chance.random() < 0.05:
                stream.socket.sendall(b"\x82\xfe\x80\x00" + bytes(1000))  # a message that breaks off
                with self.gate:
                    self.counts["broken off"] += 1
                break
            stream.send(self.bodies[name])
            body = stream.receive()
            self.take("/api/stream", name, json.loads(body).get("status", 200), body, "as it is")
        stream.socket.close()

    def client(self, seed, until):
        chance = random.Random(seed)
        while time.monotonic() < until:
            path = chance.choices(["/api/faces", "/api/emotions", "/api/stream"], [4, 3, 2])[0]
            try:
                if path == "/api/stream":
                    self.stream(chance)
                else:
                    name = chance.choices(self.names, self.weights)[0]
                    self.post(path, name, chance.choices(["as it is", "form", "compressed", "slow", "broken off"], [60, 15, 10, 8, 7])[0], chance)
            except (OSError, http.client.HTTPException) as e:
                self.fault(f"{path}: {e!r}")

    def small(self, count):
        for i in range(count):
            self.post(("/api/faces", "/api/emotions")[i % 2], self.names[3], "as it is", random)


def sample(pid):
    process = pathlib.Path(f"/proc/{pid}")
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    return int(status["VmRSS"].split()[0]) / 1024, len(list((process / "fd").iterdir())), int(status["Threads"])


def wait_ready(port):
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/readyz")
            response = connection.getresponse()
            if response.read() == b"ok":
                return True
        except OSError:
            pass
        time.sleep(0.2)
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detector", required=True, help="the program, or its .dll")
    parser.add_argument("--photos", required=True, help="a folder of photographs")
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--small", type=int, default=1000)
    parser.add_argument("--port", type=int, default=5098)
    parser.add_argument("arguments", nargs="*", help="after --: further arguments for 'serve'")
    args = parser.parse_args()

    soak = Soak(args.port, list(images(args.photos)))
    program = ["dotnet", args.detector] if args.detector.endswith(".dll") else [args.detector]
    command = [*program, "serve", "--no-open", "--urls", f"http://127.0.0.1:{args.port}", *args.arguments]
    with subprocess.Popen(command, env={**os.environ}) as server:
        try:
            if not wait_ready(args.port):
                raise SystemExit("the server did not become ready")
            begin = time.monotonic()
            clients = [threading.Thread(target=soak.client, args=(seed, begin + args.seconds)) for seed in range(args.clients)]
            for client in clients:
                client.start()
            samples = []
            shown = 0
            while any(client.is_alive() for client in clients):
                time.sleep(min(1, args.seconds / 200))
                samples.append((time.monotonic() - begin, *sample(server.pid)))
                if samples[-1][0] >= shown:
                    shown += args.seconds / 20
                    done = sum(count for what, count in soak.counts.items() if what.startswith("/"))
                    print(f"{samples[-1][0]:8.0f} s {samples[-1][1]:8.0f} MB {samples[-1][2]:5} handles {samples[-1][3]:4} threads {done:8} answers", flush=True)
            soak.small(args.small)
            end = sample(server.pid)
            is_ready = wait_ready(args.port)
        finally:
            server.terminate()
    plateau = statistics.median(row[1] for row in samples if PLATEAU[0] <= row[0] / args.seconds <= PLATEAU[1])
    print(", ".join(f"{what}: {count}" for what, count in sorted(soak.counts.items())))
    print(f"memory: first plateau {plateau:.0f} MB, most {max(row[1] for row in samples):.0f} MB, at the end {end[0]:.0f} MB ({end[0] / plateau:.2f}); handles {end[1]}, threads {end[2]}")
    print(f"/readyz: {'green' if is_ready else 'not green'}; the server ended with {server.returncode}; {len(soak.faults)} faults")
    if soak.faults or not is_ready or end[0] > ALLOWED * plateau or server.returncode != 0:
        raise SystemExit("failed")


if __name__ == "__main__":
    main()
