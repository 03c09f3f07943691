try:
    import markupsafe._speedups
    from markupsafe import Markup, escape, escape_silent, soft_str
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")

for value in ("<a href=\"x\">'&'</a>", "plain", "é<\U0001f600>", "中<", 5, 2.5, None, Markup("<b>")):
    print(repr(escape(value)), repr(escape_silent(value)), repr(soft_str(value)))


class Html:
    def __html__(self):
        return "<i>"


print(escape(Html()), Markup("<p>%s</p>") % "<x>", Markup("<em>").join(["<", ">"]))
print(Markup("&lt;a&gt; &copy;").unescape(), Markup("<p>a <b>c</b></p>").striptags())
print(sum(len(escape("<" * n)) for n in range(300)))
try:
    escape(type("Bad", (), {"__html__": lambda self: 1 / 0})())
except ZeroDivisionError as e:
    print(e)
