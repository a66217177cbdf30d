"""The load process: calls a server on this machine over kept connections and says how often and how fast it answers."""
