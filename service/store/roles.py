"""What a token may do."""

from enum import StrEnum


class Role(StrEnum):
    """Each role may do what those before it may: ``viewer`` < ``operator`` < ``admin``."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def allows(self, needed: "Role") -> bool:
        """Whether somebody of this role may do what needs ``needed``."""
        order = list(Role)
        return order.index(self) >= order.index(needed)
