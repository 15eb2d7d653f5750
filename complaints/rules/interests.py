"""Which cases an official keeps out of for a standing interest, and whether somebody is left for every case."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.principal import region_prefix


@dataclass(frozen=True)
class InterestIn:
    """In an organisation, or in a place with all that lies in it: exactly one of the two."""

    organisation_id: int | None = None
    region_code: str | None = None

    def covers(self, region_code: str, about_id: int | None) -> bool:
        """Whether a case of that place about that organisation (None: about none) is his business."""
        if self.region_code is not None:
            return region_code.startswith(region_prefix(self.region_code))
        return about_id is not None and about_id == self.organisation_id


def places_of(region_code: str) -> tuple[str, ...]:
    """The codes of a place and of all that it lies in, prefecture to group: an interest in any of them covers it."""
    zeros = ((4, 8), (6, 6), (9, 3), (12, 0))
    wider = [region_code[:digits] + "0" * more for digits, more in zeros]
    return tuple(dict.fromkeys([*wider, region_code]))


def somebody_is_left(by_official: Iterable[Collection[InterestIn]]) -> bool:
    """Whether, of officials with these interests, at least one may have any case that could ever come: False where one
    case could meet an interest of each of them, and where there are no officials."""
    met: set[tuple[int | None, str]] = {(None, "")}
    for interests in by_official:
        met = {both for so_far in met for one in interests if (both := _together(so_far, one)) is not None}
    return not met


def _together(so_far: tuple[int | None, str], one: InterestIn) -> tuple[int | None, str] | None:
    """The organisation and the place that a case must have to meet what was met so far and this one; None for never:
    no case is about two organisations, or in two places that do not lie in each other."""
    about, place = so_far
    if one.region_code is None:
        return (one.organisation_id, place) if about in (None, one.organisation_id) else None
    prefix = region_prefix(one.region_code)
    if place.startswith(prefix):
        return so_far
    return (about, prefix) if prefix.startswith(place) else None
