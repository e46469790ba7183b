"""The whole system on embedded services, with an invented county under a typhoon.

`run` of `cli.commands.demo` calls the parts here: the users with random passwords, and the
programs which are kept running. The county and its simulated field are the drill's.
"""
