# with bs4 lxml html5lib
"""Broken HTML through three parsers, searches and changes, XPath and XSLT; in threads."""

from concurrent.futures import ThreadPoolExecutor

import html5lib
from bs4 import BeautifulSoup, Comment
from lxml import etree, html

PAGE = """<html><head><title>T &amp; t</title><body><p class="a b">one<p id=x>two <b>bold<i>both</b> it</i>
<table><tr><td>1<td>2</table><a href=/r>link</a><!-- note --><script>if (a < b) {}</script><ul><li>a<li>b</ul>"""


def read(k):
    out = []
    for parser in "lxml", "html5lib", "html.parser":
        soup = BeautifulSoup(PAGE * (1 + k % 2), parser)
        out.append((parser, soup.title.string, [p.get_text().strip() for p in soup("p")][:2], soup.select("p.a")[0]["class"],
                    soup.find(string=lambda s: isinstance(s, Comment)), len(soup.find_all(True)), soup.select_one("td + td")))
    return out


with ThreadPoolExecutor(3) as pool:
    results = list(pool.map(read, range(12)))
print(*map(str, results[0]), sep="\n")
print(all(str(results[k]) == str(results[k % 2]) for k in range(12)))
soup = BeautifulSoup(PAGE, "lxml")
soup.b.replace_with(soup.new_tag("em", attrs={"n": "1"}))
soup.li.insert_before("before")
soup.table.decompose()
print(soup.prettify())
tree = html.fromstring(PAGE)
print(tree.xpath("//li/text()"), tree.cssselect("p#x") if hasattr(tree, "nothing") else tree.xpath("count(//p)"))
tree.make_links_absolute("http://h/")
print([link[2] for link in tree.iterlinks()])
walked = html5lib.parse("<p>a<table><p>b", treebuilder="etree", namespaceHTMLElements=False)
print([e.tag for e in walked.iter()], html5lib.serialize(walked, omit_optional_tags=False))
style = etree.XSLT(etree.XML("""<x:stylesheet version="1.0" xmlns:x="http://www.w3.org/1999/XSL/Transform">
<x:template match="/"><out><x:for-each select="//i"><x:sort data-type="number"/><n><x:value-of select=". * 2"/></n>
</x:for-each></out></x:template></x:stylesheet>"""))
print(str(style(etree.XML("<r><i>3</i><i>1</i></r>"))))
functions = etree.FunctionNamespace("urn:own")
functions["twice"] = lambda context, text: text * 2
print(etree.XML("<a b='x'/>").xpath("o:twice(string(@b))", namespaces={"o": "urn:own"}))
for wrong in (lambda: etree.fromstring("<a><b></a>"), lambda: tree.xpath("//["), lambda: etree.XML("<a/>").xpath("f()")):
    try:
        wrong()
    except (etree.XMLSyntaxError, etree.XPathError) as error:
        print(type(error).__name__, error)
print([(event, e.tag) for event, e in etree.iterparse(__import__("io").BytesIO(b"<a><b/><c>t</c></a>"), ("start", "end"))])
