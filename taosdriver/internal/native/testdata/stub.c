/*
 * A libtaos for tests: the functions that package native uses, with the answers
 * that a test has put in by stub_answer and a count of what is open. It knows no
 * SQL but "sleep MS", which ends by itself or when it is killed.
 *
 *   cc -shared -fPIC -pthread -o libtaos.so stub.c
 *   -DVERSION='"3.0.5.0"'   another version
 *   -DWITHOUT_RAW_BLOCK, -DWITHOUT_STMT2, -DWITHOUT_OPTIONS,
 *   -DWITHOUT_SCHEMALESS, -DWITHOUT_TMQ     without these functions
 *   -DBROKEN                taos_init fails
 */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef VERSION
#define VERSION "3.3.7.5"
#endif

typedef void (*async_fn)(void *, void *, int);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t  change;

__attribute__((constructor)) static void set_up(void) {
  pthread_condattr_t attr;
  pthread_condattr_init(&attr);
#ifndef __APPLE__
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
#endif
  pthread_cond_init(&change, &attr);
}

/* ---- what tests see ---- */

enum { CONNECTIONS, RESULTS, STATEMENTS, KILLS, STOPS, CONFS, LISTS, CONSUMERS, RAWS, METAS, COUNTERS };
static int64_t counters[COUNTERS];

static void count(int what, int by) {
  pthread_mutex_lock(&mutex);
  counters[what] += by;
  pthread_mutex_unlock(&mutex);
}

int64_t stub_count(int what) {
  pthread_mutex_lock(&mutex);
  int64_t n = counters[what];
  pthread_mutex_unlock(&mutex);
  return n;
}

enum { LOG_CONNECT, LOG_OPTIONS, LOG_SESSION, LOG_BIND, LOG_SQL, LOG_LINES, LOG_TMQ, LOGS };
static char *logs[LOGS];

static void note(int what, const char *format, ...) {
  char    text[4096];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  pthread_mutex_lock(&mutex);
  size_t old = logs[what] ? strlen(logs[what]) : 0;
  logs[what] = realloc(logs[what], old + strlen(text) + 1);
  strcpy(logs[what] + old, text);
  pthread_mutex_unlock(&mutex);
}

/* stub_log returns what was noted since the last call; it is valid until the next. */
const char *stub_log(int what) {
  static char *handed_out;
  pthread_mutex_lock(&mutex);
  free(handed_out);
  handed_out = logs[what];
  logs[what] = NULL;
  pthread_mutex_unlock(&mutex);
  return handed_out ? handed_out : "";
}

typedef struct answer {
  char          *sql;
  int32_t        code;
  char          *message;
  int64_t        affected;
  int32_t        precision, columns;
  void          *fields;
  int32_t        blocks;
  void         **data;
  int32_t       *rows;
  int32_t        fetch_code, fetch_ms, call_ms;
  struct answer *next;
} answer;

static answer *answers;

/* stub_answer answers a statement from now on. stub_block adds a block to the last
 * one, stub_delay makes it and its fetches wait. fields is an array of TAOS_FIELD_E. */
void stub_answer(const char *sql, int32_t code, const char *message, int64_t affected, int32_t precision,
                 int32_t columns, const void *fields) {
  answer *a = calloc(1, sizeof *a);
  a->sql = strdup(sql);
  a->code = code;
  a->message = strdup(message);
  a->affected = affected;
  a->precision = precision;
  a->columns = columns;
  a->fields = malloc(72 * columns + 1);
  memcpy(a->fields, fields ? fields : "", 72 * columns);
  pthread_mutex_lock(&mutex);
  a->next = answers;
  answers = a;
  pthread_mutex_unlock(&mutex);
}

void stub_block(const void *data, int32_t length, int32_t rows) {
  pthread_mutex_lock(&mutex);
  answer *a = answers;
  a->data = realloc(a->data, sizeof(void *) * (a->blocks + 1));
  a->rows = realloc(a->rows, sizeof(int32_t) * (a->blocks + 1));
  a->data[a->blocks] = data ? malloc(length) : NULL;
  if (data) memcpy(a->data[a->blocks], data, length);
  a->rows[a->blocks++] = rows;
  pthread_mutex_unlock(&mutex);
}

void stub_delay(int32_t call_ms, int32_t fetch_ms, int32_t fetch_code) {
  pthread_mutex_lock(&mutex);
  answers->call_ms = call_ms;
  answers->fetch_ms = fetch_ms;
  answers->fetch_code = fetch_code;
  pthread_mutex_unlock(&mutex);
}

static answer *find(const char *sql) {
  answer *a = NULL;
  pthread_mutex_lock(&mutex);
  for (a = answers; a && strcmp(a->sql, sql); a = a->next) {
  }
  pthread_mutex_unlock(&mutex);
  return a;
}

/* ---- errors ---- */

static __thread int32_t last_code;
static __thread char    last_message[256];

static int32_t fail(int32_t code, const char *message) {
  last_code = code;
  snprintf(last_message, sizeof last_message, "%s", message);
  return code;
}

/* wait_until waits ms, or until *flag is set, and reports whether it is. */
static bool wait_until(int32_t ms, const bool *flag) {
  struct timespec end;
#ifdef __APPLE__
  clock_gettime(CLOCK_REALTIME, &end);
#else
  clock_gettime(CLOCK_MONOTONIC, &end);
#endif
  end.tv_sec += ms / 1000;
  end.tv_nsec += (long)(ms % 1000) * 1000000;
  if (end.tv_nsec >= 1000000000) {
    end.tv_sec++;
    end.tv_nsec -= 1000000000;
  }
  pthread_mutex_lock(&mutex);
  while (!*flag && pthread_cond_timedwait(&change, &mutex, &end) != ETIMEDOUT) {
  }
  bool set = *flag;
  pthread_mutex_unlock(&mutex);
  return set;
}

/* ---- connections ---- */

typedef struct {
  bool killed;
  int  running;
  char db[256];
} session;

const char *taos_get_client_info(void) { return VERSION; }

int taos_init(void) {
#ifdef BROKEN
  return fail(0x80000102, "no memory for a stub");
#endif
  return 0;
}

int taos_options(int option, const void *arg, ...) {
  note(LOG_OPTIONS, "%d=%s;", option, (const char *)arg);
  return 0;
}

static session *login(const char *user, const char *db) {
  if (!strcmp(user, "wrong")) {
    fail(0x80000357, "Authentication failure");
    return NULL;
  }
  if (!strcmp(user, "slow")) {
    bool never = false;
    wait_until(300, &never);
  }
  session *s = calloc(1, sizeof *s);
  snprintf(s->db, sizeof s->db, "%s", db);
  count(CONNECTIONS, 1);
  return s;
}

void *taos_connect(const char *ip, const char *user, const char *pass, const char *db, uint16_t port) {
  note(LOG_CONNECT, "%s|%s|%s|%s|%d;", ip ? ip : "NULL", user, pass, db, port);
  return login(user, db);
}

void *taos_connect_totp(const char *ip, const char *user, const char *pass, const char *totp, const char *db, uint16_t port) {
  note(LOG_CONNECT, "%s|%s|%s|%s|%s|%d;", ip ? ip : "NULL", user, pass, totp, db, port);
  return login(user, db);
}

void *taos_connect_token(const char *ip, const char *token, const char *db, uint16_t port) {
  note(LOG_CONNECT, "%s|%s|%s|%d;", ip ? ip : "NULL", token, db, port);
  return login("", db);
}

void taos_close(void *taos) {
  session *s = taos;
  pthread_mutex_lock(&mutex);
  if (s->running) abort(); /* closed under a call */
  pthread_mutex_unlock(&mutex);
  count(CONNECTIONS, -1);
  memset(s, 0xee, sizeof *s);
  free(s);
}

int taos_select_db(void *taos, const char *db) {
  if (!strcmp(db, "none")) return fail(0x80000388, "Database not exist");
  snprintf(((session *)taos)->db, sizeof((session *)taos)->db, "%s", db);
  note(LOG_SESSION, "use=%s;", db);
  return 0;
}

void taos_reset_current_db(void *taos) {
  ((session *)taos)->db[0] = 0;
  note(LOG_SESSION, "use=;");
}

int taos_get_current_db(void *taos, char *database, int len, int *required) {
  snprintf(database, len, "%s", ((session *)taos)->db);
  *required = (int)strlen(((session *)taos)->db) + 1;
  return 0;
}

const char *taos_get_server_info(void *taos) { return "ver:" VERSION; }

#ifndef WITHOUT_OPTIONS
int taos_options_connection(void *taos, int option, const void *arg, ...) {
  if (option == 1 && !strcmp(arg, "UTC")) return fail(0x80000118, "no time zone data");
  note(LOG_SESSION, "%d=%s;", option, (const char *)arg);
  return 0;
}
#endif

int taos_set_conn_mode(void *taos, int mode, int value) {
  note(LOG_SESSION, "mode %d=%d;", mode, value);
  return 0;
}

/* ---- results ---- */

typedef struct {
  answer  own; /* of errors */
  answer *a;
  int     next;
  bool    stopped, busy, freed;
} result;

static result *make_result(answer *a) {
  result *r = calloc(1, sizeof *r);
  r->a = a ? a : &r->own;
  count(RESULTS, 1);
  return r;
}

static void *run(session *s, const char *sql, int64_t reqid) {
  note(LOG_SQL, "%lld %s;", (long long)reqid, sql);
  pthread_mutex_lock(&mutex);
  s->running++;
  s->killed = false;
  pthread_mutex_unlock(&mutex);
  answer *a = find(sql);
  result *r = make_result(a);
  int32_t ms = a ? a->call_ms : 0;
  if (!strncmp(sql, "sleep ", 6)) ms = atoi(sql + 6);
  if (!a && strncmp(sql, "sleep ", 6)) {
    r->own.code = 0x80002600;
    r->own.message = "syntax error in the stub";
  }
  if (ms && wait_until(ms, &s->killed)) {
    r->a = &r->own;
    r->own.code = 0x8000022d;
    r->own.message = "query killed";
  }
  pthread_mutex_lock(&mutex);
  s->running--;
  pthread_mutex_unlock(&mutex);
  return r;
}

void *taos_query_with_reqid(void *taos, const char *sql, int64_t reqid) {
  if (!strcmp(sql, "null")) {
    fail(0x80000213, "Disconnected from server");
    return NULL;
  }
  return run(taos, sql, reqid);
}

void taos_kill_query(void *taos) {
  count(KILLS, 1);
  pthread_mutex_lock(&mutex);
  ((session *)taos)->killed = true;
  pthread_cond_broadcast(&change);
  pthread_mutex_unlock(&mutex);
}

void taos_stop_query(void *res) {
  count(STOPS, 1);
  pthread_mutex_lock(&mutex);
  result *r = res;
  if (r->freed) abort(); /* stopped after it was freed */
  r->stopped = true;
  pthread_cond_broadcast(&change);
  pthread_mutex_unlock(&mutex);
}

int taos_errno(void *res) { return res ? ((result *)res)->a->code : last_code; }

const char *taos_errstr(void *res) {
  if (!res) return last_message;
  return ((result *)res)->a->message ? ((result *)res)->a->message : "success";
}

bool    taos_is_update_query(void *res) { return ((result *)res)->a->columns == 0; }
int64_t taos_affected_rows64(void *res) { return ((result *)res)->a->affected; }
int     taos_num_fields(void *res) { return ((result *)res)->a->columns; }
void   *taos_fetch_fields_e(void *res) { return ((result *)res)->a->fields; }
int     taos_result_precision(void *res) { return ((result *)res)->a->precision; }

#ifndef WITHOUT_RAW_BLOCK
int taos_fetch_raw_block(void *res, int *rows, void **data) {
  result *r = res;
  *rows = 0;
  *data = NULL;
  pthread_mutex_lock(&mutex);
  if (r->busy || r->freed) abort(); /* two threads in one result */
  r->busy = true;
  pthread_mutex_unlock(&mutex);
  int code = 0;
  if (r->a->fetch_ms && wait_until(r->a->fetch_ms, &r->stopped)) {
    code = 0x8000022d;
  } else if (r->a->fetch_code && r->next > 0) {
    code = r->a->fetch_code;
  } else if (r->next < r->a->blocks) {
    *rows = r->a->rows[r->next];
    *data = r->a->data[r->next++];
  }
  pthread_mutex_lock(&mutex);
  r->busy = false;
  pthread_mutex_unlock(&mutex);
  return code;
}
#endif

void taos_free_result(void *res) {
  result *r = res;
  pthread_mutex_lock(&mutex);
  if (r->busy || r->freed) abort(); /* freed twice, or under a fetch */
  r->freed = true;
  pthread_mutex_unlock(&mutex);
  count(RESULTS, -1);
  /* The memory stays, so that a use of it afterwards is noticed. */
}

/* ---- prepared statements ---- */

#ifndef WITHOUT_STMT2
typedef struct {
  int64_t  reqid;
  bool     single_stb, single_bind;
  async_fn fn;
  void    *userdata;
} stmt_option;

typedef struct {
  int      type;
  void    *buffer;
  int32_t *length;
  char    *is_null;
  int      num;
} bind;

typedef struct {
  int    count;
  char **tbnames;
  bind **tags;
  bind **cols;
} bindv;

typedef struct {
  session *s;
  answer  *a;
  char    *sql;
  int64_t  reqid;
  int      bound, executed, fields_out;
  int      tags, cols;
  result  *res;
  char     message[128];
} stmt;

void *taos_stmt2_init(void *taos, stmt_option *o) {
  stmt *t = calloc(1, sizeof *t);
  t->s = taos;
  t->reqid = o->reqid;
  note(LOG_BIND, "init %d %d;", o->single_stb, o->single_bind);
  if (o->fn || o->userdata) abort();
  count(STATEMENTS, 1);
  return t;
}

static int refuse(stmt *t, int32_t code, const char *message) {
  snprintf(t->message, sizeof t->message, "%s", message);
  return code;
}

/* The fields of a statement's answer are its placeholders, TAOS_FIELD_E with the role
 * in precision's place for want of another; those of a query are of its result. */
int taos_stmt2_prepare(void *p, const char *sql, unsigned long length) {
  stmt *t = p;
  if (length != strlen(sql)) abort();
  t->sql = strdup(sql);
  t->a = find(sql);
  if (!t->a) return refuse(t, 0x80002600, "syntax error in the stub");
  if (t->a->code) return refuse(t, t->a->code, t->a->message);
  return 0;
}

int taos_stmt2_is_insert(void *p, int *insert) {
  *insert = !strncmp(((stmt *)p)->sql, "insert", 6);
  return 0;
}

int taos_stmt2_get_fields(void *p, int *number, void **fields) {
  stmt *t = p;
  *fields = NULL;
  if (strncmp(t->sql, "insert", 6)) {
    *number = 0;
    for (const char *c = t->sql; *c; c++) *number += *c == '?';
    return 0;
  }
  *number = t->a->columns;
  char *all = calloc(*number + 1, 76);
  for (int i = 0; i < *number; i++) {
    const char *from = (const char *)t->a->fields + 72 * i;
    memcpy(all + 76 * i, from, 72);
    all[76 * i + 72] = from[66];
    all[76 * i + 66] = t->a->precision;
    t->tags += from[66] == 2;
    t->cols += from[66] == 1;
  }
  t->fields_out++;
  *fields = all;
  return 0;
}

void taos_stmt2_free_fields(void *p, void *fields) {
  ((stmt *)p)->fields_out--;
  free(fields);
}

static void note_bind(const bind *b) {
  int32_t at = 0;
  note(LOG_BIND, " %d[", b->type);
  for (int i = 0; i < b->num; i++) {
    const unsigned char *v = b->buffer;
    int                  width = 0;
    if (b->length) {
      width = b->length[i];
      v += at;
      at += width;
    } else if (v) {
      static const int widths[] = {1, 1, 1, 2, 4, 8, 4, 8, 0, 8, 0, 1, 2, 4, 8, 0, 0, 16, 0, 0, 0, 8};
      width = widths[b->type];
      v += width * i;
    }
    note(LOG_BIND, i ? "," : "");
    if (b->is_null[i]) {
      note(LOG_BIND, b->is_null[i] == 1 ? "null" : "none");
      continue;
    }
    for (int k = 0; k < width; k++) note(LOG_BIND, "%02x", v[k]);
  }
  note(LOG_BIND, "]");
}

int taos_stmt2_bind_param(void *p, bindv *v, int32_t column) {
  stmt *t = p;
  if (column != -1) abort();
  bool query = strncmp(t->sql, "insert", 6);
  int  cols = t->cols;
  if (query) {
    for (const char *c = t->sql; *c; c++) cols += *c == '?';
  }
  for (int i = 0; i < v->count; i++) {
    note(LOG_BIND, "%s:", v->tbnames ? v->tbnames[i] : "-");
    for (int k = 0; v->tags && k < t->tags; k++) note_bind(&v->tags[i][k]);
    note(LOG_BIND, " |");
    for (int k = 0; v->cols && k < cols; k++) note_bind(&v->cols[i][k]);
    note(LOG_BIND, ";");
    if (v->cols) t->bound += v->cols[i][0].num;
  }
  if (t->a->fetch_code == 0x80000200) return refuse(t, 0x80000200, "column type mis-match");
  return 0;
}

int taos_stmt2_exec(void *p, int *affected) {
  stmt *t = p;
  if (!t->bound) abort(); /* as the real one does */
  note(LOG_BIND, "exec %lld;", (long long)t->reqid);
  pthread_mutex_lock(&mutex);
  t->s->running++;
  t->s->killed = false;
  pthread_mutex_unlock(&mutex);
  bool killed = t->a->call_ms && wait_until(t->a->call_ms, &t->s->killed);
  pthread_mutex_lock(&mutex);
  t->s->running--;
  pthread_mutex_unlock(&mutex);
  if (killed) return refuse(t, 0x8000022d, "query killed");
  *affected = t->bound;
  t->executed = 1;
  t->bound = 0;
  return 0;
}

void *taos_stmt2_result(void *p) {
  stmt *t = p;
  if (!t->executed) abort();
  if (!t->res) {
    t->res = calloc(1, sizeof(result));
    t->res->a = t->a;
  }
  t->res->next = 0;
  t->res->stopped = false;
  return t->res;
}

const char *taos_stmt2_error(void *p) { return ((stmt *)p)->message; }

int taos_stmt2_close(void *p) {
  stmt *t = p;
  if (t->fields_out) abort();
  if (t->res && t->res->busy) abort();
  count(STATEMENTS, -1);
  free(t->sql);
  memset(t, 0xee, sizeof *t);
  free(t);
  return 0;
}
#endif

/* ---- schemaless ---- */

#ifndef WITHOUT_SCHEMALESS
void *taos_schemaless_insert_raw_ttl_with_reqid_tbname_key(void *taos, char *lines, int len, int32_t *total, int protocol,
                                                           int precision, int32_t ttl, int64_t reqid, char *key) {
  note(LOG_LINES, "%d %d %d %lld %s [%.*s];", protocol, precision, ttl, (long long)reqid, key ? key : "NULL", len, lines);
  result *r = make_result(NULL);
  *total = 0;
  for (int i = 0; i < len; i++) *total += lines[i] == '\n' || i == len - 1;

  if (strstr(lines, "broken")) {
    r->own.code = 0x80003002;
    r->own.message = "Invalid data format: broken";
  }
  lines[0] = 33; /* the real one writes to them too */
  r->own.affected = *total;
  return r;
}
#endif

/* ---- subscriptions ---- */

#ifndef WITHOUT_TMQ
typedef struct message {
  int             type, vgroup;
  int64_t         offset;
  char           *topic, *db, *meta;
  void           *raw;
  uint32_t        length;
  uint16_t        raw_type;
  struct message *next;
} message;

static message *messages;

/* stub_message is handed out by the next poll; a poll waits for one. */
void stub_message(int type, const char *topic, const char *db, int vgroup, int64_t offset, const void *raw,
                  int32_t length, int raw_type, const char *meta) {
  message *m = calloc(1, sizeof *m), **end;
  m->type = type;
  m->topic = strdup(topic);
  m->db = strdup(db);
  m->vgroup = vgroup;
  m->offset = offset;
  m->length = length;
  m->raw_type = raw_type;
  m->raw = length ? malloc(length) : NULL;
  if (length) memcpy(m->raw, raw, length);
  m->meta = meta[0] ? strdup(meta) : NULL;
  pthread_mutex_lock(&mutex);
  for (end = &messages; *end; end = &(*end)->next) {
  }
  *end = m;
  pthread_cond_broadcast(&change);
  pthread_mutex_unlock(&mutex);
}

/* A TAOS_RES of a poll begins like one of a query as far as it is freed. */
typedef struct {
  result   r;
  message *m;
} polled;

typedef struct {
  bool busy, closed;
  char topics[256];
} consumer;

static void enter(consumer *c) {
  pthread_mutex_lock(&mutex);
  if (c->busy || c->closed) abort(); /* two threads in one consumer */
  c->busy = true;
  pthread_mutex_unlock(&mutex);
}

static int leave(consumer *c, int code) {
  pthread_mutex_lock(&mutex);
  c->busy = false;
  pthread_mutex_unlock(&mutex);
  return code;
}

void *tmq_conf_new(void) {
  count(CONFS, 1);
  return malloc(1);
}

int tmq_conf_set(void *conf, const char *key, const char *value) {
  note(LOG_TMQ, "%s=%s;", key, value);
  if (!strcmp(key, "unknown.key")) return -2;
  if (!strcmp(value, "bad value")) return -1;
  return 0;
}

void tmq_conf_destroy(void *conf) {
  count(CONFS, -1);
  free(conf);
}

typedef struct {
  int   n;
  char *topics[16];
} topic_list;

void *tmq_list_new(void) {
  count(LISTS, 1);
  return calloc(1, sizeof(topic_list));
}

int tmq_list_append(void *p, const char *topic) {
  topic_list *l = p;
  if (l->n == 16) return 0x80000102;
  l->topics[l->n++] = strdup(topic);
  return 0;
}

void tmq_list_destroy(void *p) {
  topic_list *l = p;
  for (int i = 0; i < l->n; i++) free(l->topics[i]);
  free(l);
  count(LISTS, -1);
}

int    tmq_list_get_size(const void *p) { return ((const topic_list *)p)->n; }
char **tmq_list_to_c_array(const void *p) { return ((topic_list *)p)->topics; }

void *tmq_consumer_new(void *conf, char *message, int32_t size) {
  if (stub_count(CONSUMERS) >= 8) {
    snprintf(message, size, "too many consumers for a stub");
    fail(0x80000357, "Authentication failure");
    return NULL;
  }
  count(CONSUMERS, 1);
  return calloc(1, sizeof(consumer));
}

int tmq_consumer_close(void *p) {
  consumer *c = p;
  enter(c);
  c->closed = true;
  count(CONSUMERS, -1);
  return 0; /* the memory stays, so that a use of it is noticed */
}

void *tmq_get_connect(void *p) { return p; }

int tmq_subscribe(void *p, const void *list) {
  consumer         *c = p;
  const topic_list *l = list;
  enter(c);
  c->topics[0] = 0;
  for (int i = 0; i < l->n; i++) {
    if (!strcmp(l->topics[i], "none")) return leave(c, 0x800003e1);
    snprintf(c->topics + strlen(c->topics), sizeof c->topics - strlen(c->topics), "%s,", l->topics[i]);
  }
  return leave(c, 0);
}

int tmq_unsubscribe(void *p) {
  enter(p);
  ((consumer *)p)->topics[0] = 0;
  return leave(p, 0);
}

int tmq_subscription(void *p, void **list) {
  enter(p);
  *list = tmq_list_new();
  char all[256], *at = all, *end;
  snprintf(all, sizeof all, "%s", ((consumer *)p)->topics);
  for (; (end = strchr(at, ',')); at = end + 1) {
    *end = 0;
    tmq_list_append(*list, at);
  }
  return leave(p, 0);
}

void *tmq_consumer_poll(void *p, int64_t ms) {
  consumer *c = p;
  enter(c);
  fail(0, "");
  struct timespec end;
#ifdef __APPLE__
  clock_gettime(CLOCK_REALTIME, &end);
#else
  clock_gettime(CLOCK_MONOTONIC, &end);
#endif
  end.tv_nsec += (ms % 1000) * 1000000;
  end.tv_sec += ms / 1000 + end.tv_nsec / 1000000000;
  end.tv_nsec %= 1000000000;
  pthread_mutex_lock(&mutex);
  while (!messages && pthread_cond_timedwait(&change, &mutex, &end) != ETIMEDOUT) {
  }
  message *m = messages;
  if (m) messages = m->next;
  pthread_mutex_unlock(&mutex);
  leave(c, 0);
  if (!m) return NULL;
  if (m->type < 0) {
    fail(m->type, "");
    return NULL;
  }
  count(RESULTS, 1);
  polled *r = calloc(1, sizeof *r);
  r->m = m;
  return r;
}

int tmq_commit_sync(void *p, const void *res) {
  enter(p);
  note(LOG_TMQ, "commit %s;", res ? "message" : "all");
  return leave(p, 0);
}

int tmq_commit_offset_sync(void *p, const char *topic, int32_t vgroup, int64_t offset) {
  enter(p);
  note(LOG_TMQ, "commit %s %d %lld;", topic, vgroup, (long long)offset);
  return leave(p, vgroup == 404 ? 0x80004008 : 0);
}

typedef struct {
  int32_t vgroup;
  int64_t offset, begin, end;
} assigned;

int tmq_get_topic_assignment(void *p, const char *topic, assigned **list, int32_t *n) {
  enter(p);
  *list = NULL;
  *n = 0;
  if (!strcmp(topic, "none")) return leave(p, 0x80004009);
  count(LISTS, 1);
  *list = calloc(2, sizeof **list);
  (*list)[0] = (assigned){3, 10, 1, 20};
  (*list)[1] = (assigned){4, -1, 0, 1LL << 40};
  *n = 2;
  return leave(p, 0);
}

void tmq_free_assignment(assigned *list) {
  count(LISTS, -1);
  free(list);
}

int tmq_offset_seek(void *p, const char *topic, int32_t vgroup, int64_t offset) {
  enter(p);
  note(LOG_TMQ, "seek %s %d %lld;", topic, vgroup, (long long)offset);
  return leave(p, offset > 100 ? 0x80004007 : 0);
}

int64_t tmq_position(void *p, const char *topic, int32_t vgroup) { return vgroup == 404 ? (int32_t)0x80004008 : vgroup * 10; }
int64_t tmq_committed(void *p, const char *topic, int32_t vgroup) { return vgroup == 3 ? (int32_t)0x80004011 : vgroup; }

int         tmq_get_res_type(void *res) { return ((polled *)res)->m->type; }
const char *tmq_get_topic_name(void *res) { return ((polled *)res)->m->topic; }
const char *tmq_get_db_name(void *res) { return ((polled *)res)->m->db; }
int32_t     tmq_get_vgroup_id(void *res) { return ((polled *)res)->m->vgroup; }
int64_t     tmq_get_vgroup_offset(void *res) { return ((polled *)res)->m->offset; }

typedef struct {
  void    *raw;
  uint32_t length;
  uint16_t type;
} raw_data;

int tmq_get_raw(void *res, raw_data *raw) {
  message *m = ((polled *)res)->m;
  count(RAWS, 1);
  raw->raw = m->raw;
  raw->length = m->length;
  raw->type = m->raw_type;
  return 0;
}

void tmq_free_raw(raw_data raw) {
  if (raw.length && ((char *)raw.raw)[0] == 0x7f) abort(); /* never a raw message */
  note(LOG_TMQ, "free raw %u %u;", raw.length, raw.type);
  count(RAWS, -1);
}

char *tmq_get_json_meta(void *res) {
  message *m = ((polled *)res)->m;
  if (!m->meta) return NULL;
  count(METAS, 1);
  return strdup(m->meta);
}

void tmq_free_json_meta(char *meta) {
  count(METAS, -1);
  free(meta);
}

const char *tmq_err2str(int32_t code) { return code == (int32_t)0x800003e1 ? "Topic not exist" : "an error of a stub"; }
#endif
