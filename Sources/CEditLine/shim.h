// Terminals: libedit, with typed wrappers for its variadic functions, which Swift cannot call, and for the standard
// streams, which Swift 6 cannot name; and the C library's pseudo-terminals. No state of its own.
#pragma once
#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>

typedef char *(*editline_prompt_function)(EditLine *);
typedef unsigned char (*editline_key_function)(EditLine *, int);

// An editor on the standard streams; NULL if there is no memory.
static inline EditLine *editline_create(const char *program) {
  return el_init(program, stdin, stdout, stderr);
}

// The prompt; `escape` encloses characters that take no room.
static inline int editline_set_prompt(EditLine *editor, editline_prompt_function function, char escape) {
  return el_set(editor, EL_PROMPT_ESC, function, escape);
}

static inline int editline_set_emacs_keys(EditLine *editor) { return el_set(editor, EL_EDITOR, "emacs"); }

// Whether libedit restores the terminal and passes signals on.
static inline int editline_set_signals(EditLine *editor, int handles) { return el_set(editor, EL_SIGNAL, handles); }

static inline int editline_add_function(EditLine *editor, const char *name, const char *help,
                                        editline_key_function function) {
  return el_set(editor, EL_ADDFN, name, help, function);
}

static inline int editline_bind(EditLine *editor, const char *key, const char *function) {
  return el_set(editor, EL_BIND, key, function, NULL);
}

static inline int editline_set_client_data(EditLine *editor, void *data) {
  return el_set(editor, EL_CLIENTDATA, data);
}

static inline void *editline_client_data(EditLine *editor) {
  void *data = NULL;
  return el_get(editor, EL_CLIENTDATA, &data) == 0 ? data : NULL;
}

static inline int editline_use_history(EditLine *editor, History *entries) {
  return el_set(editor, EL_HIST, history, entries);
}

static inline int editline_history_set_capacity(History *entries, int capacity) {
  HistEvent event;
  return history(entries, &event, H_SETSIZE, capacity);
}

static inline int editline_history_set_unique(History *entries, int unique) {
  HistEvent event;
  return history(entries, &event, H_SETUNIQUE, unique);
}

static inline int editline_history_enter(History *entries, const char *line) {
  HistEvent event;
  return history(entries, &event, H_ENTER, line);
}

// Writes what libedit has buffered, before others write to the same terminal.
static inline void editline_flush(void) { fflush(stdout); }

// Pseudo-terminals (POSIX.1-2008, XSI): the C library's headers hide them unless a macro is defined before the first
// header is read, which is not for this one to say.
extern int posix_openpt(int flags);
extern int grantpt(int descriptor);
extern int unlockpt(int descriptor);
extern char *ptsname(int descriptor);

// The flag of posix_spawn for a new session, hidden likewise.
static const short terminal_spawn_new_session = 0x80;
