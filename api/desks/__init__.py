"""The bureau's desk and the control room: warnings, orders, duty checks, commitments and shifts.

`policy.yaml` holds every figure; the pure parts decide (`levels`, `standing`, `warning_loop`,
`order_progress`, `duty_plan`, `commitment_day`, `handover`), the `*_desk` modules write.
"""
