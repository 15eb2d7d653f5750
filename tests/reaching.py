"""What a view can come to, read from the source: which functions its names lead to, step by step, through imports."""

import ast
from collections.abc import Iterator
from functools import cache

from tests.recorded import modules

Node = tuple[str, str]
"""A module and what stands in it by name; a function inside another one by both names."""


@cache
def _definitions() -> dict[Node, ast.AST]:
    """Every function, class and value at the top of a module, and the functions inside functions."""
    found: dict[Node, ast.AST] = {}
    for module, tree in modules().items():
        for node in tree.body:
            for name in _names_of(node):
                found[module, name] = node
            if isinstance(node, ast.FunctionDef):
                inner = (one for one in ast.walk(node) if isinstance(one, ast.FunctionDef) and one is not node)
                found |= {(module, f"{node.name}.{one.name}"): one for one in inner}
    return found


def _names_of(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


@cache
def _module(name: str) -> str | None:
    """The module of that name, or the package's own."""
    return next((one for one in (name, f"{name}.__init__") if one in modules()), None)


@cache
def _imports(module: str) -> dict[str, tuple[str, str]]:
    """What names that a module imports stand for: a module and the name in it ("" for the module itself)."""
    found: dict[str, tuple[str, str]] = {}
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = _module(f"{node.module}.{alias.name}")
                source = _module(node.module)
                if whole:
                    found[alias.asname or alias.name] = (whole, "")
                elif source:
                    found[alias.asname or alias.name] = (source, alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                source = _module(alias.name)
                if source and alias.asname:
                    found[alias.asname] = (source, "")
    return found


def _resolved(module: str, name: str) -> Node | None:
    """Where a name of a module was defined, through whatever passes it on."""
    for _step in range(6):
        if (module, name) in _definitions():
            return module, name
        source = _imports(module).get(name)
        if source is None or not source[1]:
            return None
        module, name = source
    return None


@cache
def _led_to(node: Node) -> frozenset[Node]:
    """Where its names lead in one step: hundreds of views come by the same functions."""
    return frozenset(_names_lead_to(node))


def _names_lead_to(node: Node) -> Iterator[Node]:
    module, name = node
    outer = name.split(".")[0]
    for part in ast.walk(_definitions()[node]):
        found = None
        if isinstance(part, ast.Name):
            nested = (module, f"{outer}.{part.id}")
            found = nested if nested in _definitions() else _resolved(module, part.id)
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            source, inside = _imports(module).get(part.value.id, ("", ""))
            found = _resolved(source, part.attr) if source and not inside else None
        if found and found != node:
            yield found


@cache
def reached(start: Node) -> frozenset[Node]:
    """Everything that the names in a function lead to."""
    seen, waiting = {start}, [start]
    while waiting:
        for found in _led_to(waiting.pop()):
            if found not in seen:
                seen.add(found)
                waiting.append(found)
    return frozenset(seen)
