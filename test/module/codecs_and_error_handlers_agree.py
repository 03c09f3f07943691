# SPDX-License-Identifier: MIT
"""Every built-in codec with every error handler, on good and bad input."""
import warnings; warnings.simplefilter('ignore')
def t(f):
    try: print(ascii(f()))
    except BaseException as e: print(type(e).__name__,'|', e, getattr(e,'start',None), getattr(e,'end',None), getattr(e,'encoding',None))
import codecs,_codecs
for enc in ['utf-16','utf-16-le','utf-16-be','utf-32','utf-32-le','utf-32-be','utf-8','utf-8-sig','latin-1','ascii','cp1252','utf-7','idna','punycode']:
    print(enc)
    for data in [b'\x00\xd8',b'\x00\xd8a\0',b'\x00\xdca\0',b'abc',b'\xff\xfea\0\0\0',b'\xff\xff\xff\xff',b'\xfe\xff\0a',b'\0\xd8\0\0',b'',b'a',b'\xe4\xb8\xad\xe4',b'\xf0\x9f\x98\x80x\xf0\x9f',b'\xed\xa0\x80',b'\xc0\x80',b'\xf5',b'\xff\xfe\0\0a\0\0\0']:
        for err in ['strict','replace','ignore','backslashreplace','surrogateescape','surrogatepass']:
            t(lambda:data.decode(enc,err))
    for s in ['\ud800a','a\U00012345','\ud800','\udc80x','h\xe9llo\u20ac','x\ud800\udc80y','']:
        for err in ['strict','replace','ignore','backslashreplace','surrogateescape','surrogatepass','xmlcharrefreplace','namereplace','bogus']:
            t(lambda:s.encode(enc,err))
t(lambda:_codecs.utf_16_decode(b'\xff\xfea\0b'))
t(lambda:_codecs.utf_16_ex_decode(b'\xfe\xff\0ab',None,0,False))
t(lambda:_codecs.utf_16_decode(b'a\0\0\xd8'))
t(lambda:_codecs.utf_32_ex_decode(b'\xff\xfe\0\0a\0\0\0b'))
t(lambda:_codecs.utf_8_decode(b'a\xe4\xb8',None,False))
t(lambda:_codecs.utf_16_encode('a',None,1))
t(lambda:_codecs.utf_16_encode('a',None,-1))
U=_codecs.unicode_escape_decode
for b in [rb'\x4',rb'\u123',rb'\U0011ffff',rb'\N{SPACE}',rb'\N{xx}',rb'\N',rb'\N{',rb'\400',rb'\777',rb'\z',rb'a\\',rb'\8',b'\\\n',b'\xff',rb'\'\"\a\b\f\n\r\t\v\0\01\012\x41',b'\\',rb'\ud800',rb'\U0001F600',rb'\uD83D\uDE00',rb'\N{}',rb'\xzz']:
    print(b,end=' '); t(lambda:U(b))
    t(lambda:U(b,'replace'))
    t(lambda:U(b,None,False))
    t(lambda:_codecs.raw_unicode_escape_decode(b))
    t(lambda:_codecs.raw_unicode_escape_decode(b,'ignore',False))
    t(lambda:_codecs.escape_decode(b))
    t(lambda:_codecs.escape_decode(b,'replace'))
t(lambda:_codecs.escape_decode(b'\\x4','ignore'))
t(lambda:_codecs.escape_decode(b'\\x4','bad'))
t(lambda:_codecs.escape_encode(bytes(range(256))))
t(lambda:'a\n\t\r\\\'"\x00\x7f\xe9\u1234\U00012345'.encode('unicode_escape'))
t(lambda:'a\n\t\r\\\'"\x00\x7f\xe9\u1234\U00012345'.encode('raw_unicode_escape'))
t(lambda:_codecs.escape_encode('a'))
t(lambda:_codecs.escape_decode('a'))
t(lambda:_codecs.unicode_escape_decode('\xe9'))
t(lambda:_codecs.unicode_escape_decode(5))
t(lambda:_codecs.utf_8_decode('a'))
t(lambda:_codecs.utf_8_encode(b'a'))
for s in ['a+b','hi \xe9 x','\u1234\U00012345!','~\\','a-b','\xe9-','\xe9a','+','\x00\r\n\t','\ud800','"#$%']:
    t(lambda:s.encode('utf-7'))
for b in [b'+AOk-',b'+AOk',b'+AOk x',b'+-',b'+',b'a+',b'\xff',b'+AO',b'+A',b'+2AjfRQ-',b'+2Ag-',b'+2AhA',b'+AOk!',b'+\xff',b'+AP\xff',b'a+AAAAAA-b',b'+@',b'~\\',b'+AOl-a',b'+AOkA-']:
    print(b,end=' '); t(lambda:b.decode('utf-7')); t(lambda:b.decode('utf-7','replace')); t(lambda:_codecs.utf_7_decode(b,None,False))
cd=_codecs.charmap_decode; ce=_codecs.charmap_encode
t(lambda:cd(b'ab'))
t(lambda:cd(b'ab',None,'x\ufffe'))
t(lambda:cd(b'ab',None,{97:'xx',98:None}))
t(lambda:cd(b'ab',None,{97:0x110000}))
t(lambda:cd(b'ab',None,{97:b'a'}))
t(lambda:cd(b'ab',None,{97:100,98:'\ufffe'}))
t(lambda:cd(b'ab','replace',{97:100}))
t(lambda:cd(b'ab','backslashreplace','x'))
t(lambda:ce('ab'))
t(lambda:ce('a\u1234'))
t(lambda:ce('ab',None,{97:b'xx',98:5}))
t(lambda:ce('ab',None,{97:256}))
t(lambda:ce('ab',None,{97:'a'}))
t(lambda:ce('ab','replace',{97:1}))
t(lambda:ce('ab','replace',{97:1,63:2}))
t(lambda:ce('ab','xmlcharrefreplace',{97:1}))
t(lambda:ce('ab','ignore',{97:1}))
t(lambda:ce('abb',None,{97:None}))
m=_codecs.charmap_build(''.join(map(chr,range(256)))); print(type(m)); t(lambda:ce('a\xff',None,m)); t(lambda:ce('a\u1234',None,m)); print(type(_codecs.charmap_build('a')),type(_codecs.charmap_build('\x00a'+'b'*254)))
t(lambda:_codecs.charmap_build('a'))
t(lambda:_codecs.charmap_build(5))
t(lambda:b'\x80abc'.decode('utf-8','xmlcharrefreplace'))
t(lambda:codecs.strict_errors(1))
t(lambda:codecs.strict_errors(ValueError('x')))
t(lambda:codecs.ignore_errors(ValueError('x')))
t(lambda:codecs.xmlcharrefreplace_errors(UnicodeDecodeError('a',b'b',0,1,'x')))
t(lambda:codecs.lookup('xx'))
t(lambda:codecs.lookup_error('xx'))
t(lambda:'a'.encode('hex'))
t(lambda:b'a'.decode('rot13'))
t(lambda:codecs.encode('a','xx'))
def h(e): return 5
codecs.register_error('h',h)
t(lambda:'\xff'.encode('ascii','h'))
t(lambda:b'\xff'.decode('ascii','h'))
codecs.register_error('h',lambda e:('a',100)); t(lambda:'\xff'.encode('ascii','h'))
codecs.register_error('h',lambda e:('\xff',1)); t(lambda:'\xff'.encode('ascii','h'))
codecs.register_error('h',lambda e:(b'\xff',-1)); t(lambda:'\xffa'.encode('ascii','h'))
t(lambda:codecs.register_error('h',5))
t(lambda:codecs.register(5))
def enc(x,e='strict'): return (5,1)
def bad(x,e='strict'): raise ValueError('boo')
def bad2(x,e='strict'): return 1
def bad3(x,e='strict'): raise LookupError(1,2)
def rr(n):
  return {'e1':codecs.CodecInfo(enc,enc,None,None,name='e1'),'e2':codecs.CodecInfo(bad,bad,name='e2'),'e3':codecs.CodecInfo(bad2,bad2,name='e3'),'e4':codecs.CodecInfo(bad3,bad3,name='e4')}.get(n)
codecs.register(rr)
for n in ['e1','e2','e3','e4']:
  for f in [lambda:'a'.encode(n),lambda:b'a'.decode(n),lambda:codecs.encode('a',n),lambda:codecs.decode(b'a',n)]:
    t(f)
