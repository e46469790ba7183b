"""What people and other programs see: one ASGI app of Dash pages, REST interface, live push and login.

Others call `app.server.build_app(settings)`. Pages get an `app.context.AppContext` and register
themselves by `app.pages.register(dash_app, context)`. Everything else is private to this room.
"""
