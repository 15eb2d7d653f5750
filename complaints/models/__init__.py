"""Complaints and their clocks, and what offices keep for their work at them."""

from complaints.models.cases import (
    NOTHING_DUE,
    Clock,
    Complaint,
    ComplaintAttachment,
    ComplaintEntry,
    Escalation,
    Extension,
    FollowedCalendar,
    Rating,
    Review,
)
from complaints.models.desk import (
    ApprovalSetting,
    DraftAnswer,
    Link,
    Opening,
    RoutingObjection,
    SavedView,
    Takeover,
    Wording,
)
from complaints.models.figures import DrawnForOfficial, DrawnPeriod
from complaints.models.interests import (
    Interest,
    Recusal,
)
from complaints.models.retention import (
    Hold,
    RetentionSetting,
)
from complaints.models.routing import (
    RoutingEntry,
    RoutingVersion,
)

__all__ = [
    "NOTHING_DUE",
    "ApprovalSetting",
    "Clock",
    "Complaint",
    "ComplaintAttachment",
    "ComplaintEntry",
    "DraftAnswer",
    "DrawnForOfficial",
    "DrawnPeriod",
    "Escalation",
    "Extension",
    "FollowedCalendar",
    "Hold",
    "Interest",
    "Link",
    "Opening",
    "Rating",
    "Recusal",
    "RetentionSetting",
    "Review",
    "RoutingEntry",
    "RoutingObjection",
    "RoutingVersion",
    "SavedView",
    "Takeover",
    "Wording",
]
