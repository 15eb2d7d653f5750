"""What a declared life looks like: states and the transitions between them. Pure, for the rooms' rules.py."""

from dataclasses import dataclass

from core.principal import Permission


@dataclass(frozen=True)
class Transition:
    """From ``source`` by ``action`` to ``target``. ``by`` is the right it needs (None: only code paths that check
    for themselves). ``other_than`` names earlier actions on the same thing whose actor may not do this one."""

    source: str
    action: str
    target: str
    by: Permission | None = None
    other_than: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workflow:
    """The declared life of one kind of thing.

    Raises ValueError for a table that contradicts itself: two transitions for one action from one state, or a second
    pair of eyes over an action that the table lacks (which would be no control at all).
    """

    name: str
    initial: str
    transitions: tuple[Transition, ...]

    def __post_init__(self) -> None:
        steps = [(t.source, t.action) for t in self.transitions]
        if len(steps) != len(set(steps)):
            raise ValueError(f"{self.name}: an action leads from one state to two")
        unknown = {action for t in self.transitions for action in t.other_than} - {action for _, action in steps}
        if unknown:
            raise ValueError(f"{self.name}: four eyes over unknown actions {sorted(unknown)}")

    def find(self, state: str, action: str) -> Transition | None:
        """The transition that ``action`` makes from ``state``, or None where the table lacks it."""
        return next((t for t in self.transitions if t.source == state and t.action == action), None)

    def sources(self, action: str) -> tuple[str, ...]:
        """The states from which ``action`` is possible."""
        return tuple(t.source for t in self.transitions if t.action == action)

    def states(self) -> tuple[str, ...]:
        """All states, in order of first mention."""
        named = [self.initial, *(state for t in self.transitions for state in (t.source, t.target))]
        return tuple(dict.fromkeys(named))

    def mermaid(self) -> str:
        """The table as a Mermaid state diagram (docs/states.md is printed from it)."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {t.source} --> {t.target}: {t.action}" for t in self.transitions]
        return "\n".join(lines)


_declared: dict[str, Workflow] = {}


def declare(workflow: Workflow) -> Workflow:
    """Enter a life in the register that docs/states.md is printed from.

    Raises ValueError where another life has the same name: their histories would mix.
    """
    if _declared.get(workflow.name, workflow) != workflow:
        raise ValueError(f"the life of {workflow.name} is declared twice")
    _declared[workflow.name] = workflow
    return workflow


def declared_workflows() -> list[Workflow]:
    """Every declared life, by name."""
    return [_declared[name] for name in sorted(_declared)]
