/**
 * The schema of the workbench's own file, as numbered steps. A step that has been released is never changed;
 * a new one is added at the end and tested from every version before it.
 */

import type Database from 'better-sqlite3'
import { WorkbenchError } from '../../contract/error.ts'

/** Step n takes a file from version n to version n + 1. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE workspace (
    id TEXT PRIMARY KEY,
    layout TEXT NOT NULL,
    active_tab_id TEXT,
    used_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tab (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspace(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    title TEXT NOT NULL,
    instance_id TEXT,
    cursor_offset INTEGER NOT NULL,
    text_length INTEGER NOT NULL,
    version INTEGER NOT NULL,
    journal_bytes INTEGER NOT NULL,
    closed_at_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tab_of_workspace ON tab (workspace_id, closed_at_ms, position);

  -- The text of a tab as it was at version; the edits since then follow in tab_edit.
  CREATE TABLE tab_text (
    tab_id TEXT PRIMARY KEY REFERENCES tab(id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    utf16 BLOB NOT NULL
  ) STRICT;
  CREATE TABLE tab_edit (
    tab_id TEXT NOT NULL REFERENCES tab(id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    edits TEXT NOT NULL,
    PRIMARY KEY (tab_id, version)
  ) STRICT, WITHOUT ROWID;

  -- The text comes last, so that the other columns are read without following its overflow pages.
  CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    instance_name TEXT NOT NULL,
    started_at_ms INTEGER NOT NULL,
    status TEXT NOT NULL,
    duration_ms REAL,
    row_count INTEGER,
    command_tag TEXT,
    error_code TEXT,
    error_message TEXT,
    is_text_cut INTEGER NOT NULL,
    text_length INTEGER NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX history_running ON history (id) WHERE status = 'running';
  CREATE VIRTUAL TABLE history_words USING fts5 (
    text, content = 'history', content_rowid = 'id', tokenize = 'trigram'
  );
  CREATE TRIGGER history_after_insert AFTER INSERT ON history BEGIN
    INSERT INTO history_words (rowid, text) VALUES (new.id, new.text);
  END;
  CREATE TRIGGER history_after_delete AFTER DELETE ON history BEGIN
    INSERT INTO history_words (history_words, rowid, text) VALUES ('delete', old.id, old.text);
  END;

  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE endpoint (
    id TEXT PRIMARY KEY,
    options TEXT NOT NULL,
    password TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What ran, by fingerprint, and how long it took in each part of the time. What is read for one statement only
  -- stands apart, so that all of them are added up without it.
  CREATE TABLE statement (
    id INTEGER PRIMARY KEY,
    instance_id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    text TEXT NOT NULL,
    first_seen_ms INTEGER NOT NULL,
    last_seen_ms INTEGER NOT NULL,
    example TEXT,
    UNIQUE (instance_id, fingerprint)
  ) STRICT;
  CREATE INDEX statement_by_age ON statement (last_seen_ms);
  CREATE TABLE statement_part (
    start_ms INTEGER NOT NULL,
    statement_id INTEGER NOT NULL REFERENCES statement(id) ON DELETE CASCADE,
    length_ms INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    cache_hits INTEGER NOT NULL,
    total_ms REAL NOT NULL,
    max_ms REAL NOT NULL,
    wait_ms REAL NOT NULL,
    detail_bytes INTEGER NOT NULL,
    PRIMARY KEY (start_ms, statement_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX statement_part_of ON statement_part (statement_id, start_ms);
  CREATE TABLE statement_detail (
    start_ms INTEGER NOT NULL,
    statement_id INTEGER NOT NULL,
    histogram BLOB NOT NULL,
    errors TEXT NOT NULL,
    callers TEXT NOT NULL,
    PRIMARY KEY (start_ms, statement_id),
    FOREIGN KEY (start_ms, statement_id) REFERENCES statement_part ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
  ) STRICT;
  `,
  `
  -- The bytes come last, so that the other columns are read without following their overflow pages.
  CREATE TABLE sample_chunk (
    series_id TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    byte_count INTEGER NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX sample_chunk_of_series ON sample_chunk (series_id, start_ms);
  CREATE INDEX sample_chunk_by_age ON sample_chunk (end_ms, byte_count);
  `,
  `
  CREATE TABLE web_endpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    options TEXT NOT NULL
  ) STRICT;
  -- Of its secret only the hash is kept.
  CREATE TABLE web_token (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    instance_ids TEXT,
    access TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    last_used_at_ms INTEGER,
    expires_at_ms INTEGER
  ) STRICT;
  `,
]

/** 'WRDN' as a big-endian integer: marks the file as Wardian's (https://sqlite.org/pragma.html, application_id). */
const applicationId = 0x57524e44

/** Throws `unsupported` if a newer Wardian has written the file. Changes nothing. */
export function checkVersion(database: Database.Database): void {
  const version = versionOf(database)
  if (version <= migrations.length) return
  throw new WorkbenchError(
    'unsupported',
    `${database.name} was written by a newer Wardian (version ${version} of its schema, this one knows ` +
      `${migrations.length}). Update Wardian, or choose another directory with --data`,
  )
}

/** Brings the file to the newest version, each step in a transaction of its own. */
export function migrate(database: Database.Database): void {
  const version = versionOf(database)
  migrations.slice(version).forEach((step, index) => {
    database.transaction(() => {
      database.exec(step)
      database.pragma(`application_id = ${applicationId}`)
      database.pragma(`user_version = ${version + index + 1}`)
    })()
  })
}

function versionOf(database: Database.Database): number {
  return Number(database.pragma('user_version', { simple: true }))
}
