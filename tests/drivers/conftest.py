from hypothesis import settings

# How long an example takes says something about this machine, not about the law.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
