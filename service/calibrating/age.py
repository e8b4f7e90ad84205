"""How old the calibration in use is, and whether that is too old."""

from datetime import UTC, datetime

from otolith.service.calibrating.content import Content
from otolith.service.shared import Shared
from otolith.service.state import CalibrationState


def calibrated(content: Content | None, shared: Shared) -> CalibrationState | None:
    """What the station says of a calibration file, now."""
    return None if content is None else state_of(content, shared.clock.now(), shared.config.calibration.due_days)


def state_of(content: Content, now: datetime, due_days: float) -> CalibrationState:
    """The same at this moment, due again after so many days."""
    age = age_days(content.conditions.date, now)
    stated = content.uncertainty
    return CalibrationState(
        hash=content.hash,
        version=content.version,
        kind=content.kind,
        date=content.conditions.date,
        by=content.conditions.by,
        age_days=age,
        due=age is not None and age > due_days,
        force_u_n=stated.force_n if stated else None,
        cop_u_mm=stated.cop_mm if stated else None,
        load_n=stated.load_n if stated else None,
    )


def age_days(date: str, now: datetime) -> int | None:
    """Whole days since an RFC 3339 date or time; None where it is none."""
    try:
        then = datetime.fromisoformat(date)
    except ValueError:
        return None
    aware = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0, (now - aware).days)
