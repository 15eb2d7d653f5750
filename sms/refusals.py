"""A phone says by SMS that it wants no arrival notices, or wants them again. The number is the network's word; whoever
forges it silences notices that the lookup shows all the same."""

from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from core.database import db
from sms.inbound import Said, inbound_word
from sms.models import Refusal


@inbound_word("退订")
def refuse(said: Said) -> str:
    """From now on no notices that may be refused."""
    insert: Any = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    row = {"phone_index": said.phone, "refused_at": said.at}
    db.session.execute(insert(Refusal.__table__).values(row).on_conflict_do_nothing())
    return "已退订到账通知。发放失败、要您办理的事情仍会通知您。想重新接收，请回复“恢复”。"


@inbound_word("恢复")
def take_back(said: Said) -> str:
    """Notices come again."""
    db.session.execute(delete(Refusal).where(Refusal.phone_index == said.phone))
    return "已恢复到账通知。不想接收，请回复“退订”。"
