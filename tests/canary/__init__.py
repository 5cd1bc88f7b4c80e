"""The leak canary: learns every secret as it is made, and looks for it wherever a test left traces.

``known`` is what to look for, ``hooks`` where secrets are born and traces are left, ``watch`` what one
test left, ``allowed`` the few places where a secret belongs, ``reports`` what error reports would say,
``plugin`` the fixture.
"""
