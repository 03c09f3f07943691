# with lmdb apsw peewee BTrees persistent
"""LMDB, SQLite through apsw and peewee, BTrees; from threads."""

import os
import tempfile
import threading

import apsw
import lmdb
import peewee
import persistent
from BTrees.IIBTree import IIBTree, union
from BTrees.OOBTree import OOBTree

with tempfile.TemporaryDirectory() as folder:
    environment = lmdb.open(os.path.join(folder, "lmdb"), map_size=10 ** 7)

    def put(k):
        for n in range(20):
            with environment.begin(write=True) as transaction:
                transaction.put(b"k%d-%02d" % (k, n), b"v%d" % n)

    threads = [threading.Thread(target=put, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    with environment.begin() as transaction:
        cursor = transaction.cursor()
        print(transaction.stat()["entries"], cursor.set_range(b"k2"), cursor.item(), [k for k, v in transaction.cursor()][:3])
        try:
            transaction.put(b"a", b"b")
        except lmdb.ReadonlyError as error:
            print(type(error).__name__)
    environment.close()

    connection = apsw.Connection(os.path.join(folder, "apsw"))
    connection.createscalarfunction("double", lambda x: x * 2)
    connection.createaggregatefunction("together", lambda: ([], lambda c, *a: c.append(a[0]), lambda c: str(c)))
    connection.createcollation("backwards", lambda a, b: (a < b) - (a > b))
    run = connection.cursor().execute
    run("create table t(a, b); insert into t values(1, 'x'), (2, 'y'), (3, 'z')")
    print(list(run("select double(a), b from t order by b collate backwards")), list(run("select together(b) from t")))
    seen = []
    connection.setupdatehook(lambda kind, database, table, row: seen.append((kind, table, row)))
    connection.setauthorizer(lambda *a: apsw.SQLITE_DENY if a[0] == apsw.SQLITE_DROP_TABLE else apsw.SQLITE_OK)
    with connection:
        run("update t set a = 9 where b = ?", ("y",))
    for wrong in "drop table t", "select", "select double(null)", "select none()":
        try:
            print(list(run(wrong)))
        except (apsw.Error, TypeError) as error:
            print(type(error).__name__, error)
    print(seen)
    connection.close()

    database = peewee.SqliteDatabase(os.path.join(folder, "peewee"))

    class Person(peewee.Model):
        name = peewee.CharField(unique=True)
        age = peewee.IntegerField(default=3)

        class Meta:
            database = database

    database.create_tables([Person])
    with database.atomic():
        Person.insert_many([{"name": f"n{k}", "age": k} for k in range(30)]).execute()
    print([p.name for p in Person.select().where((Person.age > 25) | (Person.name == "n3")).order_by(-Person.age)],
          Person.select(peewee.fn.SUM(Person.age)).scalar(), Person.get(Person.name % "n7").age)
    try:
        Person.create(name="n1")
    except peewee.IntegrityError as error:
        print(error)
    database.close()

tree = OOBTree({k: str(k) for k in range(500)})
del tree[12]
print(list(tree.keys(10, 15)), tree.maxKey(), len(tree), 12 in tree, list(tree.values(11, 13)), tree.minKey(11.5))
print(list(union(IIBTree({1: 2}), IIBTree({5: 6}))), IIBTree({k: k for k in range(9)}).byValue(7)[:1])
for wrong in (lambda: IIBTree({"x": 1}), lambda: tree.__setitem__(object(), 1), lambda: tree[1000]):
    try:
        wrong()
    except (TypeError, KeyError) as error:
        print(type(error).__name__)


class Thing(persistent.Persistent):
    pass


thing = Thing()
thing.x = 1
print(thing.x, thing._p_changed, thing._p_jar, thing.__getstate__())
