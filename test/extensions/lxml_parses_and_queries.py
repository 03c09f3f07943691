try:
    from lxml import etree, html, objectify
except ModuleNotFoundError as e:
    raise SystemExit(f"skipped: {e}")
import io

root = etree.fromstring("<a x='1'><b>text<c/>tail</b><b y='é'>2</b><!-- note --></a>")
print(root.tag, root.attrib, [e.tag for e in root.iter(tag=etree.Element)], root[0].text, root[0][0].tail)
print(root.xpath("//b[@y]/text()"), root.xpath("count(//b)"), root.find("b").getparent() is root)
print(etree.tostring(root, pretty_print=True).decode(), etree.tostring(root, encoding="unicode", method="text"))
e = etree.SubElement(root, "d", {"k": "v"})
e.text = "new & <old>"
root.remove(root[0])
print(etree.tostring(root), len(root), root.get("x"), root.items())
for event, element in etree.iterparse(io.BytesIO(b"<r><i>1</i><i>2</i></r>"), events=("start", "end")):
    print(event, element.tag, element.text)


class Target:
    def __init__(self):
        self.seen = []

    def start(self, tag, attrib):
        self.seen.append(tag)

    def data(self, data):
        self.seen.append(data)

    def end(self, tag):
        self.seen.append("/" + tag)

    def close(self):
        return self.seen


print(etree.fromstring("<a>x<b/></a>", etree.XMLParser(target=Target())))
style = etree.XSLT(etree.fromstring(
    '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
    '<xsl:template match="/"><out><xsl:value-of select="count(//b)"/></out></xsl:template></xsl:stylesheet>'))
print(str(style(root)))
schema = etree.RelaxNG(etree.fromstring('<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><text/></element>'))
print(schema.validate(etree.fromstring("<a>1</a>")), schema.validate(etree.fromstring("<b/>")))
page = html.fromstring("<p>Hello <b>World</b><br>x<a href='/y'>z</a>")
print(page.text_content(), [a.get("href") for a in page.iter("a")], html.tostring(page))
page.make_links_absolute("http://e.org/")
print(html.tostring(page), objectify.fromstring("<r><n>5</n><s>t</s></r>").n + 1)
for wrong in ("<a>", "", "<a></b>", "<a b=c/>"):
    try:
        etree.fromstring(wrong)
    except etree.XMLSyntaxError as e:
        print(e.msg, e.position)
try:
    root.xpath("//[")
except etree.XPathError as e:
    print(type(e).__name__, e)
functions = etree.FunctionNamespace("urn:f")
functions["twice"] = lambda context, value: value * 2
print(root.xpath("f:twice(21)", namespaces={"f": "urn:f"}))
big = etree.Element("big")
for i in range(3000):
    etree.SubElement(big, "item", n=str(i)).text = "v" * (i % 7)
print(len(etree.tostring(big)), sum(int(x) for x in big.xpath("//item/@n")))
