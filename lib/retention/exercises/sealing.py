"""Sealed answers: they can be compared with, but not read."""

import base64
import hashlib

_COST = 2**11


def digest(salt: str, text: str) -> str:
    """What a sealed file holds of a token: slow to make, so slow to guess."""
    return _hashed(salt, text)[:16].hex()


def quick_digest(salt: str, text: str) -> str:
    """The same for words of a sentence, of which many are tried at each check."""
    return hashlib.blake2b(text.encode(), key=salt.encode()[:64]).hexdigest()[:32]


def locked(salt: str, text: str, message: str) -> str:
    """Message that only the holder of the token can read."""
    plain = message.encode()
    return base64.b85encode(_mixed(plain, _hashed(f"{salt}|m", text))).decode()


def opened(salt: str, text: str, message: str) -> str:
    """The message again, from the same token."""
    return _mixed(base64.b85decode(message), _hashed(f"{salt}|m", text)).decode()


def _hashed(salt: str, text: str) -> bytes:
    return hashlib.scrypt(text.encode(), salt=salt.encode(), n=_COST, r=8, p=1)


def _mixed(data: bytes, key: bytes) -> bytes:
    blocks = -(-len(data) // 32)
    stream = b"".join(
        hashlib.sha256(key + block.to_bytes(4, "big")).digest()
        for block in range(blocks)
    )
    return bytes(a ^ b for a, b in zip(data, stream, strict=False))
