try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, InvalidTag
    from cryptography.fernet import Fernet, InvalidToken
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")
import datetime

from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

digest = hashes.Hash(hashes.SHA256())
digest.update(b"abc")
print(digest.finalize().hex())
mac = hmac.HMAC(b"key", hashes.SHA1())
mac.update(b"text")
print(mac.finalize().hex(), PBKDF2HMAC(hashes.SHA256(), 16, b"salt", 1000).derive(b"p").hex())
enc = Cipher(algorithms.AES(b"k" * 16), modes.CBC(b"i" * 16)).encryptor()
print((enc.update(b"a" * 32) + enc.finalize()).hex())
for aead in (AESGCM(b"k" * 16), ChaCha20Poly1305(b"k" * 32)):
    box = aead.encrypt(b"n" * 12, b"data", b"more")
    print(box.hex(), aead.decrypt(b"n" * 12, box, b"more"))
    try:
        aead.decrypt(b"n" * 12, box, b"less")
    except InvalidTag as e:
        print(type(e).__name__)
f = Fernet(Fernet.generate_key())
print(f.decrypt(f.encrypt(b"secret")))
try:
    f.decrypt(b"junk")
except InvalidToken:
    print("InvalidToken")
key = rsa.generate_private_key(65537, 1024)
signature = key.sign(b"m", padding.PKCS1v15(), hashes.SHA256())
key.public_key().verify(signature, b"m", padding.PKCS1v15(), hashes.SHA256())
try:
    key.public_key().verify(signature, b"n", padding.PKCS1v15(), hashes.SHA256())
except InvalidSignature:
    print("InvalidSignature")
pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
print(pem[:27], serialization.load_pem_private_key(pem, None).key_size)
curve = ec.generate_private_key(ec.SECP256R1())
print(len(curve.exchange(ec.ECDH(), curve.public_key())), curve.curve.name)
edwards = ed25519.Ed25519PrivateKey.from_private_bytes(b"s" * 32)
print(edwards.sign(b"m").hex())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "orochi")])
day = datetime.datetime(2024, 1, 1)
cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(day).not_valid_after(day + datetime.timedelta(9))
        .add_extension(x509.BasicConstraints(True, None), critical=True).sign(key, hashes.SHA256()))
again = x509.load_pem_x509_certificate(cert.public_bytes(serialization.Encoding.PEM))
print(again.subject, again.not_valid_after, again.serial_number, again == cert, list(again.extensions)[0].value)
