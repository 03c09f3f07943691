# SPDX-License-Identifier: MIT
l=[3,1,2]; l.sort(); print(l, sorted([3.5,1,2]), sorted("hello"), sorted([(2,'a'),(1,'b')], reverse=True))
print(l[::-1], l[1:], l*2, l+[9], 2 in l, l.index(2), l.count(1))
l[1:2]=[7,8,9]; print(l); del l[::2]; print(l); l.extend(range(5)); l.insert(1,'x'); l.remove('x'); l.reverse(); print(l, l.pop(), l.pop(0))
d={'a':1,'b':2}; d['c']=3; d.update(d=4); print(d, list(d), d.items(), d.keys()|{'z'} and 1, d.pop('a'), d)
print({**d, 1:2}, d|{'q':1}, dict.fromkeys('abc',0), len(d), 'b' in d, list(reversed(d)), d.popitem(), d.setdefault('k',[]), d)
for k,v in d.items(): print(k,v)
try:
    for k in d: d[k+'x']=1
except RuntimeError as e: print(e)
s={1,2,3,'x'}-{'x'}; print(s, s|{9}, s&{1,2}, s^{1,77}, frozenset(s), hash(frozenset(s)), s<{1,2,3,4}); 
print({i*37%101 for i in range(30)}, set(range(100,0,-7)))
s=set(range(50)); 
for i in range(0,50,3): s.discard(i)
print(s, s.pop(), s)
print(hash((1,2,3)), hash(()), hash((1,'a')) == hash((1,'a')), (1,2)+(3,), (1,2)*2, (1,2,3)[::2], (1,2)<(1,3))
print(range(10)[2:5], list(range(10,0,-3)), 5 in range(10), range(3).index(2), len(range(2**40)), range(2**70)[-1], list(reversed(range(5))))
print(list(enumerate('ab',1)), list(zip([1,2],'ab')), list(map(str,[1,2])), list(filter(None,[0,1])), list(reversed([1,2])))
from collections import deque, defaultdict, OrderedDict, Counter, namedtuple
q=deque([1,2,3],maxlen=3); q.append(4); q.appendleft(0); print(q, q[1], q.rotate(1), q, list(q), q.index(2))
dd=defaultdict(list); dd['a'].append(1); print(dd, dd['b'], dd)
o=OrderedDict(a=1,b=2,c=3); o.move_to_end('a'); print(o, o.popitem(False), o); o.move_to_end('a',False); print(o)
print(Counter('hello world').most_common(3)); P=namedtuple('P','x y'); print(P(1,2).x, P(1,2))
import itertools as it
print(list(it.combinations('abcd',2)), list(it.permutations([1,2,3],2)), list(it.product('ab',[1,2])), list(it.accumulate([1,2,3])), list(it.chain([1],[2])), list(it.islice(it.count(5,2),3)), [(k,list(g)) for k,g in it.groupby('aabbc')], list(it.zip_longest('ab','c',fillvalue='-')), list(it.pairwise('abc')), list(it.starmap(pow,[(2,3)])), list(it.takewhile(lambda x:x<3,range(9))), list(it.compress('abc',[1,0,1])),list(it.combinations_with_replacement('ab',2)), [list(t) for t in it.tee('abc')])
import heapq,bisect
h=[5,2,8,1]; heapq.heapify(h); heapq.heappush(h,0); print([heapq.heappop(h) for _ in range(5)], bisect.bisect([1,2,3],2), heapq.nlargest(2,[3,1,4]), list(heapq.merge([1,3],[2])))
import queue; sq=queue.SimpleQueue(); sq.put(1); print(sq.get(), sq.empty())
try: sq.get(timeout=0.01)
except queue.Empty: print('empty')
