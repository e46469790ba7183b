"""Pictures as plain plotly figure JSON: pure functions of what is known, never of a database."""
