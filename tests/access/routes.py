"""All tables as one."""

from collections.abc import Mapping

from tests.access.routes_house import HOUSE
from tests.access.routes_money import MONEY
from tests.access.routes_people import PEOPLES
from tests.access.table import Entry, Route

ROUTES: Mapping[Route, Entry] = {**MONEY, **PEOPLES, **HOUSE}
