"""The Dash pages: wall, alarms, orders, composer.

`register(dash_app, context)` gives the app its layout and callbacks. A page is a skeleton of elements
made here, in the reader's language; scripts in `app/assets` fill it from numbered live pushes and
change what differs in place. Pictures are made by callbacks from `app/charts`.
"""

from app.pages.register import register

__all__ = ["register"]
