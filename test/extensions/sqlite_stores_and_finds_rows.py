import sqlite3

db = sqlite3.connect(":memory:")
db.execute("create table t(id integer primary key, name text, score real, data blob)")
db.executemany("insert into t(name, score, data) values(?, ?, ?)",
               [(f"n{i}", i / 2, bytes([i])) for i in range(20)])
print(db.execute("select count(*), sum(score) from t").fetchone())
for row in db.execute("select * from t where id > ? order by id desc limit 3", (10,)):
    print(row)
db.row_factory = sqlite3.Row
row = db.execute("select * from t where name = :n", {"n": "n7"}).fetchone()
print(row["score"], row.keys(), len(row), tuple(row))
db.create_function("double", 1, lambda x: x * 2)
print(db.execute("select double(21)").fetchone()[0])


class Longest:
    def __init__(self):
        self.text = ""

    def step(self, text):
        self.text = max(self.text, text, key=len)

    def finalize(self):
        return self.text


db.create_aggregate("longest", 1, Longest)
print(db.execute("select longest(name) from t").fetchone()[0])
for wrong in ("select * from nowhere", "select double()", "insert into t(id) values(1)"):
    try:
        db.execute(wrong)
    except sqlite3.Error as e:
        print(type(e).__name__, e)
try:
    with db:
        db.execute("delete from t")
        raise KeyError("rolled back")
except KeyError as e:
    print(e)
print(db.execute("select count(*) from t").fetchone()[0])
db.close()
try:
    db.execute("select 1")
except sqlite3.ProgrammingError as e:
    print(e)
