"""The life of a bank's manner of writing, as docs/states.md draws it: a decision without a database."""

from disbursement.rules import APPROVE_PROFILE, EDIT_PROFILE, profile_workflow


def test_one_official_enters_a_manner_of_writing_and_another_approves_it() -> None:
    workflow = profile_workflow("anything")
    assert (workflow.name, workflow.initial) == ("anything", "draft")
    assert [(step.source, step.action, step.target, step.by, step.other_than) for step in workflow.transitions] == [
        ("draft", "propose", "proposed", EDIT_PROFILE, ()),
        ("proposed", "approve", "approved", APPROVE_PROFILE, ("propose",)),
        ("proposed", "reject", "rejected", EDIT_PROFILE, ()),
        ("proposed", "withdraw", "withdrawn", EDIT_PROFILE, ()),
        ("approved", "supersede", "superseded", APPROVE_PROFILE, ()),
    ]
