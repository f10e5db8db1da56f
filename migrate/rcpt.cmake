# The recipient probe is a room of its own: it needs the SMTP core and io, and nothing of
# the copy engine.
cutover_room(migrate_rcpt SOURCES ${CMAKE_CURRENT_LIST_DIR}/rcpt.c DEPS base io migrate_smtp)
