# SPDX-License-Identifier: MIT
import threading, sys, time
N=4; K=4000
def run(f, n=N):
    errs=[]
    def w(i):
        try: f(i)
        except BaseException as e: errs.append(repr(e))
    ts=[threading.Thread(target=w,args=(i,)) for i in range(n)]
    [t.start() for t in ts]; [t.join() for t in ts]
    if errs: print("ERR",errs[:3])
l=[]
run(lambda i:[l.append((i,k)) for k in range(K)] and None)
print(len(l)==N*K, all([k for j,k in l if j==i]==list(range(K)) for i in range(N)))
out=[[] for _ in range(N)]
def popper(i):
    o=out[i]
    while True:
        try: o.append(l.pop())
        except IndexError: return
run(popper); print(sum(map(len,out))==N*K, len(set(sum(out,[])))==N*K)
d={}
def setter(i):
    for k in range(K): d[i*K+k]=k; 
run(setter); print(len(d)==N*K, all(d[i*K+k]==k for i in range(N) for k in range(K)))
d={}
def mixed(i):
    for k in range(K):
        d[k%997]=i; d.get(k%991); d.pop((k*7)%997,None); d.setdefault(str(k%50),[]).append(i)
        if k%5000==0: list(d), list(d.items()), dict(d), d.copy()
run(mixed); print(sum(len(v) for k,v in d.items() if isinstance(k,str))==N*K)
s=set()
def setops(i):
    for k in range(K): s.add(k%1009); s.discard((k*3)%1009); (k in s)
    for k in range(K): s.add(('t',i,k))
run(setops); print(sum(1 for x in s if isinstance(x,tuple))==N*K)
from collections import deque
q=deque(); got=[[] for _ in range(N)]
def dq(i):
    for k in range(K): q.append((i,k))
    for k in range(K):
        try: got[i].append(q.popleft())
        except IndexError: pass
run(dq); print(sum(map(len,got))+len(q)==N*K)
import itertools
c=itertools.count(); o=[[] for _ in range(N)]
def cn(i):
    for k in range(K): o[i].append(next(c))
run(cn); print(sorted(sum(o,[]))==list(range(N*K)))
import queue
sq=queue.SimpleQueue(); r=[[] for _ in range(N)]
def prodcons(i):
    if i<2:
        for k in range(K): sq.put((i,k))
        sq.put(None)
    else:
        while True:
            x=sq.get()
            if x is None: return
            r[i].append(x)
run(prodcons); print(sum(map(len,r))==2*K)
import heapq
h=[]; res=[[] for _ in range(N)]
def hp(i):
    for k in range(3000): heapq.heappush(h,(k*7919)%10007)
    for k in range(3000): res[i].append(heapq.heappop(h))
run(hp); print(sum(map(len,res))==N*3000, not h)
class O: pass
ob=O()
def inst(i):
    for k in range(3000):
        setattr(ob,f'a{k%100}',k); ob.__dict__.get(f'a{(k+1)%100}'); 
        if k%50==0: list(ob.__dict__.items()), len(ob.__dict__)
run(inst); print(len(ob.__dict__)==100)
l=list(range(1000))
def ls(i):
    for k in range(300):
        l.sort(reverse=bool(k%2)); l.reverse(); l[k%900]; l.insert(5,l.pop()); x=l[:]; 
        if len(x) not in range(990,1001): print("bad",len(x))
run(ls); print(sorted(l)==list(range(1000)))
od=__import__('collections').OrderedDict((i,i) for i in range(100))
def odt(i):
    for k in range(5000):
        od.move_to_end(k%100); od[k%100]; od.get((k+3)%100)
run(odt); print(sorted(od)==list(range(100)))
dd=__import__('collections').defaultdict(list)
run(lambda i:[dd[k%100].append(k) for k in range(K)] and None); print(sum(map(len,dd.values()))==N*K)
