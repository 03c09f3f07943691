import decimal
import hashlib
import hmac
import pickle
from decimal import Decimal, getcontext, localcontext

print(decimal.__name__, decimal.Decimal.__module__, decimal.HAVE_CONTEXTVAR)
a, b = Decimal("1.10"), Decimal(3)
print(a + b, a * b, a / b, b ** 50, -a, abs(-a), a // b, b % 2, divmod(b, a), round(a, 1))
print(hash(Decimal(7)) == hash(7), a < b, a == 1.1, sorted([b, a]), int(b), float(a), repr(a))
with localcontext() as c:
    c.prec = 50
    print(Decimal(2).sqrt(), Decimal(1).exp())
print(getcontext().prec, Decimal("123456789" * 9) * 10 ** 60, int(Decimal(10) ** 30))
for wrong in (lambda: Decimal("abc"), lambda: Decimal(1) / 0, lambda: Decimal(1) + "x"):
    try:
        print(wrong())
    except Exception as e:
        print(type(e), e)
print(f"{Decimal('1234567.891'):,.2f}", Decimal("1e5").as_tuple(), a.as_integer_ratio())
print(pickle.loads(pickle.dumps(a)), Decimal.from_float(0.1), sum([a] * 10))


class Money(Decimal):
    def __str__(self):
        return "$" + super().__str__()


print(Money("3.5"), type(Money("3.5") + 1))
for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b"):
    h = hashlib.new(name, b"abc")
    h.update(b"def")
    print(name, h.hexdigest(), h.digest_size, h.copy().digest() == h.digest())
print(hmac.new(b"key", b"text", "sha256").hexdigest())
print(hashlib.pbkdf2_hmac("sha256", b"p", b"salt", 1000).hex(), len(hashlib.scrypt(b"p", salt=b"s", n=16, r=1, p=1)))
try:
    hashlib.new("nothing")
except ValueError as e:
    print(e)
