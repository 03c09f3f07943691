import warnings

warnings.simplefilter("ignore")
import _crypt
import audioop

print(_crypt.crypt("abc", "ab"))
print(audioop.add(b"\1\2", b"\3\4", 1), audioop.lin2ulaw(b"\0\1\2\3", 2))
print(audioop.minmax(b"\1\2\3\4", 2), audioop.ratecv(b"\1\2\3\4" * 8, 2, 1, 8000, 4000, None))
for wrong in (lambda: audioop.add(b"1", b"22", 1), lambda: audioop.add("1", b"2", 1),
              lambda: audioop.minmax(b"12"), lambda: _crypt.crypt(1, 2)):
    try:
        wrong()
    except Exception as e:
        print(type(e), e)
