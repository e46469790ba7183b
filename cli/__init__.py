"""The command `anlan`: set-up of a checkout, embedded services, supervised roles.

Others call `cli.services.Services` (a database, a broker and an SMS gateway of their own) and
write a command as `cli/commands/NAME.py`.
"""
