import codecs
import io

text = "日本語テキスト、ABC"
for name in ("shift_jis", "euc_jp", "iso2022_jp", "gb18030", "big5", "euc_kr", "cp932", "utf-8"):
    try:
        data = text.encode(name)
        print(name, data, data.decode(name) == text)
    except UnicodeError as e:
        print(name, e)
print("a\u0e01b".encode("shift_jis", "replace"), "a\u0e01b".encode("euc_jp", "xmlcharrefreplace"))
print(b"\x81\xffab\x82".decode("shift_jis", "replace"), b"\x82".decode("euc_jp", "ignore"))
try:
    b"ab\x82\xff".decode("shift_jis")
except UnicodeDecodeError as e:
    print(e, e.start, e.end, e.reason)
decoder = codecs.getincrementaldecoder("euc_jp")()
data = text.encode("euc_jp")
print("".join(decoder.decode(data[i:i + 1]) for i in range(len(data))))
stream = io.TextIOWrapper(io.BytesIO(data * 3), encoding="euc_jp")
print(stream.read() == text * 3)
