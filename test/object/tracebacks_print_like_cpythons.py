import sys
def show(f):
    try: f()
    except BaseException as e: sys.excepthook(type(e),e,e.__traceback__)
def rec(n):
    if n==0: 1/0
    rec(n-1)
show(lambda: rec(10))
def eg():
    e=ExceptionGroup('top',[ValueError('a\nb'),TypeError('x'),ExceptionGroup('in',[KeyError(1),OSError(2,'x')])])
    e.add_note('note1\nnote2')
    e.exceptions[0].add_note('inner note')
    raise e from ValueError('cause')
show(eg)
show(lambda: exec(compile('x = = 1','foo.py','exec')))
show(lambda: exec(compile('  x = 1\n y=2','<s>','exec')))
show(lambda: exec('abc = 1\nabd'))
class A:
    def __init__(self): self.foobar=1
show(lambda: A().foobaz)
show(lambda: prnt)
def f():
    try: raise KeyError(1)
    except KeyError:
        raise ValueError(2) from None
show(f)
class BadStr(Exception):
    def __str__(self): raise ValueError
def bad(): raise BadStr()
show(bad)
e=ValueError(); e.__notes__=5; 
def r(): raise e
show(r)
e=SyntaxError('msg',('nofile',3,5,'   abc def\n',3,8)); show(r)
e=SyntaxError('msg',('nofile',3,5,None,3,8)); show(r)
e=SyntaxError('msg'); show(r)
e=SyntaxError('msg',('nofile',3,0,'abc',3,0)); show(r)
e=SyntaxError('msg',(None,3,2,'abc',3,0)); show(r)
e=SyntaxError('msg',('f',None,2,'abc',3,0)); show(r)
def eg2(): raise ExceptionGroup('big',[ValueError(i) for i in range(20)])
show(eg2)
def eg3():
    x=ValueError(1)
    for i in range(12): x=ExceptionGroup(str(i),[x])
    raise x
show(eg3)
def eg4():
    try: raise ExceptionGroup('ctx',[ValueError(1)])
    except ExceptionGroup: 
        try: 1/0
        except ZeroDivisionError as z: raise ExceptionGroup('two',[z])
show(eg4)
