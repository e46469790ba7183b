"""From observation to answer: rules → alarms → orders → channels → receipts, answers, escalation.

Others may call: `alerts.acknowledge.acknowledge`, `alerts.shelve.shelve` and `unshelve` (a person's
acts on an alarm), `alerts.second_person` (suppressions that need two persons), `alerts.evaluator` (the role `anlan alerts`), and what `alerts.orders` offers.
"""
