# Line events of sys.settrace.
import sys
src='''
def f():
    while True:
        x = 1
        if len(L) > 2:
            break
        L.append(1)
    for i in (
      1,
      2):
        pass
    while len(L) < 5:
        L.append(2)
        continue
    try:
        return 5
    finally:
        z = 1
def g(a):
    if a:
        b = 1
    else:
        pass
def h(a):
    for x in a:
        if x:
            y = 1
def k():
    with CM() as f:
        x = 1
        with CM() as f:
            return x
def m():
    try:
        try:
            raise ValueError
        except KeyError:
            pass
        except ValueError as e:
            x = 1
        else:
            y = 1
    finally:
        z = 1
def n(x):
    match x:
        case 1:
            a = 1
        case [1, 2]:
            b = 1
        case _:
            c = 1
'''
L=[]
class CM:
  def __enter__(s): pass
  def __exit__(s,*a): pass

d={'L':L,'CM':CM}
exec(compile(src,'x','exec'),d)
def tr(frame, event, arg):
    ev.append((frame.f_code.co_name, event, frame.f_lineno)) if frame.f_code.co_filename=='x' else None
    return tr
for fn,a in [('f',()),('g',(1,)),('g',(0,)),('h',([1,0],)),('k',()),('m',()),('n',(1,)),('n',([1,2],)),('n',(8,))]:
    ev=[]
    sys.settrace(tr); d[fn](*a); sys.settrace(None)
    print(fn,a,' '.join(f'{e[0] if e!="line" else ""}{l}' for n,e,l in ev))
