try:
    import msgpack
    from msgpack import _cmsgpack
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")
import datetime
import io

data = {"a": [1, 2.5, None, True, b"x" * 300], "b": {"c": "é" * 40, "d": 2 ** 63},
        "e": [-1, -2 ** 31, 2 ** 40, [], {}, ""]}
packed = msgpack.packb(data)
print(len(packed), msgpack.unpackb(packed) == data, msgpack.unpackb(packed, use_list=False)["e"])
print([x == data for x in msgpack.Unpacker(io.BytesIO(packed * 3))])
unpacker = msgpack.Unpacker()
for i in range(0, len(packed), 7):
    unpacker.feed(packed[i:i + 7])
print(list(unpacker) == [data], msgpack.packb(1.5, use_single_float=True))
print(msgpack.unpackb(msgpack.packb(msgpack.ExtType(5, b"xyz"))), msgpack.Timestamp(1, 2).to_bytes())
now = datetime.datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc)
print(msgpack.unpackb(msgpack.packb(now, datetime=True), timestamp=3) == now)
print(msgpack.packb({1, 2}, default=sorted), msgpack.unpackb(b"\x81\x01\x02", strict_map_key=False))
packer = msgpack.Packer(autoreset=False)
packer.pack([1])
packer.pack_map_header(1)
packer.pack("k")
packer.pack("v")
print(packer.bytes())
for wrong in (b"\xc1", b"\x92\x01", b"\xa5ab", b"\x01\x02", b"\x81\x01\x02"):
    try:
        msgpack.unpackb(wrong)
    except Exception as e:
        print(type(e).__name__, e)
for wrong in (2 ** 64, object, {object: 1}):
    try:
        msgpack.packb(wrong)
    except Exception as e:
        print(type(e).__name__, e)
