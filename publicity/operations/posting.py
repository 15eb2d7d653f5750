"""That a list hangs at its place: confirmed with the day and a photo of the board, and taken back (B8)."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from core import audit, clock
from core.bulk import among
from core.bulk_actions import BulkOutcome, Text
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.evidence import BroughtEvidence, extension_of
from core.msgid import N_
from core.pictures import CleanPicture
from core.principal import Principal
from core.reasons import checked_reason
from core.uploads import store_file
from publicity import rules
from publicity.models import PublicityList
from publicity.operations.lists import hold_rolls_of, note_windows
from publicity.queries import can_be_posted, lists_for

_NO_PHOTO = N_("这个村（或乡镇）的公示栏还没有照片。请先带照片登记这里的一张公示表。")


def confirm_posting(
    principal: Principal,
    ids: Sequence[int],
    posted_on: date,
    photo: CleanPicture | None,
    *,
    at: datetime,
) -> BulkOutcome:
    """Confirm that lists were put up on that day. ``photo`` shows one notice board: it stands for the lists that hang
    there. Without one, lists are confirmed by the day alone where their board has a photo already.

    A list on paper only hangs from that day on: its window is counted anew, and the roll's with it. Raises UserError
    where one photo is to stand for the boards of several villages. Lists that were confirmed before, that are down, or
    whose day cannot be are left alone, each with its reason.
    """
    principal.require(rules.CONFIRM_POSTING)
    rolls = hold_rolls_of(principal, ids)
    wanted = lists_for(principal).where(among(PublicityList.id, ids), can_be_posted())
    found = db.session.scalars(wanted.order_by(PublicityList.id)).all()
    refused: Counter[Text] = Counter()
    good = [shown for shown in found if _is_possible(shown, posted_on, refused, at)]
    if photo is not None and len({rules.board_of(shown.region_code) for shown in good}) > 1:
        raise UserError("一张照片只能证明一个公示栏。请按村分别登记，每个村一张照片。")
    if photo is None:
        with_photo = _boards_with_photo(good)
        bare = [shown for shown in good if _board_key(shown) not in with_photo]
        refused[_NO_PHOTO] += len(bare)
        good = [shown for shown in good if _board_key(shown) in with_photo]
    stored = store_file(photo.content, at=at) if photo and good else None
    for shown in good:
        shown.posted_on, shown.posted_at, shown.posted_by = posted_on, at, principal.recorded_name
        shown.photo_id = stored.id if stored else None
        if not shown.online:
            window = rules.paper_window(posted_on)
            shown.opens_on, shown.closes_on = window.opens_on, window.closes_on
    db.session.flush()
    note_windows(rolls)
    if good:
        audit.record(
            principal,
            "publicity.confirm_posting",
            "publicity_list",
            good[0].id if len(good) == 1 else "",
            at=at,
            lists=len(good),
            rolls=sorted({shown.roll_id for shown in good}),
            posted_on=posted_on.isoformat(),
            photo=stored is not None,
        )
    db.session.flush()
    refused[N_("已经登记过，或者已经撤下。")] += len(set(ids)) - len(found)
    return BulkOutcome(len(good), [(why, number) for why, number in refused.items() if number])


def _is_possible(shown: PublicityList, posted_on: date, refused: Counter[Text], at: datetime) -> bool:
    fault = rules.posting_fault(
        posted_on,
        made_on=clock.local_date(shown.created_at),
        closes_on=shown.closes_on,
        online=shown.online,
        today=clock.local_date(at),
    )
    if fault:
        refused[fault] += 1
    return not fault


def _board_key(shown: PublicityList) -> tuple[int, str, int, str]:
    """What one photo stands for: the lists of a round of a roll that hang at one board."""
    return shown.roll_id, shown.kind, shown.round, rules.board_of(shown.region_code)


def _boards_with_photo(lists: Sequence[PublicityList]) -> set[tuple[int, str, int, str]]:
    rolls = sorted({shown.roll_id for shown in lists})
    photographed = select(PublicityList).where(
        among(PublicityList.roll_id, rolls), PublicityList.photo_id.is_not(None), PublicityList.withdrawn_at.is_(None)
    )
    return {_board_key(shown) for shown in db.session.scalars(photographed)}


def withdraw_posting(principal: Principal, shown: PublicityList, reason: str, *, at: datetime) -> None:
    """Take back a confirmation that was a mistake. Raises NotVisible, UserError without a reason, Conflict where there
    is none, and where other lists were confirmed by its photo."""
    principal.require(rules.CONFIRM_POSTING)
    if not principal.sees_region(shown.region_code):
        raise NotVisible
    why = checked_reason(reason)
    rolls = hold_rolls_of(principal, [shown.id])
    db.session.refresh(shown)
    if shown.posted_on is None:
        raise Conflict("这张公示表还没有登记张贴。请刷新页面后再看。")
    shown.posted_on = shown.posted_at = shown.photo_id = None
    shown.posted_by = ""
    db.session.flush()
    board = rules.board_of(shown.region_code)
    beside = [other for other in _round_of(shown) if rules.board_of(other.region_code) == board and other.posted_on]
    if beside and not any(other.photo_id for other in beside):
        raise Conflict("同一个公示栏还有凭这张照片登记的公示表，请先撤销它们的登记。")
    note_windows(rolls)
    audit.record(principal, "publicity.withdraw_posting", "publicity_list", shown.id, at=at, reason=why)
    db.session.flush()


def _round_of(shown: PublicityList) -> Sequence[PublicityList]:
    return db.session.scalars(
        select(PublicityList).where(
            PublicityList.roll_id == shown.roll_id,
            PublicityList.kind == shown.kind,
            PublicityList.round == shown.round,
            PublicityList.withdrawn_at.is_(None),
        )
    ).all()


def read_posting_photo(principal: Principal, shown: PublicityList, *, at: datetime) -> BroughtEvidence:
    """The photo of the board (of a list that the caller found through the principal); every reading is on record.
    Raises NotVisible where there is none."""
    if shown.photo is None:
        raise NotVisible
    content = shown.photo.content
    audit.record(principal, "publicity.read_photo", "publicity_list", shown.id, at=at)
    db.session.flush()
    return BroughtEvidence(f"{shown.title}-张贴.{extension_of(content)}", content)
