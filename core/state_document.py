"""docs/states.md: the declared lives of things, printed from the rooms' tables. A test keeps the two equal."""

from core.states import Workflow, declared_workflows

_HEAD = """# States

Printed by `flask docs states` from the tables in the rooms' `rules.py`; do not edit. `core.workflow` moves nothing
along a way that is not here.
"""


def render() -> str:
    """The document: for each declared life a diagram and a table of who may take which step."""
    return "\n".join([_HEAD, *(_section(workflow) for workflow in declared_workflows())])


def _section(workflow: Workflow) -> str:
    lines = [f"## {workflow.name}", "", "```mermaid", workflow.mermaid(), "```", ""]
    lines += ["| From | Action | To | Right | By somebody else than who did |", "|---|---|---|---|---|"]
    lines += [
        f"| {step.source} | {step.action} | {step.target} | {step.by.name if step.by else '—'} "
        f"| {', '.join(step.other_than) or '—'} |"
        for step in workflow.transitions
    ]
    return "\n".join([*lines, ""])
