import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
# What is loaded now stays loaded: the collector need not walk over it again and again.
gc.collect()
gc.freeze()
# A request makes some ten thousand objects and drops nearly all of them itself: looking after every 700 costs 4 %.
gc.set_threshold(20_000, 10, 10)
