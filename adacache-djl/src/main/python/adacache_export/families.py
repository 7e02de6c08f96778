"""The families of models that can be exported. A family is a module, or an object, with the names that open_sora has."""

from . import joint, latte_class, open_sora, wan
from .latte import LATTE, OPEN_SORA_PLAN

FAMILIES = {family.COMMAND: family for family in (open_sora, LATTE, OPEN_SORA_PLAN, latte_class, joint, wan)}
