"""Who watches us: the canary's flight through MQTT, evaluator, order and dispatch, and who looks from outside.

- `flight.order`: the evaluator's order for the canary's alarm; `flight.land`: its answer, by dispatch.
- `gauge.Canary`: the role `anlan canary`, the gauge that crosses its limit every minute.
- `watcher.Watcher`: the role `anlan watch` on a second machine, which calls by its own path.

What is late is judged in `core.watching`; the alarm about it is raised by `alerts.standing.watch`.
"""
