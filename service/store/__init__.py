"""Records that outlive a run: the only importer of SQLAlchemy."""

from otolith.service.store.audit import Audit
from otolith.service.store.boards import Boards
from otolith.service.store.people import People
from otolith.service.store.program_rows import DecisionRow, EnrolmentRow, LadderRow, SetRow
from otolith.service.store.programs import Change, EnrolmentRecords
from otolith.service.store.recordings import Recordings
from otolith.service.store.roles import Role
from otolith.service.store.rows import AuditRow, Page, RecordingRow, TareRow, TokenRow
from otolith.service.store.session_rows import PersonRow, RunRow, SessionRow, TrialRow
from otolith.service.store.sessions import Sessions
from otolith.service.store.store import Store
from otolith.service.store.tares import Tares
from otolith.service.store.tokens import Tokens

__all__ = [
    "Audit",
    "AuditRow",
    "Boards",
    "Change",
    "DecisionRow",
    "EnrolmentRecords",
    "EnrolmentRow",
    "LadderRow",
    "Page",
    "People",
    "PersonRow",
    "RecordingRow",
    "Recordings",
    "Role",
    "RunRow",
    "SessionRow",
    "Sessions",
    "SetRow",
    "Store",
    "TareRow",
    "Tares",
    "TokenRow",
    "Tokens",
    "TrialRow",
]
