"""Verbs that change the registry: regions come in, a masked value is revealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core import audit
from core.bulk import insert_columns, update_columns
from core.database import db
from core.errors import UserError
from core.identity import id_number_form
from core.principal import Principal
from registry import queries, rules
from registry.models import Beneficiary, Region
from registry.rules import PersonalField, ReadRegion, RegionChanges
