"""What the code writes into the audit log, read from its source: every action, kind of subject and detail that a call
of ``audit.record`` can name, so that none is forgotten."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from complaints.rules import ROUTING_WORKFLOW
from core.states import Workflow
from disbursement.operations.profiles import FILE_FORMATS
from reconciliation.operations.profiles import STATEMENT_FORMATS
from registry.operations import STEPS
from sms.decisions import DECISIONS
from sms.rules import TEMPLATE_WORKFLOW

ROOT = Path(__file__).parents[1]
ROOMS = (
    "demo", "portal", "complaints", "publicity", "reconciliation", "disbursement", "programmes", "registry",
    "accounts", "sms", "backups", "core",
)  # fmt: skip


@dataclass(frozen=True)
class Function:
    """A function of the code, with the module that it stands in."""

    room: str
    module: str
    node: ast.FunctionDef
    parameters: tuple[str, ...]
    parents: tuple[ast.FunctionDef, ...] = ()


@dataclass
class Recorded:
    """What was found. ``unknown`` are places where the words cannot be read from the source."""

    actions: set[str] = field(default_factory=set)
    subjects: set[str] = field(default_factory=set)
    details: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)


@cache
def modules() -> dict[str, ast.Module]:
    """The syntax of every module of the product, by its dotted name."""
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def _functions(
    tree: ast.AST, parents: tuple[ast.FunctionDef, ...] = ()
) -> Iterator[tuple[ast.FunctionDef, tuple[ast.FunctionDef, ...]]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield node, parents
            yield from _functions(node, (*parents, node))
        else:
            yield from _functions(node, parents)


@cache
def functions() -> tuple[Function, ...]:
    """Every function and method of the product."""
    return tuple(
        Function(
            module.split(".")[0],
            module,
            node,
            tuple(arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)),
            parents,
        )
        for module, tree in modules().items()
        for node, parents in _functions(tree)
    )


def own_calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls in a function, those of functions inside it left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from own_calls(child)


def called_name(call: ast.Call) -> str:
    """The last part of the name that is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_entry(call: ast.Call, function: Function) -> bool:
    name = ast.unparse(call.func)
    return name == "audit.record" or (name == "record" and function.module.startswith("core.audit"))


# Steps that a person chooses on a page: the function and its parameter, and what it refuses to be anything else than.
CHOSEN: dict[tuple[str, str], Callable[[], Iterable[str]]] = {
    ("complaints.operations.routing.move_version", "action"): lambda: (
        _steps(ROUTING_WORKFLOW) - {"change", "supersede"}
    ),
    ("sms.template_operations.move_version", "action"): lambda: _steps(TEMPLATE_WORKFLOW),
    ("sms.decisions.decide_unknown", "decision"): lambda: DECISIONS,
    ("registry.operations.gaps.move_gaps", "action"): lambda: STEPS,
    ("registry.operations.doubles.decide_double", "action"): lambda: ("refuse", "dismiss", "reopen"),
}


# What the objects of the house are made with.
ATTRIBUTES = {"audited_as": {kind.audited_as for kind in (FILE_FORMATS, STATEMENT_FORMATS)}}


def _steps(workflow: Workflow) -> set[str]:
    return {transition.action for transition in workflow.transitions}


def _calls_of(function: Function) -> Iterator[tuple[Function, ast.Call]]:
    name = function.node.name
    private = name.startswith("_")
    for other in functions():
        if other.module != function.module if private else other.room != function.room:
            continue
        for call in own_calls(other.node):
            if called_name(call) == name and ast.unparse(call.func) != "audit.record":
                yield other, call


def _texts(expression: ast.expr, function: Function, depth: int = 0) -> set[str] | None:
    """The texts that an expression in a function can stand for; None where the source does not say."""
    if depth > 6:
        return None
    if isinstance(expression, ast.Constant):
        return {str(expression.value)}
    if isinstance(expression, ast.IfExp):
        return _joined([_texts(expression.body, function, depth), _texts(expression.orelse, function, depth)])
    if isinstance(expression, ast.JoinedStr):
        found = {""}
        for part in expression.values:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            texts = _texts(inner, function, depth)
            if texts is None:
                return None
            found = {before + after for before in found for after in texts}
        return found
    if isinstance(expression, ast.Name):
        return _of_name(expression.id, function, depth)
    if isinstance(expression, ast.Attribute):
        return ATTRIBUTES.get(expression.attr)
    return None


def _joined(parts: list[set[str] | None]) -> set[str] | None:
    return None if not parts or None in parts else set().union(*(part for part in parts if part))


def _of_name(name: str, function: Function, depth: int) -> set[str] | None:
    chosen = CHOSEN.get((f"{function.module}.{function.node.name}", name))
    if chosen is not None:
        return set(chosen())
    if name in function.parameters:
        annotation = next(
            (
                arg.annotation
                for arg in (*function.node.args.args, *function.node.args.kwonlyargs)
                if arg.arg == name and arg.annotation is not None
            ),
            None,
        )
        literal = ast.unparse(annotation) if annotation is not None else ""
        if literal.startswith("Literal["):
            return set(ast.literal_eval(f"({literal[len('Literal[') : -1]},)"))
        return _joined(
            [
                _texts(given, caller, depth + 1) if given is not None else None
                for caller, given in _given(name, function)
            ]
        )
    assigned = [
        node.value
        for node in ast.walk(function.node)
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
    ]
    return _joined([_texts(value, function, depth + 1) for value in assigned])


def _given(name: str, function: Function) -> Iterator[tuple[Function, ast.expr | None]]:
    place = function.parameters.index(name)
    for caller, call in _calls_of(function):
        if caller is function:
            continue  # it passes on what it was given itself
        by_name = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
        yield caller, by_name or (call.args[place] if place < len(call.args) else None)


def _keys(call: ast.Call, function: Function, depth: int = 0) -> set[str]:
    """The names of the details that a call passes along, ``**details`` of its own callers included."""
    found = {keyword.arg for keyword in call.keywords if keyword.arg} - {"at", "visible_to"}
    for keyword in call.keywords:
        if keyword.arg or depth > 3:
            continue
        passed = keyword.value
        rest = function.node.args.kwarg
        if isinstance(passed, ast.Name) and rest is not None and rest.arg == passed.id:
            for caller, outer in _calls_of(function):
                found |= _keys(outer, caller, depth + 1) - set(function.parameters)
        elif isinstance(passed, ast.Name):
            for node in ast.walk(function.node):
                if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
                    found |= {str(key.value) for key in node.value.keys if isinstance(key, ast.Constant)}
    return found


@cache
def recorded() -> Recorded:
    """Everything that can be recorded."""
    found = Recorded()
    for function in functions():
        for call in own_calls(function.node):
            if not _is_entry(call, function):
                continue
            where = f"{function.module}.{function.node.name}"
            actions = _texts(call.args[1], function)
            if actions is None:
                found.unknown.add(where)
            found.actions |= actions or set()
            if len(call.args) > 2 and not isinstance(call.args[2], ast.Starred):
                found.subjects |= _texts(call.args[2], function) or set()
            found.details |= _keys(call, function)
    return found
