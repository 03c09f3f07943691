import csv, _csv, io
def t(f):
    try: print(f,'=>',repr(eval(f)))
    except BaseException as e: print(f,'=>',type(e).__name__,e)
for f in ["csv.reader()","csv.reader(3)","csv.reader([],'x')","csv.reader([],delimiter='ab')","csv.reader([],delimiter='')","csv.reader([],delimiter=None)","csv.reader([],delimiter=3)","csv.reader([],quotechar='ab')","csv.reader([],quotechar=3)","csv.reader([],quotechar=None).dialect.quoting","csv.reader([],escapechar=3)","csv.reader([],escapechar='ab')","csv.reader([],quoting=9)","csv.reader([],quoting='a')","csv.reader([],lineterminator=3)","csv.reader([],lineterminator=None)","csv.reader([],foo=1)","csv.reader([],strict='x').dialect.strict","csv.writer(3)","csv.writer()","_csv.field_size_limit('a')","_csv.field_size_limit(1,2)","_csv.register_dialect()","_csv.register_dialect(3)","_csv.unregister_dialect('q')","_csv.get_dialect('q')","_csv.Dialect(quotechar='')","_csv.Dialect(quoting=3).quotechar","_csv.Dialect(quotechar=None).quoting","_csv.Dialect().lineterminator","next(csv.reader(['a\"b'],strict=True))","next(csv.reader(['\"a\"b'],strict=True))","next(csv.reader(['\"a'],strict=True))","next(csv.reader(['a\\rb']))","next(csv.reader([b'a']))","next(csv.reader(['a\\0b']))","csv.writer(io.StringIO()).writerow(3)","csv.writer(io.StringIO(),quoting=3).writerow(['a,b'])","csv.writer(io.StringIO()).writerow([''])","csv.writer(io.StringIO(),quoting=3).writerow([''])","csv.writer(io.StringIO()).writerows(3)","csv.writer(io.StringIO(),doublequote=False,quotechar='q').writerow(['aqb'])","_csv.Dialect().delimiter","setattr(_csv.Dialect(),'delimiter',1)","csv.writer(io.StringIO()).writerow([1.5,None,2,'x'])","next(csv.reader(['\"'+'a'*200000+'\"']))","list(csv.reader(['1,\"2\",3.5'],quoting=2))","list(csv.reader(['a'],quoting=2))", "_csv.Dialect.__doc__","csv.reader([]).__doc__","csv.list_dialects()","list(csv.reader(['a b  \"c d\"','','e'],delimiter=' ',skipinitialspace=True))","list(csv.reader(['a\\\\,b','\"x\\\\\"y\"'],escapechar='\\\\'))","list(csv.reader(['\"a','b\"','c']))"]:
    t(f)
rows=[['a','b "q"','c\nd'],[1,2.5,None],['x,y',"z'",' w']]
for kw in [{},{'quoting':1},{'quoting':2},{'quoting':3,'escapechar':'\\'},{'delimiter':'\t','lineterminator':'\n'},{'doublequote':False,'escapechar':'\\'},{'quotechar':"'"}]:
    out=io.StringIO(); csv.writer(out,**kw).writerows(rows); print(kw,repr(out.getvalue()))
    r=csv.reader(io.StringIO(out.getvalue(),newline=''),**{k:v for k,v in kw.items() if k!='quoting' or v!=2}); print(list(r), r.line_num)
print(list(csv.DictReader(io.StringIO('a,b\n1,2\n'))), csv.Sniffer().sniff('a;b\n1;2\n').delimiter)
import _stat, os
print([(n, getattr(_stat,n)) for n in sorted(dir(_stat)) if type(getattr(_stat,n)) is int])
for p in ("/","/dev/null","/etc/passwd","/bin","/usr/bin/passwd"):
    m=os.lstat(p).st_mode
    print(_stat.filemode(m),[getattr(_stat,n)(m) for n in dir(_stat) if n.startswith('S_IS') and callable(getattr(_stat,n))],_stat.S_IMODE(m),_stat.S_IFMT(m))
for bad in (-1,1<<40,'a',1.0):
    try: print(_stat.filemode(bad))
    except Exception as e: print(type(e).__name__, e)
