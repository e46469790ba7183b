"""Reading lists of stations, limits, people and devices from CSV and Excel files.

`import_file` is the one way in: all rows or none, every bad row named with its column, what is wrong
and what to do.
"""

from cli.imports.run import KINDS, Imported, ImportRefusedError, import_file

__all__ = ["KINDS", "ImportRefusedError", "Imported", "import_file"]
