#!/usr/bin/python3.11
# SPDX-License-Identifier: MIT
"""Makes the files about the AST from syntax/ast.def (see the head of that file).

Usage: gen_ast.py header|tables|types|walk AST.DEF OUTPUT
"""
import sys
from collections import namedtuple

Field = namedtuple('Field', 'name type quantifier holes')
Case = namedtuple('Case', 'name fields')
Node = namedtuple('Node', 'name is_sum attributes cases')  # a product has one case: itself

PLAIN = {'identifier': 'PyObject *', 'string': 'PyObject *', 'int': 'int ', 'constant': 'Value '}


def parse_field(text):
    name, _, kind = text.partition(':')
    holes = kind.endswith('*0')
    kind = kind.removesuffix('0') if holes else kind
    quantifier = kind[-1] if kind[-1] in '?*' else ''
    return Field(name, kind.rstrip('?*'), quantifier, holes)


def parse(path):
    nodes = []
    for line in open(path, encoding='ascii'):
        words = line.split()
        if not words or line.startswith('#'):
            continue
        if line[0] == ' ':
            nodes[-1].cases.append(Case(words[0], [parse_field(w) for w in words[1:]]))
            continue
        kind, name, rest = words[0], words[1], words[2:]
        attributes = []
        if rest and rest[0] == '@':
            end = rest.index('@', 1) if '@' in rest[1:] else len(rest)
            attributes = [parse_field(w) for w in rest[1:end]]
            rest = rest[end + 1:]
        cases = [Case(name, [parse_field(w) for w in rest])] if kind == 'product' else []
        nodes.append(Node(name, kind == 'sum', attributes, cases))
    return nodes


class Model:
    def __init__(self, nodes):
        self.nodes = nodes
        self.enums = {n.name for n in nodes if n.is_sum and not any(c.fields for c in n.cases)}

    def item_type(self, kind):
        if kind in PLAIN:
            return PLAIN[kind]
        return f'enum {kind} ' if kind in self.enums else f'struct {kind} *'

    def c_type(self, field):
        if field.quantifier == '*':
            return f'struct {field.type}_seq *'
        return self.item_type(field.type)

    def is_reference(self, field):
        return field.quantifier == '*' or not (field.type == 'int' or field.type in self.enums)

    def sequences(self):
        used = {f.type for n in self.nodes for c in n.cases for f in c.fields
                if f.quantifier == '*'}
        return sorted(used | {n.name for n in self.nodes if n.name in ('expr', 'stmt')})


def parameter(field):
    """`names` is also a global variable."""
    return field.name + '_' if field.name == 'names' else field.name


def constructor_name(node, case):
    return f'{node.name}_{case.name}' if node.is_sum else f'{node.name}_new'


def store(model, target, field):
    name = parameter(field)
    if field.quantifier == '*':
        # An empty sequence is stored as one, never as NULL.
        return (f'    heap_init(node, &node->{target}, {name} != NULL ? {name} : '
                f'(void *)&ast_empty_seq);')
    if field.type == 'constant':
        return f'    heap_init_value(node, &node->{target}, {name});'
    if model.is_reference(field):
        return f'    heap_init(node, &node->{target}, {name});'
    return f'    node->{target} = {name};'


def emit_enums(model, out):
    for node in model.nodes:
        if not node.is_sum:
            continue
        tag = node.name if node.name in model.enums else f'{node.name}_kind'
        names = ', '.join(f'{node.name.upper()}_{c.name}' for c in node.cases)
        out.append(f'enum {tag} {{ {names} }};')
    out.append('')


def emit_sequences(model, out):
    for kind in model.sequences():
        out += [f'struct {kind}_seq {{', '    size_t count;',
                f'    {model.item_type(kind)}items[];', '};']
    out.append('')


def emit_struct(model, node, out):
    out.append(f'struct {node.name} {{')
    if node.is_sum:
        out.append(f'    enum {node.name}_kind kind;')
    for a in node.attributes:
        out.append(f'    int {a.name};')
    if not node.is_sum:
        out += [f'    {model.c_type(f)}{f.name};' for f in node.cases[0].fields]
    else:
        out.append('    union {')
        for case in node.cases:
            if case.fields:
                out.append('        struct {')
                out += [f'            {model.c_type(f)}{f.name};' for f in case.fields]
                out.append(f'        }} {case.name};')
        out.append('    } v;')
    out += ['};', '']


def emit_constructor(model, node, case, out):
    parameters = [f'{model.c_type(f)}{parameter(f)}' for f in case.fields]
    if node.attributes:
        parameters.append('struct ast_position position')
    prefix = f'v.{case.name}.' if node.is_sum else ''
    size = f'sizeof(struct {node.name})'
    if node.is_sum:
        last = case.fields[-1] if case.fields else None
        size = (f'offsetof(struct {node.name}, v.{case.name}) + '
                f'sizeof(((struct {node.name} *)0)->v.{case.name})' if last else
                f'offsetof(struct {node.name}, v)')
    out += [f'static inline struct {node.name} *{constructor_name(node, case)}(' +
            ', '.join(['struct arena *arena'] + parameters) + ')', '{',
            f'    struct {node.name} *node = arena_alloc(arena, {size});',
            '    if (UNLIKELY(node == NULL)) {', '        return NULL;', '    }']
    if node.is_sum:
        out.append(f'    node->kind = {node.name.upper()}_{case.name};')
    if node.attributes:
        out += [f'    node->{a.name} = position.{a.name};' for a in node.attributes]
    out += [store(model, prefix + f.name, f) for f in case.fields]
    out += ['    return node;', '}', '']


def emit_header(model):
    out = ['/* Made by tools/gen_ast.py from syntax/ast.def. */',
           '#ifndef OROCHI_SYNTAX_AST_H', '#define OROCHI_SYNTAX_AST_H', '',
           '#include "syntax/arena.h"', '']
    emit_enums(model, out)
    structs = [n for n in model.nodes if n.name not in model.enums]
    out += [f'struct {n.name};' for n in structs] + ['']
    out.append('/* Sequences are never NULL in a node. Items are never NULL, but for the keys of a'
               ' Dict (** items)')
    out.append(' * and kw_defaults. */')
    emit_sequences(model, out)
    for node in structs:
        emit_struct(model, node, out)
    out += ['/* Constructors: NULL with MemoryError when memory ran out. Optional fields are NULL;'
            ' a NULL', ' * sequence becomes the empty one. */']
    for kind in model.sequences():
        out += [f'static inline struct {kind}_seq *{kind}_seq_new(struct arena *arena, '
                'size_t count)', '{',
                f'    return arena_alloc_seq(arena, count, sizeof(struct {kind}_seq), '
                f'sizeof(((struct {kind}_seq *)0)->items[0]));', '}', '']
    for node in structs:
        for case in node.cases:
            emit_constructor(model, node, case, out)
    out.append('#endif')
    return out


def doc_of_field(field):
    return f'{field.type}{field.quantifier} {field.name}'


def doc_of_case(case):
    if not case.fields:
        return case.name
    return f'{case.name}({", ".join(map(doc_of_field, case.fields))})'


def doc_of_sum(model, node):
    if node.name in model.enums:
        return f'{node.name} = ' + ' | '.join(c.name for c in node.cases)
    indent = '\\n' + ' ' * (len(node.name) + 1) + '| '
    return f'{node.name} = ' + indent.join(doc_of_case(c) for c in node.cases)


def field_row(model, node, case, field):
    path = f'v.{case.name}.{field.name}' if node.is_sum else field.name
    quantifier = {'': 'ONE', '?': 'OPTIONAL', '*': 'MANY'}[field.quantifier]
    if field.holes:
        quantifier = 'MANY_OR_NONE'
    return (f'    {{"{field.name}", AST_TYPE_{field.type}, AST_{quantifier}, '
            f'offsetof(struct {node.name}, {path})}},')


def emit_tables(model):
    out = ['/* Made by tools/gen_ast.py from syntax/ast.def. */',
           '#ifndef OROCHI_SYNTAX_AST_TABLES_H', '#define OROCHI_SYNTAX_AST_TABLES_H', '',
           '#include "syntax/ast_info.h"', '']
    for node in model.nodes:
        for case in node.cases:
            if case.fields:
                out.append(f'static const struct ast_field ast_fields_{node.name}_{case.name}[] = '
                           '{')
                out += [field_row(model, node, case, f) for f in case.fields]
                out.append('};')
        if node.attributes:
            out.append(f'static const struct ast_field ast_attributes_{node.name}[] = {{')
            for a in node.attributes:
                quantifier = 'OPTIONAL' if a.quantifier else 'ONE'
                out.append(f'    {{"{a.name}", AST_TYPE_int, AST_{quantifier}, '
                           f'offsetof(struct {node.name}, {a.name})}},')
            out.append('};')
        if node.is_sum:
            out.append(f'static const struct ast_case ast_cases_{node.name}[] = {{')
            for case in node.cases:
                fields = f'ast_fields_{node.name}_{case.name}' if case.fields else 'NULL'
                out.append(f'    {{"{case.name}", "{doc_of_case(case)}", {len(case.fields)}, '
                           f'{fields}}},')
            out.append('};')
    out.append('static const struct ast_node_info ast_nodes[AST_TYPE_COUNT] = {')
    for node in model.nodes:
        attributes = f'ast_attributes_{node.name}' if node.attributes else 'NULL'
        is_enum = node.name in model.enums
        size = 'sizeof(int)' if is_enum else f'sizeof(struct {node.name})'
        if node.is_sum:
            cases, fields, doc, count = (f'ast_cases_{node.name}', 'NULL', doc_of_sum(model, node),
                                         len(node.cases))
        else:
            cases, fields = 'NULL', f'ast_fields_{node.name}_{node.name}'
            doc, count = doc_of_case(node.cases[0]), len(node.cases[0].fields)
        out += [f'    [AST_TYPE_{node.name}] = {{"{node.name}",', f'        "{doc}",',
                f'        {str(node.is_sum).lower()}, {str(is_enum).lower()}, '
                f'{len(node.attributes)}, {count}, {size}, {attributes}, {cases}, {fields}}},']
    out += ['};', '', '#endif']
    return out


def emit_info_enum(model):
    """Goes into ast_tables.h ahead of the tables, through ast_info.h's include of ast_types.h."""
    return ['/* Made by tools/gen_ast.py from syntax/ast.def. */', 'enum ast_type {',
            '    AST_TYPE_identifier, AST_TYPE_string, AST_TYPE_int, AST_TYPE_constant,'] + [
            f'    AST_TYPE_{n.name},' for n in model.nodes] + ['    AST_TYPE_COUNT', '};']


VISITED = ('expr', 'stmt', 'pattern')  # what a struct ast_visitor has functions for


def has_children(model, kind, seen=()):
    """Does a node of this type lead to a visited one?"""
    node = next((n for n in model.nodes if n.name == kind), None)
    return node is not None and kind not in seen and any(
        f.type in VISITED or has_children(model, f.type, (*seen, kind))
        for c in node.cases for f in c.fields)


def walk_field(model, path, field):
    """Statements that visit what a field refers to."""
    if field.type in VISITED:
        what = 'annotation' if field.name in ('annotation', 'returns') else field.type
        visit = f'v->visit_{what}(v, %s);'
    elif has_children(model, field.type):
        visit = f'{field.type}_children(%s, v);'
    else:
        return []
    target = f'node->{path}{field.name}'
    if field.quantifier == '*':
        item = f'{target}->items[i]'
        guard = f'if ({item} != NULL) ' if field.holes else ''
        return [f'for (size_t i = 0; i < {target}->count; i++) {{',
                f'    {guard}{{ {visit % item} }}' if guard else f'    {visit % item}', '}']
    guard = f'if ({target} != NULL) ' if field.quantifier == '?' else ''
    return [f'{guard}{{ {visit % target} }}' if guard else visit % target]


def emit_walk_of(model, node, out):
    public = 'void' if node.name in VISITED or node.name == 'mod' else 'static void'
    out += [f'{public} {node.name}_children(struct {node.name} *node, struct ast_visitor *v)', '{']
    if node.is_sum:
        out.append('    switch (node->kind) {')
        for case in node.cases:
            out.append(f'    case {node.name.upper()}_{case.name}:')
            for field in case.fields:
                out += [' ' * 8 + line for line in walk_field(model, f'v.{case.name}.', field)]
            out.append('        break;')
        out.append('    }')
    else:
        for field in node.cases[0].fields:
            out += ['    ' + line for line in walk_field(model, '', field)]
    out += ['}', '']


def emit_walk(model):
    out = ['/* Made by tools/gen_ast.py from syntax/ast.def. */', '#include "syntax/walk.h"', '']
    nodes = [n for n in model.nodes if n.name not in model.enums and has_children(model, n.name)]
    out += [f'static void {n.name}_children(struct {n.name} *node, struct ast_visitor *v);'
            for n in nodes if n.name not in (*VISITED, 'mod')] + ['']
    for node in nodes:
        emit_walk_of(model, node, out)
    return out


def main():
    what, source, target = sys.argv[1:]
    model = Model(parse(source))
    emit = {'header': emit_header, 'tables': emit_tables, 'types': emit_info_enum,
            'walk': emit_walk}[what]
    with open(target, 'w', encoding='ascii') as f:
        f.write('\n'.join(emit(model)) + '\n')


if __name__ == '__main__':
    main()
