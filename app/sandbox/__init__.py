"""The sandbox: an Esper that runs on this laptop, over a simulated fleet with a clock.

Invariant: it reads the contract on its own (nothing of `esper` or `store` is imported) and keeps its state in memory.
"""
