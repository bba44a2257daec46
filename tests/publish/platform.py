"""A provincial platform on a real port: opens the envelope, remembers what came, answers as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

KEY, IV = bytes(range(16)), bytes(range(16, 32))
YES = (200, b'{"code":200,"msg":"ok","data":null}')


def opened(body: bytes) -> dict[str, Any]:
    """The payload inside an SM4 envelope."""
    sealed = bytes.fromhex(json.loads(body)["data"])
    decryptor = Cipher(SM4(KEY), CBC(IV)).decryptor()
    padded = decryptor.update(sealed) + decryptor.finalize()
    unpadder = PKCS7(128).unpadder()
    return json.loads(unpadder.update(padded) + unpadder.finalize())


class FakePlatform(ThreadingHTTPServer):
    """Its `answer` decides on each post."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posts: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.answer = lambda _path, _payload: YES

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        payload = opened(body)
        self.server.posts.append((self.path, dict(self.headers), payload))
        status, answer = self.server.answer(self.path, payload)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: object) -> None:
        """Nothing on the terminal."""


@contextmanager
def running_platform() -> Iterator[FakePlatform]:
    server = FakePlatform()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
