"""The demo county's offices and officials: every role of the plan signs in with the same demo password."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from accounts.models import Official, OfficialRole, Organisation
from core.database import db
from core.principal import OrganisationKind as Kind
from core.principal import Role
from registry.models import Region

COUNTY = "513426000000"
PASSWORD = "yikatong-demo"  # noqa: S105 -- printed at every start of the demo, refused nowhere else
DEPARTMENTS = ("县民政局", "县农业农村局", "县林业和草原局", "县退役军人事务局", "县乡村振兴局")
SHOWN_TOWNSHIP = "513426100000"


@dataclass(frozen=True)
class SignIn:
    """One demo sign-in, and what it is good for."""

    username: str
    organisation: str
    does: str


SIGN_INS = (
    SignIn("township", "鲹鱼河镇人民政府", "上传花名册、提交"),
    SignIn("township-approver", "鲹鱼河镇人民政府", "审核花名册、公示、受理投诉"),
    SignIn("civil-affairs", "县民政局", "审批花名册"),
    SignIn("finance", "县财政局", "导入资金计划、确认批次、生成代发文件"),
    SignIn("finance-approver", "县财政局", "复核、督办逾期投诉"),
    SignIn("finance-chief", "县财政局", "月末关账、第二人审批"),
    SignIn("bank", "会东县农村商业银行", "领取代发文件、上传回盘"),
    SignIn("discipline", "县纪委监委", "问题线索、督办"),
    SignIn("audit", "县审计局", "只读"),
    SignIn("admin", "县财政局", "账号管理"),
)


def _offices(regions: list[Region]) -> list[tuple[Kind, str, str]]:
    county = [
        (Kind.FINANCE, "县财政局", COUNTY),
        (Kind.DISCIPLINE, "县纪委监委", COUNTY),
        (Kind.AUDIT, "县审计局", COUNTY),
        (Kind.HUMAN_RESOURCES, "县人力资源和社会保障局", COUNTY),
        (Kind.BANK, "会东县农村商业银行", COUNTY),
        *((Kind.DEPARTMENT, name, COUNTY) for name in DEPARTMENTS),
    ]
    townships = [
        (
            Kind.TOWNSHIP,
            f"{region.name}人民政府" if not region.name.endswith("街道") else f"{region.name}办事处",
            region.code,
        )
        for region in regions
        if region.level == "township"
    ]
    villages = [
        (Kind.VILLAGE, f"{region.name}村民委员会", region.code) for region in regions if region.level == "village"
    ]
    return county + townships + villages


def _people(offices: dict[str, int]) -> list[tuple[str, str, int, tuple[Role, ...]]]:
    shown = {
        "township": ("陈晓梅", (Role.PREPARER,)),
        "township-approver": ("马海·以沙", (Role.APPROVER, Role.COMPLAINT_HANDLER)),
        "civil-affairs": ("周永福", (Role.PREPARER, Role.APPROVER, Role.COMPLAINT_HANDLER)),
        "finance": ("林静", (Role.PREPARER, Role.COMPLAINT_HANDLER)),
        "finance-approver": ("赵国华", (Role.APPROVER, Role.COMPLAINT_HANDLER)),
        "finance-chief": ("李秀兰", (Role.APPROVER,)),
        "bank": ("吴敏", (Role.PREPARER,)),
        "discipline": ("沙马·日呷", (Role.PREPARER, Role.APPROVER, Role.COMPLAINT_HANDLER)),
        "audit": ("许成英", (Role.VIEWER,)),
        "admin": ("何刚", (Role.ADMINISTRATOR,)),
    }
    people = [
        (sign_in.username, shown[sign_in.username][0], offices[sign_in.organisation], shown[sign_in.username][1])
        for sign_in in SIGN_INS
    ]
    number = 0
    for name, organisation_id in offices.items():
        if name in {sign_in.organisation for sign_in in SIGN_INS}:
            continue
        number += 1
        people.append(
            (f"office{number:02d}", f"经办{number:02d}", organisation_id, (Role.PREPARER, Role.COMPLAINT_HANDLER))
        )
        people.append((f"office{number:02d}-approver", f"审核{number:02d}", organisation_id, (Role.APPROVER,)))
    return people


def build_offices(password_hash: str, *, at: datetime) -> None:
    """Enter offices of every kind, two officials in each. Needs the regions."""
    regions = list(db.session.scalars(select(Region).order_by(Region.code)))
    db.session.execute(
        insert(Organisation),
        [{"kind": kind.value, "name": name, "region_code": code} for kind, name, code in _offices(regions)],
    )
    by_code = {organisation.region_code: organisation for organisation in db.session.scalars(select(Organisation))}
    for region in regions:
        if region.level == "village":
            by_code[region.code].parent_id = by_code[region.parent_code or ""].id
    offices = {
        organisation.name: organisation.id
        for organisation in db.session.scalars(select(Organisation).where(Organisation.kind != Kind.VILLAGE.value))
    }
    for username, name, organisation_id, roles in _people(offices):
        db.session.add(
            Official(
                username=username,
                name=name,
                organisation_id=organisation_id,
                password_hash=password_hash,
                must_change_password=False,
                created_at=at,
                roles=[OfficialRole(role=role.value) for role in roles],
            )
        )
    db.session.flush()
