"""Who may do what: roles, the acts that they allow, and the area that bounds them."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Roles of design.md: 查看, 现场, 值班员, 带班领导, 指挥长, administrator."""

    VIEWER = "viewer"
    FIELD = "field"
    DUTY = "duty"
    LEADER = "leader"
    COMMANDER = "commander"
    ADMINISTRATOR = "administrator"


class Act(StrEnum):
    """An act that needs a permission."""

    VIEW = "view"
    REPORT = "report"
    CLOSE_REPORT = "close_report"
    ACKNOWLEDGE = "acknowledge"
    SHELVE = "shelve"
    CORRECT_VALUE = "correct_value"
    READ_RAW = "read_raw"
    TEND_QUARANTINE = "tend_quarantine"
    DRAFT_ORDER = "draft_order"
    CHECK_ORDER = "check_order"
    ISSUE_ORDER = "issue_order"
    EMERGENCY_ORDER = "emergency_order"
    END_ORDER = "end_order"
    RESPONSE_LEVEL = "response_level"
    HAND_OVER = "hand_over"
    EDIT_ROSTER = "edit_roster"
    EDIT_CHAINS = "edit_chains"
    SET_LIMIT = "set_limit"
    ADMINISTER = "administer"


_TEND = frozenset({Act.READ_RAW, Act.TEND_QUARANTINE})
_DUTY = _TEND | {
    Act.VIEW, Act.REPORT, Act.ACKNOWLEDGE, Act.SHELVE, Act.CORRECT_VALUE, Act.DRAFT_ORDER,
    Act.HAND_OVER,
}  # fmt: skip
_LEADER = _DUTY | {
    Act.CHECK_ORDER, Act.EMERGENCY_ORDER, Act.END_ORDER, Act.CLOSE_REPORT, Act.EDIT_ROSTER,
    Act.SET_LIMIT,
}  # fmt: skip

ALLOWED: dict[Role, frozenset[Act]] = {
    Role.VIEWER: frozenset({Act.VIEW}),
    Role.FIELD: frozenset({Act.VIEW, Act.REPORT}),
    Role.DUTY: _DUTY,
    Role.LEADER: _LEADER,
    Role.COMMANDER: _LEADER | {Act.ISSUE_ORDER, Act.RESPONSE_LEVEL, Act.EDIT_CHAINS},
    Role.ADMINISTRATOR: _TEND | {Act.VIEW, Act.EDIT_ROSTER, Act.EDIT_CHAINS, Act.SET_LIMIT, Act.ADMINISTER},
}


def allows(role: Role, act: Act) -> bool:
    """True if the role includes the act (the area is checked beside it)."""
    return act in ALLOWED[role]
