"""Dash's HTML elements without their generated types, which know no `data-` and `aria-` attributes."""

from __future__ import annotations

from typing import Any

from dash import html as _html

html: Any = _html
