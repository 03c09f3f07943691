"""What compile() says about trees that no parser makes, and how nodes are constructed."""
import ast
import copy
import pickle


def attempt(action):
    try:
        print(action())
    except Exception as e:
        print(type(e).__name__, e)


def check(node, mode='exec'):
    attempt(lambda: type(compile(node, '<tree>', mode)).__name__)


def expression(e):
    check(ast.fix_missing_locations(ast.Expression(e)), 'eval')


def module(*body):
    check(ast.fix_missing_locations(ast.Module(list(body), [])))


one, name = ast.Constant(1), ast.Name('a', ast.Load())
expression(None)
expression(ast.Name('a'))
expression(ast.Name('a', ast.Store()))
expression(ast.Name(3, ast.Load()))
expression(ast.Name('None', ast.Load()))
expression(ast.Constant((1, [2])))
expression(ast.BoolOp(ast.And(), [one]))
expression(ast.BoolOp(ast.And, [one]))
expression(ast.Compare(one, [ast.Eq()], []))
expression(ast.Dict([], [one]))
expression(ast.ListComp(one, []))
expression(ast.List([None], ast.Load()))
module(3)
module(ast.Expr())
module(ast.Assign([name], one))
module(ast.Assign(3, one))
module(ast.If(one, [], []))
module(ast.Delete([]))
module(ast.Try([ast.Pass()], [], [], []))
module(ast.Raise(None, one))
module(ast.FunctionDef('f', ast.arguments([], [], None, [], [one], None, []), [ast.Pass()], []))
module(ast.Match(one, [ast.match_case(ast.MatchStar('a'), None, [ast.Pass()])]))
module(ast.Match(one, [ast.match_case(ast.MatchValue(name), None, [ast.Pass()])]))
check(ast.Module([ast.Pass(lineno=3, col_offset=5, end_lineno=2, end_col_offset=1)], []))
check(ast.Module([ast.Pass(lineno='a', col_offset=0)], []))
check(ast.Module([], []), 'eval')
attempt(lambda: ast.Name(1, 2, 3))
attempt(lambda: ast.Name(1, id=3))
attempt(lambda: ast.Name(foo=1).__dict__)
attempt(lambda: ast.Name().ctx)
print(ast.Load.__mro__, ast.arg._fields, ast.arg._attributes, ast.expr.__doc__)
tree = ast.parse('a + b * c')
print(ast.dump(copy.deepcopy(tree)), ast.dump(pickle.loads(pickle.dumps(tree))))
deep = one
for _ in range(100000):
    deep = ast.UnaryOp(ast.USub(), deep, lineno=1, col_offset=0)
one.lineno, one.col_offset = 1, 0
check(ast.Expression(deep), 'eval')
