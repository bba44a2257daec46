"""How a payload is wrapped for a platform. A new envelope is one function and one entry in ENVELOPES.

plain               `{"qybm", "wgbm", "data": {...}}`: without encryption, for tests and platforms inside
des_cbc_base64_hex  `data` is DES-CBC with PKCS#7, then Base64, then hex
                    (Hebei dust-explosion platform V1.1, as seen in a public simulation of it)
sm4_cbc_hex         `{"appid", "data"}` with header `appsecret`; `data` is SM4-CBC with PKCS#7, then hex
                    (Tianjin 物联网感知汇聚平台, as a vendor's page describes it)

DES is broken and stands here only because that platform asks for it; run it inside TLS.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

DES_KEY, SM4_KEY = 8, 16
"""Bytes of key and initialisation vector."""


class Secrets(NamedTuple):
    """What the platform has issued."""

    key: bytes = b""
    iv: bytes = b""
    app_id: str = ""
    app_secret: str = ""


class Identity(NamedTuple):
    """By which codes the platform knows the sender."""

    enterprise: str
    gateway: str


class Envelope(NamedTuple):
    """Ready to be posted."""

    body: bytes
    headers: dict[str, str]


Wrap = Callable[[Mapping[str, Any], Identity, Secrets], Envelope]
JSON = {"Content-Type": "application/json; charset=utf-8"}


def _text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _outer(identity: Identity, data: Any) -> Envelope:
    return Envelope(_text({"qybm": identity.enterprise, "wgbm": identity.gateway, "data": data}), JSON)


def plain(payload: Mapping[str, Any], identity: Identity, _secrets: Secrets) -> Envelope:
    return _outer(identity, payload)


def des_cbc_base64_hex(payload: Mapping[str, Any], identity: Identity, secrets: Secrets) -> Envelope:
    inner = _text({"qybm": identity.enterprise, "data": payload})
    # One key three times over is single DES.
    sealed = _cbc(TripleDES(secrets.key * 3), secrets.iv, inner, DES_KEY)
    return _outer(identity, b64encode(sealed).hex().upper())


def sm4_cbc_hex(payload: Mapping[str, Any], identity: Identity, secrets: Secrets) -> Envelope:
    inner = _text({"qybm": identity.enterprise, "wgbm": identity.gateway, "data": payload})
    sealed = _cbc(SM4(secrets.key), secrets.iv, inner, SM4_KEY)
    body = _text({"appid": secrets.app_id, "data": sealed.hex()})
    return Envelope(body, JSON | {"appsecret": secrets.app_secret})


def _cbc(algorithm: Any, iv: bytes, clear: bytes, block: int) -> bytes:
    padder = PKCS7(block * 8).padder()
    padded = padder.update(clear) + padder.finalize()
    encryptor = Cipher(algorithm, CBC(iv)).encryptor()
    return encryptor.update(padded) + encryptor.finalize()


ENVELOPES: dict[str, Wrap] = {
    "plain": plain,
    "des_cbc_base64_hex": des_cbc_base64_hex,
    "sm4_cbc_hex": sm4_cbc_hex,
}
KEY_BYTES = {"plain": 0, "des_cbc_base64_hex": DES_KEY, "sm4_cbc_hex": SM4_KEY}
"""How long key and initialisation vector of an envelope are."""
