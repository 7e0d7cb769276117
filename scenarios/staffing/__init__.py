"""How many reviewers an area's queue needs: its work drawn at random, decided by simulated reviewers, many times over."""
