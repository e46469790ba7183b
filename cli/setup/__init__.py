"""Sets up a checkout with nothing but Python's standard library.

`./anlan` runs this package with the machine's own Python; it brings what the asked command needs
and then becomes the command in the virtual environment. Nothing here may import a dependency.
"""
