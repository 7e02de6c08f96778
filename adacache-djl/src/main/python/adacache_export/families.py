"""The families of models that can be exported. A family is a module with the names that open_sora has."""

from . import open_sora

FAMILIES = {family.COMMAND: family for family in (open_sora,)}
