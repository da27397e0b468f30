"""Adapters from closed forms to curves, one model a file; importing this folder registers whatever lies in it."""

import importlib
import pkgutil

for _file in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_file.name}")
