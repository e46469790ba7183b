"""Orders (指令): everything that goes out to people, screens and loudspeakers, from draft to end.

Others may call, each with a connection whose transaction they own and, for a person's act, an `Actor`:

- `create_notice`: the evaluator's automatic notice to persons; `by_sms`: persons as its recipients.
- `Selection`, `Draft`, `preview`, `create_draft`, `edit_draft`, `draft_of`, `correct`: 拟稿 and 更正;
  `TEMPLATES`, `fill`, `facts_of`, `suggested`: texts to begin with.
- `waiting_for`, `approve`, `issue_in_emergency`, `countersign`: 审核, 签发, 紧急先行, 补签.
- `end`, `withdraw`, `give_up`, `call_again`: 解除, 撤回, a draft given up, 补叫.
- `alerts.orders.replies.take_oral_answer`: 代录, an answer that an officer heard.

What was sent and answered is read from `store.order_views`.
"""

from alerts.orders.actors import Actor
from alerts.orders.approvals import Step, approve, countersign, issue_in_emergency, steps_of, waiting_for
from alerts.orders.compose import Draft, Preview, correct, create_draft, draft_of, edit_draft, preview
from alerts.orders.lifecycle import call_again, end, give_up, withdraw
from alerts.orders.notices import by_sms, create_notice
from alerts.orders.selection import Chosen, Selection, resolve
from alerts.orders.templates import TEMPLATES, Facts, Filled, facts_of, fill, suggested

__all__ = [
    "Actor",
    "Chosen",
    "Draft",
    "Facts",
    "Filled",
    "Preview",
    "Selection",
    "Step",
    "TEMPLATES",
    "approve",
    "by_sms",
    "call_again",
    "correct",
    "countersign",
    "create_draft",
    "create_notice",
    "draft_of",
    "edit_draft",
    "end",
    "facts_of",
    "fill",
    "give_up",
    "issue_in_emergency",
    "preview",
    "resolve",
    "steps_of",
    "suggested",
    "waiting_for",
    "withdraw",
]
