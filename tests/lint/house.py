"""The tree as facts: files, include edges, cycles, functions. Used by test_lint.py.

A module is foo.c + foo.h. A function begins at a '{' and ends at a '}' in
column 0, as .clang-format writes them.
"""
import collections
import functools
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
ROOTS = ('', 'shared/', 'server/', 'tui/')


def sources(*tops):
    """Every C file below the folders named (all product folders by default)."""
    for top in tops or ('shared', 'server', 'tui'):
        yield from sorted(p for p in (ROOT / top).rglob('*.[ch]'))


def folder(path):
    """shared/base of shared/base/log.c."""
    return path.relative_to(ROOT).parent.as_posix()


def includes(path):
    """Yields (is_system, text) of each #include."""
    for kind, text in INCLUDE.findall(path.read_text()):
        yield kind == '<', text


def resolve(path, text):
    """The file of the tree that an #include "text" in path means, or None."""
    near = path.parent / text
    if near.exists():
        return near.resolve()
    for root in ROOTS:
        found = ROOT / root / text
        if found.exists():
            return found.resolve()
    return None


def edges():
    """Yields (from file, to file) over the product's own includes."""
    for path in sources():
        for system, text in includes(path):
            target = None if system else resolve(path, text)
            if target is not None:
                yield path, target


@functools.lru_cache(maxsize=None)
def included(path):
    """The files of the tree that a file includes itself."""
    found = (resolve(path, text) for system, text in includes(path) if not system)
    return tuple(target for target in found if target is not None)


def closure(path):
    """A file and everything of the tree that reaches it, sorted."""
    seen, todo = set(), [path]
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            todo += included(one)
    return sorted(seen)


def cycles(pairs):
    """Groups of nodes that reach each other, of more than one node."""
    graph = collections.defaultdict(set)
    for a, b in pairs:
        if a != b:
            graph[a].add(b)

    def reach(start):
        seen, todo = set(), [start]
        while todo:
            for node in graph.get(todo.pop(), ()):
                if node not in seen:
                    seen.add(node)
                    todo.append(node)
        return seen
    reached = {node: reach(node) for node in list(graph)}
    return sorted({tuple(sorted(n for n in reached[a] if a in reached.get(n, ())))
                   for a in reached if a in reached[a]})


def functions(path):
    """Yields (name, first line, length) of the functions of a .c file."""
    lines = path.read_text().split('\n')
    head = start = None
    for number, line in enumerate(lines, 1):
        if re.match(r'[A-Za-z_].*\(', line) and not line.rstrip().endswith(';'):
            head = (re.search(r'([A-Za-z_]\w*)\s*\(', line).group(1), number)
        if line.startswith('{') and head:
            start = head
        elif line.startswith('}') and start:
            yield start[0], start[1], number - start[1] + 1
            head = start = None


def layers():
    """Reads layers.txt: ({folder: set of folders}, [(header prefix, [places])])."""
    allowed, externals = {}, []
    for line in (ROOT / 'tests/lint/layers.txt').read_text().split('\n'):
        line = line.split('#')[0].strip()
        if line.startswith('<'):
            header, *places = line.split()
            externals.append((header.strip('<>'), places))
        elif line:
            name, _, rest = line.partition(':')
            allowed[name] = set(rest.split())
    return allowed, externals
