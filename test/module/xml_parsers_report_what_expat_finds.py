"""pyexpat and what stands on it: events, errors, trees, DOM and SAX."""
import io
import pyexpat
import threading
import traceback
import xml.dom.minidom
import xml.etree.ElementTree as ElementTree
import xml.sax

root = ElementTree.fromstring('<a x="1"><b>t&amp;x</b><!-- c --><c/>tail</a>')
print(ElementTree.tostring(root), [e.tag for e in root.iter()])
print(xml.dom.minidom.parseString('<a x="1"><b>t</b></a>').toprettyxml())
try:
    ElementTree.fromstring("<a><b></a>")
except ElementTree.ParseError as e:
    print(e, e.code, e.position)

DOCUMENT = b"""<?xml version="1.0" encoding="latin-1" standalone="no"?>
<!DOCTYPE quotations SYSTEM "quotations.dtd" [
<!ELEMENT root ANY>
<!ELEMENT r2 (a|b)*>
<!ATTLIST root attr1 CDATA #REQUIRED attr2 CDATA #IMPLIED>
<!NOTATION notation SYSTEM "notation.jpeg">
<!ENTITY acirc "&#226;">
<!ENTITY external_entity SYSTEM "entity.file">
<!ENTITY unparsed_entity SYSTEM "entity.file" NDATA notation>
%unparsed_entity;
]>
<root attr1="value1" attr2="value2&#8000;" xmlns="http://e.org"><?pi data?>
<sub>Contents of subelements\xe9</sub>
<sub2><![CDATA[contents of CDATA section]]></sub2>
&acirc; text more text<!-- comment -->
</root>"""


def events(buffered, **options):
    parser = pyexpat.ParserCreate(**options)
    found = []
    for name in dir(parser):
        if name.endswith("Handler") and "Default" not in name:
            setattr(parser, name, lambda *a, name=name: found.append((name, a)) or 1)
    parser.buffer_text = buffered
    for i in range(0, len(DOCUMENT), 7):
        parser.Parse(DOCUMENT[i:i + 7], False)
    parser.Parse(b"", True)
    return found


for event in events(True, namespace_separator="!"):
    print(event)
print(len(events(False)), len(events(True)))


class Handler(xml.sax.ContentHandler):
    def startElement(self, name, attributes):
        print("start", name, dict(attributes))

    def characters(self, text):
        print("text", text)


xml.sax.parseString(b"<a b='c'>d&lt;e<f/></a>", Handler())


def fail(*args):
    raise ZeroDivisionError


parser = pyexpat.ParserCreate()
parser.StartElementHandler = fail
try:
    parser.Parse("<a><b/></a>", True)
except ZeroDivisionError as e:
    print([entry.name for entry in traceback.extract_tb(e.__traceback__)],
          parser.StartElementHandler)
for data in ("<a", "<a></b>", "", "<a>&x;</a>", "<a>\x00</a>"):
    parser = pyexpat.ParserCreate()
    try:
        print(parser.Parse(data, True))
    except pyexpat.ExpatError as e:
        print(e, e.code, e.lineno, e.offset, pyexpat.ErrorString(e.code))
parser = pyexpat.ParserCreate(intern=None)
print(parser.ParseFile(io.BytesIO(b"<a>" + b"x" * 10000 + b"</a>")), parser.intern,
      parser.CurrentByteIndex, parser.buffer_size, parser.ordered_attributes)
for wrong in (lambda: pyexpat.ParserCreate(namespace_separator="ab"), lambda: parser.Parse(5),
              lambda: pyexpat.ParserCreate(intern=5), lambda: parser.ParseFile(5),
              lambda: setattr(parser, "buffer_size", 0), lambda: pyexpat.XMLParserType()):
    try:
        wrong()
    except Exception as e:
        print(type(e).__name__, e)

counts = []
threads = [threading.Thread(target=lambda: counts.append(len(events(False)))) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(counts)
