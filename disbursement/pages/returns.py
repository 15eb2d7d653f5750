"""The pages of return orders: what is owed by when, and each order from its proposal to the bank voucher."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from core import listing_pages, workflow
from core.bulk_actions import BulkAction, BulkOutcome
from core.principal import Principal
from core.web import current_principal, press
from disbursement import operations, queries, rules
from disbursement.door import blueprint
from disbursement.failure_forms import CreditForm
from disbursement.listings import RETURN_PAYMENTS, RETURNABLE, RETURNS
from disbursement.models import Batch, ReturnOrder
from disbursement.words import RETURN_ACTIONS, RETURN_STATES


@blueprint.route("/returns", methods=["GET", "POST"])
def returns() -> ResponseReturnValue:
    """All return orders, with what should be in one above them, the earliest due first."""
    principal = current_principal()
    principal.require(rules.SEE_BALANCE)
    return listing_pages.serve(
        RETURNS,
        queries.visible_returns(principal),
        "disbursement/returns.html",
        owed=queries.owed_returns(principal),
        may_propose=principal.may(rules.PROPOSE_RETURN),
    )


def _proposing(batch: Batch) -> BulkAction:
    def act(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        order = operations.propose_return(principal, batch, ids, reason, at=at)
        return BulkOutcome(order.line_count)

    return BulkAction(
        "propose",
        lazy_gettext("提出退回"),
        rules.PROPOSE_RETURN,
        lazy_gettext("这些钱不再发给本人，退回财政。要由财政局另一位同事批准；入账以前可以撤回。"),
        act,
        needs_reason=True,
        reason_label=lazy_gettext("为什么不再发放"),
    )


@blueprint.route("/returns/new/<int:batch_id>", methods=["GET", "POST"])
def new_return(batch_id: int) -> ResponseReturnValue:
    """The payments of a batch that can be returned: ticked, and proposed with a reason."""
    principal = current_principal()
    principal.require(rules.PROPOSE_RETURN)
    batch = queries.get_batch(principal, batch_id)
    return listing_pages.serve(
        replace(RETURNABLE, actions=(_proposing(batch),)),
        queries.returnable_payments(principal, batch),
        "disbursement/new_return.html",
        batch=batch,
    )


@blueprint.route("/returns/<int:order_id>", methods=["GET", "POST"])
def return_order(order_id: int) -> ResponseReturnValue:
    """One return order with its payments, its history, and what can be done with it."""
    return _order_page(queries.get_return(current_principal(), order_id), CreditForm(formdata=None))


def _order_page(order: ReturnOrder, form: CreditForm) -> ResponseReturnValue:
    principal = current_principal()
    steps = workflow.history(rules.RETURN_WORKFLOW, order.id)
    return listing_pages.serve(
        RETURN_PAYMENTS,
        queries.payments_of_return(principal, order),
        "disbursement/return_order.html",
        order=order,
        form=form,
        steps=steps,
        proposed_it=any(step.action == "propose" and step.official_id == principal.official_id for step in steps),
        reversals=queries.reversals_of(order),
        credited_it=any(step.action == "credit" and step.official_id == principal.official_id for step in steps[-1:]),
        may_withdraw=principal.may(rules.CREDIT_RETURN)
        or (order.state == "proposed" and order.organisation_id == principal.organisation_id),
        rules=rules,
        RETURN_STATES=RETURN_STATES,
        RETURN_ACTIONS=RETURN_ACTIONS,
    )


def _act(order_id: int, act: Callable[[ReturnOrder], object], done: str) -> ResponseReturnValue:
    found = queries.get_return(current_principal(), order_id)
    return press(
        lambda: act(found),
        done,
        url_for("disbursement.return_order", order_id=order_id),
    )


@blueprint.post("/returns/<int:order_id>/approve")
def approve_return(order_id: int) -> ResponseReturnValue:
    """Another finance official approves."""
    principal = current_principal()
    return _act(
        order_id,
        lambda order: operations.approve_return(principal, order, at=g.now),
        gettext("已批准。银行退回资金后，请登记入账凭证。"),
    )


@blueprint.post("/returns/<int:order_id>/withdraw")
def withdraw_return(order_id: int) -> ResponseReturnValue:
    """Take an order back."""
    principal, reason = current_principal(), request.form.get("reason", "")
    return _act(
        order_id,
        lambda order: operations.withdraw_return(principal, order, reason, at=g.now),
        gettext("退回单已撤回，明细回到原来的状态。"),
    )


@blueprint.post("/returns/<int:order_id>/credit")
def credit_return(order_id: int) -> ResponseReturnValue:
    """Record the voucher."""
    principal = current_principal()
    found = queries.get_return(principal, order_id)
    form = CreditForm()
    if not form.validate_on_submit() or form.voucher_on.data is None:
        for field in form:
            for sentence in field.errors:
                flash(f"{field.label.text}{gettext('：')}{sentence}", "danger")
        return redirect(url_for("disbursement.return_order", order_id=found.id))
    number, voucher_on, onwards = form.voucher_number.data or "", form.voucher_on.data, bool(form.to_next_year.data)
    return _act(
        order_id,
        lambda order: operations.credit_return(
            principal, order, voucher_number=number, voucher_on=voucher_on, to_next_year=onwards, at=g.now
        ),
        gettext("已登记入账。这笔钱又在资金计划里了。"),
    )


@blueprint.post("/returns/<int:order_id>/reverse")
def reverse_credit(order_id: int) -> ResponseReturnValue:
    """A second official writes the counter-entry of a wrong voucher."""
    principal, reason = current_principal(), request.form.get("reason", "")
    return _act(
        order_id,
        lambda order: operations.reverse_credit(principal, order, reason, at=g.now),
        gettext("已冲正。请照正确的银行凭证重新登记入账；钱确实没有退回的，等退回以后再登记。"),
    )
