"""Scenarios: a draft policy beside the one in force, over many bills at once, equal to the engine to the fen.

`bills` are many bills as columns, `population` makes some up, `vector` and `settling` settle them, `comparing` says what
changes: pure, in columns of NumPy. `services` puts a comparison into the queue, `running` works it off.
"""
