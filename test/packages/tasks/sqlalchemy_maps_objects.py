# with sqlalchemy
"""Objects mapped to tables, queries, a rolled-back change, an engine that threads share."""

import tempfile
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Column, Float, ForeignKey, Integer, String, and_, create_engine, event, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, declarative_base, joinedload, relationship

Base = declarative_base()


class Parent(Base):
    __tablename__ = "parent"
    id = Column(Integer, primary_key=True)
    name = Column(String, unique=True)
    children = relationship("Child", back_populates="parent", cascade="all, delete-orphan")


class Child(Base):
    __tablename__ = "child"
    id = Column(Integer, primary_key=True)
    parent_id = Column(ForeignKey("parent.id"))
    value = Column(Float)
    parent = relationship("Parent", back_populates="children")


def fill(engine):
    with Session(engine) as session:
        session.add_all(Parent(name=f"n{i}", children=[Child(value=j * i / 2) for j in range(5)])
                        for i in range(30))
        session.commit()


def query(engine):
    with Session(engine) as session:
        print(session.execute(select(func.sum(Child.value))).scalar())
        print([p.name for p in session.scalars(select(Parent).where(Parent.name.like("%9")))])
        print(session.execute(select(Parent.name, func.max(Child.value)).join(Child).group_by(Parent.id)
                              .having(func.max(Child.value) > 50)).all())
        parent = session.get(Parent, 3)
        print(len(parent.children), parent.children[2].value, parent.children[0].parent is parent)
        session.add(Parent(name="n3"))
        try:
            session.commit()
        except IntegrityError as error:
            print(error.orig)
            session.rollback()
        session.delete(session.get(Parent, 4))
        session.flush()
        print(session.query(Child).count(), session.query(Parent).options(joinedload(Parent.children)).count())
        session.rollback()
        print(session.query(Child).count())


def sum_of(engine, number):
    with Session(engine) as session:
        parent = session.scalars(select(Parent).where(Parent.name == f"n{number}")).one()
        return sum(child.value for child in parent.children)


print(select(Parent).join(Child).where(and_(Child.value > 1, or_(Parent.id < 3, Parent.name == "x"))))
with tempfile.TemporaryDirectory() as folder:
    engine = create_engine(f"sqlite:///{folder}/data")
    statements = []
    event.listen(engine, "before_cursor_execute", lambda c, cursor, text, *rest: statements.append(text[:6]))
    Base.metadata.create_all(engine)
    fill(engine)
    query(engine)
    with ThreadPoolExecutor(4) as pool:
        print(list(pool.map(lambda n: sum_of(engine, n), range(30))))
    print({kind: statements.count(kind) for kind in sorted(set(statements))})
    engine.dispose()
