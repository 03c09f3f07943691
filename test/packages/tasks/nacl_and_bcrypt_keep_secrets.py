# with nacl bcrypt
"""Boxes, signatures and password hashes through cffi; in threads."""

from concurrent.futures import ThreadPoolExecutor

import bcrypt
import nacl.bindings
import nacl.encoding
import nacl.exceptions
import nacl.hash
import nacl.pwhash
import nacl.secret
import nacl.signing
from nacl.public import Box, PrivateKey, SealedBox

SALT = b"$2b$04$abcdefghijklmnopqrstuu"


def work(k):
    box = nacl.secret.SecretBox(bytes([k]) * 32)
    sealed = box.encrypt(b"message %d" % k, bytes(24))
    return sealed.hex()[-40:], box.decrypt(sealed), bcrypt.hashpw(b"password%d" % k, SALT)[-10:]


with ThreadPoolExecutor(4) as pool:
    for result in pool.map(work, range(8)):
        print(result)
key = nacl.signing.SigningKey(bytes(range(32)))
signed = key.sign(b"text", nacl.encoding.HexEncoder)
print(signed.signature[:20], key.verify_key.verify(signed.message, nacl.encoding.HexEncoder.decode(signed.signature),
                                                   nacl.encoding.HexEncoder))
one, other = PrivateKey.generate(), PrivateKey.generate()
print(Box(other, one.public_key).decrypt(Box(one, other.public_key).encrypt(b"between")),
      SealedBox(one).decrypt(SealedBox(one.public_key).encrypt(b"sealed")))
print(nacl.hash.sha256(b"x")[:16], nacl.hash.blake2b(b"x", digest_size=16), bcrypt.checkpw(b"p", bcrypt.hashpw(b"p", SALT)))
print(nacl.pwhash.scrypt.kdf(16, b"password", bytes(32), opslimit=2 ** 10, memlimit=2 ** 20).hex())
print(nacl.bindings.crypto_hash_sha512(b"data").hex()[:20], bcrypt.kdf(b"p", b"salt", 16, 2).hex())
for wrong in (lambda: nacl.secret.SecretBox(b"x"), lambda: nacl.secret.SecretBox(bytes(32)).decrypt(bytes(50)),
              lambda: key.verify_key.verify(b"t", bytes(64)), lambda: bcrypt.hashpw("text", SALT),
              lambda: bcrypt.hashpw(b"x", b"bad")):
    try:
        wrong()
    except (nacl.exceptions.CryptoError, ValueError, TypeError) as error:
        print(type(error).__name__, error)
