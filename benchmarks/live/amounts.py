"""How much the site on stage has, apart from what it takes to run it."""

#: What docs/operating.rst advises a site with threads to tell the C library about memory.
MEMORY = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072"}
#: More reviews than the page of all of them, and that of each title, show.
ALL_REVIEWS = 210
