"""All resources of the interface, below /api/v1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from app.api.alarms import alarm_routes
from app.api.backtests import backtest_routes
from app.api.beside_alarm import beside_alarm_routes
from app.api.corrections import correction_routes
from app.api.devices import device_routes
from app.api.duty import duty_routes
from app.api.duty_acts import duty_act_routes
from app.api.duty_plans import duty_plan_routes
from app.api.exports import export_routes
from app.api.forecasts import forecast_routes
from app.api.handovers import handover_routes
from app.api.heartbeat import heartbeat_routes
from app.api.inhibitions import inhibition_routes
from app.api.kpi import kpi_routes
from app.api.orders import order_routes
from app.api.out_of_service import out_of_service_routes
from app.api.quarantine import quarantine_routes
from app.api.rain import rain_routes
from app.api.raw_messages import raw_message_routes
from app.api.reports import report_routes
from app.api.requests import request_routes
from app.api.rollups import rollup_routes
from app.api.rules import rule_routes
from app.api.silences import silence_routes
from app.api.situation import situation_routes
from app.api.station_health import station_health_routes
from app.api.stations import station_routes
from app.api.thresholds import threshold_routes
from app.api.weather import weather_routes

if TYPE_CHECKING:
    from app.context import AppContext

ROOT = "/api/v1"


def api_routes(context: AppContext) -> APIRouter:
    """The whole interface."""
    router = APIRouter(prefix=ROOT)
    for routes in (
        station_routes,
        forecast_routes,
        correction_routes,
        export_routes,
        rollup_routes,
        rain_routes,
        alarm_routes,
        beside_alarm_routes,
        request_routes,
        out_of_service_routes,
        silence_routes,
        backtest_routes,
        threshold_routes,
        rule_routes,
        inhibition_routes,
        order_routes,
        device_routes,
        situation_routes,
        weather_routes,
        report_routes,
        station_health_routes,
        raw_message_routes,
        quarantine_routes,
        duty_routes,
        duty_act_routes,
        duty_plan_routes,
        handover_routes,
        heartbeat_routes,
        kpi_routes,
    ):
        router.include_router(routes(context))
    return router
