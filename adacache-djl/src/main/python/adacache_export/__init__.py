"""Writes AdaCache-ready TorchScript files: a published checkpoint goes in, one ``.pt`` comes out."""

__version__ = "0.1.0"


class ExportError(Exception):
    """Something the user has to know in one sentence; the command line prints it without a traceback."""
