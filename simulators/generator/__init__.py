"""Plants of any size for tests of scale: registers and traffic of 10 to 1,000,000 points.

    mix.yaml → population (who has which points) → files (register, rules, devices, plan)
                                                 → traffic (values of all points, incidents with truth)

Nothing is stored between the two: `plan.json` holds size, seed and centre, and everything follows from them.
"""
