"""The embedded services: a database, a broker and an SMS gateway of one state folder.

`Services(home)` starts and stops them and says how they are reached. Each state folder has its
own, with its own ports and secrets; tests start throw-away ones beside the checkout's.
"""

from cli.services._services import Services

__all__ = ["Services"]
