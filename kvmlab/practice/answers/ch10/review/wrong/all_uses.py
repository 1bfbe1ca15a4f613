"""Every use of the table in add_route and clear_routes.

misconception: M1
feedback: Lines 18 and 19 stand inside `with w.vm_lock, w.routing_lock`: they are guarded.
"""

faulty_lines = {6, 18, 19, 20, 24}
