try:
    import regex
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")

print(regex.findall(r"(?i)(\w+)\s+\L<words>", "hello World foo bar", words=["world", "bar"]))
print(regex.sub(r"(?<=a)b+", "X", "abbb cab"), regex.subn(r"\p{Lu}", lambda m: m[0].lower(), "AbÉ"))
m = regex.match(r"(?P<a>\w)+(?P<b>\d+)", "abc123")
print(m.groupdict(), m.captures("a"), m.spans("a"), m.regs, m.expandf("{a}-{b}"))
print(regex.fullmatch(r"(?:cats|cat){e<=1}", "cart"), regex.split(r"\s*,\s*", "a , b,c"))
print(regex.search(r"\((?:[^()]|(?R))*\)", "x(a(b)c)y"), regex.findall(r".", "e\u0301x", regex.DOTALL))
print([x.span() for x in regex.finditer(r"\b\w", "the quick brown")], regex.findall(r"\X", "e\u0301x"))
print(regex.findall(r"ana", "banana", overlapped=True), regex.sub(b"a+", b"-", b"baab"))
print(regex.escape("a.b*c"), regex.compile("a|b").pattern, regex.match("a", "b"))
for wrong in ("(", "[a", "a{2,1}", r"\p{Nothing}", "*"):
    try:
        regex.compile(wrong)
    except regex.error as e:
        print(e, e.pos)
print(len(regex.findall(r"(\d+)-(\w+)", " ".join(f"{i}-x{i}" for i in range(3000)))))
print(regex.match(r"(a*)*b", "a" * 25 + "b", timeout=20))
import copy
import pickle
print(pickle.loads(pickle.dumps(regex.compile("a+b"))), copy.copy(m)[0])
