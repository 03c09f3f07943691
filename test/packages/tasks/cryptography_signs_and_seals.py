# with cryptography
"""Keys, signatures, authenticated ciphers and a certificate, in four threads."""

import datetime
from concurrent.futures import ThreadPoolExecutor

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.x509.oid import NameOID


def seal(number):
    key, nonce = bytes([number]) * 32, bytes(12)
    out = [kind(key).encrypt(nonce, b"text %d" % number, b"more").hex() for kind in (AESGCM, ChaCha20Poly1305)]
    cipher = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    out.append((cipher.update(b"abc") + cipher.finalize()).hex())
    digest = hashes.Hash(hashes.SHA3_256())
    digest.update(key)
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(b"m")
    return out + [digest.finalize().hex()[:16], mac.finalize().hex()[:16]]


def sign(number):
    key = rsa.generate_private_key(65537, 1024)
    signature = key.sign(b"data", padding.PKCS1v15(), hashes.SHA256())
    key.public_key().verify(signature, b"data", padding.PKCS1v15(), hashes.SHA256())
    try:
        key.public_key().verify(signature, b"Data", padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        return len(signature), type(error).__name__
    return None


def certificate():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "orochi ä")])
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(77).not_valid_before(datetime.datetime(2024, 1, 1))
            .not_valid_after(datetime.datetime(2034, 1, 1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("a.b")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
            .sign(key, hashes.SHA256()))
    read = x509.load_pem_x509_certificate(made.public_bytes(serialization.Encoding.PEM))
    print(read.subject.rfc4514_string(), read.serial_number, read.not_valid_after, read == made)
    for extension in read.extensions:
        print(extension)


with ThreadPoolExecutor(4) as pool:
    for line in pool.map(seal, range(8)):
        print(line)
    print(list(pool.map(sign, range(6))))
certificate()
box = Fernet(Fernet.generate_key())
print(box.decrypt(box.encrypt(b"secret")))
one, other = x25519.X25519PrivateKey.generate(), x25519.X25519PrivateKey.generate()
print(one.exchange(other.public_key()) == other.exchange(one.public_key()))
key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
print(key.sign(b"x").hex()[:32])
print(PBKDF2HMAC(hashes.SHA256(), 32, b"salt", 1000).derive(b"password").hex())
for wrong in (lambda: box.decrypt(b"gA"), lambda: AESGCM(bytes(16)).decrypt(bytes(12), bytes(20), None),
              lambda: AESGCM(bytes(3)), lambda: algorithms.AES(b"x"), lambda: hashes.Hash(5)):
    try:
        wrong()
    except (InvalidToken, InvalidTag, ValueError, TypeError) as error:
        print(type(error).__name__, error)
