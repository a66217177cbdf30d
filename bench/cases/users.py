"""x"""

from bench.cases import memory

CASE = memory.CASE
