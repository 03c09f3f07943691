# The ^^^^ markers under the source lines of a traceback.
import warnings; warnings.simplefilter('ignore')
def g(x):
    return x
try: g(g(1)+g(
  None))
except Exception:
    import traceback; traceback.print_exc()
import sys
def show(src, name='<x>'):
    try: exec(compile(src,'/tmp/orochi_markers.py','exec'))
    except BaseException as e: sys.excepthook(type(e),e,e.__traceback__)
for s in ['a=1;b="x"\na+b','a=1;b="x"\na + b','a=1\nb=2\n(a)(b)','a={}\na["x"]','a={}\na ["x"] ["y"]','a=1;b=""\nc=a  **  b','x=1\ny=-x+""','x=1\nz=x.foo','x=1\nz=(x.foo\n)','x=[1]\nx[0] [ 0 ]','x=1\nif x<"a": pass','x=1\nfor i in x: pass','x=1\na,b=x','x=1;é=2\né + "é"','x=1\n1 if x+"" else 2','raise ValueError("a\\nb")','raise ValueError','assert 0, "x"','x=1\nx//""','x=1\nx @x',"x=1\n  # foo\nx <<  ''","x=1\n(1+2)*(x+'')","x=1\n'a'%x%('b'+x)", "x=1\nx+'' ; x", "x=1\nx[(1,2)]", "x=1\nx+=''","x={}\ndel x['a']","x={}\nx['a']['b']=1","print(1, 2 / 0)","g(  1   ,2)","g(1,\n2)","import nonexist","class A(1): pass","x=1\nx+1+2+''"]:
    with open('/tmp/orochi_markers.py','w') as f: f.write(s+'\n')
    show(s)
