"""Serious suppressions need a second person: one proposes, another one allows it, all commanders are told.

Raising a limit, shelving red, taking out of service and silencing red may keep a flood from being heard.
So none of them is done by one person alone. What is proposed shows exactly what it silences; whoever allows
it signs the hash of that, and if it has changed meanwhile the request must be looked at again. Nothing of it
holds longer than 12 hours, but a changed limit, which stays until it is changed again.

A kind of suppression is two functions (`kinds`): its check in `CHECKS` (is it possible, where does it lie, what
does it silence) and its executor in `EXECUTORS` (do it, in the transaction of the approval). An executor finds the
second person in `request.decided_by`. Others may call what is named below.
"""

from alerts.second_person.acts import approve, expire_due, present, preview, propose, refuse
from alerts.second_person.kinds import EXECUTORS
from alerts.second_person.persons import why_not
from alerts.second_person.showing import check_detail
from core.requests import Affected, Proposal

__all__ = [
    "EXECUTORS",
    "Affected",
    "Proposal",
    "approve",
    "check_detail",
    "expire_due",
    "present",
    "preview",
    "propose",
    "refuse",
    "why_not",
]
